"""Packs: what is in them, whether they are good, what members say of them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import (
    USAGE,
    AsJson,
    DatabaseUrl,
    print_json,
    print_table,
    reporting_problems,
    settings_for,
)

if TYPE_CHECKING:
    from content.model import Pack
    from content.quality.report import Measures

app = typer.Typer(help="Look at packs and check them.", no_args_is_help=True)

PackName = Annotated[str, typer.Argument(metavar="PACK", help="A pack's name or folder.")]


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """The packs that come with Studyhall."""
    from bot.settings import Settings
    from content import loader

    with reporting_problems():
        packs = [loader.load(folder, cache=Settings().cache) for folder in loader.list_bundled()]
    rows = [
        {
            "id": pack.id,
            "title": pack.title,
            "version": pack.version,
            "chapters": len(pack.chapters),
            "questions": len(pack.questions),
        }
        for pack in packs
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows)


@app.command("show")
def show(pack: PackName, as_json: AsJson = False) -> None:
    """A pack's outline; with --json the whole pack (docs/packs.md describes the shape)."""
    from content.exporting import export_pack

    loaded = _load(pack)
    if as_json:
        print_json(export_pack(loaded))
        return
    asked = Counter(question.topic for question in loaded.questions)
    typer.echo(f"{loaded.title} {loaded.version}, {loaded.license}")
    for chapter in loaded.chapters:
        typer.echo(f"\n{chapter.title} ({chapter.weight:g} %)")
        for unit in chapter.units:
            typer.echo(f"  {unit.title}")
            for topic in unit.topics:
                counts = f"{len(topic.notes)} notes, {asked[topic.id]} questions"
                typer.echo(f"    {topic.id}: {topic.title} ({counts})")


@app.command("check")
def check(pack: PackName, as_json: AsJson = False) -> None:
    """Whether a pack is valid and good enough to be asked; lists everything that is not."""
    from content.quality import examine

    report = examine(_load(pack, as_json=as_json))
    if as_json:
        print_json(report.as_dict())
    else:
        for finding in report.findings:
            typer.echo(f"{finding.where}: {finding.check}: {finding.message}")
        print_table(_transpose([_figures(part) for part in report.parts]))
        typer.echo("Good to be asked." if report.ok else f"{len(report.findings)} findings.")
    if not report.ok:
        raise typer.Exit(1)


def _figures(part: Measures) -> dict[str, object]:
    """A line of the check's table."""

    def share(count: int) -> str:
        return f"{count / part.questions:.0%}" if part.questions else ""

    return {
        "chapter": part.id,
        "topics": part.topics,
        "notes": part.notes,
        "untested": len(part.notes_untested),
        "questions": part.questions,
        "single": share(part.kinds.get("single", 0)),
        "apply": share(part.levels.get("apply", 0)),
        **{guess.strategy: f"{guess.accuracy:.0%}" for guess in part.guesses if guess.questions},
    }


@app.command("reports")
def list_reports(as_json: AsJson = False, database_url: DatabaseUrl = None) -> None:
    """What members reported to be wrong with questions, the newest first."""
    from bot import maintenance

    with reporting_problems():
        reports = maintenance.reports(settings_for(database_url))
    rows = [
        {
            "pack": report.pack,
            "question": report.question,
            "version": report.version,
            "reported": report.reported_at.isoformat(timespec="minutes"),
            "reason": report.reason,
        }
        for report in reports
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows)
    else:
        typer.echo("Nothing was reported.")


@app.command("try")
def try_answers(
    pack: PackName,
    question: Annotated[
        str,
        typer.Argument(help="A question's id; - reads a JSON object a line.", metavar="QUESTION"),
    ],
    text: Annotated[str, typer.Argument(help="What a member might type.")] = "",
    as_json: AsJson = False,
) -> None:
    """How a typed answer would be graded, and why.

    With - each line is an object with `question` and `text`, and so is each line that comes out.
    """
    from bot.engine.library import IndexedPack
    from bot.trying import NotTyped, try_answer

    loaded = IndexedPack(_load(pack, as_json=as_json))
    try:
        if question != "-":
            tried = try_answer(loaded, question, text)
            if as_json:
                print_json(tried.as_dict())
            else:
                typer.echo(str(tried))
            return
        for number, line in enumerate(sys.stdin, 1):
            if line.strip():
                asked, said = _read_tried(line, number)
                tried = try_answer(loaded, asked, said)
                typer.echo(
                    json.dumps(tried.as_dict(), ensure_ascii=False) if as_json else str(tried)
                )
    except NotTyped as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None


def _read_tried(line: str, number: int) -> tuple[str, str]:
    """The question and the text of an input line; ends the command where there are none."""
    try:
        match json.loads(line):
            case {"question": str(question), "text": str(text)}:
                return question, text
    except ValueError:
        pass
    typer.echo(
        f'line {number}: write an object like {{"question": "an-id", "text": "typed"}}', err=True
    )
    raise typer.Exit(USAGE)


@app.command("schema")
def print_schema() -> None:
    """JSON Schemas of a pack's files, for completion in editors."""
    from content.loader import build_schemas

    print_json(build_schemas())


def _load(pack: str, *, as_json: bool = False) -> Pack:
    from bot.settings import Settings
    from content import loader

    with reporting_problems(as_json=as_json):
        return loader.load(loader.find_pack(pack), cache=Settings().cache)


def _transpose(parts: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Turn figures into lines and parts into columns, which a terminal has room for."""
    name, *figures = parts[0]
    return [
        {name: figure} | {str(part[name]): part.get(figure, "") for part in parts}
        for figure in figures
    ]
