"""`studyhall pack`: list, show and check packs, try answers, read members' reports."""

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

app = typer.Typer(help="List, show, check and make packs.", no_args_is_help=True)

PackName = Annotated[str, typer.Argument(metavar="PACK", help="A pack's name or folder.")]


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """List the packs that come with Studyhall."""
    from content import loader

    with reporting_problems():
        packs = [
            loader.load(folder, cache=settings_for(None).cache) for folder in loader.list_bundled()
        ]
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
    """Show a pack's outline, or with --json the whole pack (format: docs/packs.md)."""
    from content.exporting import export_pack
    from content.language.plural import count

    loaded = _load_pack(pack)
    if as_json:
        print_json(export_pack(loaded))
        return
    questions = Counter(question.topic for question in loaded.questions)
    typer.echo(f"{loaded.title} {loaded.version}, {loaded.license}")
    for chapter in loaded.chapters:
        typer.echo(f"\n{chapter.title} ({chapter.weight:g}%)")
        for unit in chapter.units:
            typer.echo(f"  {unit.title}")
            for topic in unit.topics:
                notes = count(len(topic.notes), "note")
                asked = count(questions[topic.id], "question")
                typer.echo(f"    {topic.id}: {topic.title} ({notes}, {asked})")


@app.command("check")
def check(pack: PackName, as_json: AsJson = False) -> None:
    """Check that a pack is valid and good enough to use, and list every problem."""
    from content.language.plural import count
    from content.quality import examine

    report = examine(_load_pack(pack, as_json=as_json))
    if as_json:
        print_json(report.as_dict())
    else:
        for finding in report.findings:
            typer.echo(f"{finding.where}: {finding.check}: {finding.message}")
        print_table(_transpose([_build_row(part) for part in report.parts]))
        typer.echo(
            "No problems found." if report.ok else f"{count(len(report.findings), 'finding')}."
        )
    if not report.ok:
        raise typer.Exit(1)


def _build_row(part: Measures) -> dict[str, object]:
    """A chapter's figures, by heading."""

    def format_share(count: int) -> str:
        return f"{count / part.questions:.0%}" if part.questions else ""

    return {
        "chapter": part.id,
        "topics": part.topics,
        "notes": part.notes,
        "untested": len(part.notes_untested),
        "questions": part.questions,
        "single": format_share(part.kinds.get("single", 0)),
        "apply": format_share(part.levels.get("apply", 0)),
        **{guess.strategy: f"{guess.accuracy:.0%}" for guess in part.guesses if guess.questions},
    }


@app.command("reports")
def list_reports(as_json: AsJson = False, database_url: DatabaseUrl = None) -> None:
    """List the problems that members reported, newest first."""
    from bot import maintenance

    with reporting_problems():
        reports = maintenance.list_reports(settings_for(database_url))
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
        typer.echo("No reports.")


@app.command("try")
def try_answers(
    pack: PackName,
    question: Annotated[
        str,
        typer.Argument(help="A question's id, or - for JSON lines.", metavar="QUESTION"),
    ],
    text: Annotated[str, typer.Argument(help="The answer to try.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show how a typed answer would be graded, and why.

    With -, reads JSON objects with `question` and `text` from standard input, one per line.
    """
    from bot.engine.library import IndexedPack
    from bot.trying import NotTypeable, try_answer

    loaded = IndexedPack(_load_pack(pack, as_json=as_json))
    try:
        if question != "-":
            trial = try_answer(loaded, question, text)
            if as_json:
                print_json(trial.as_dict())
            else:
                typer.echo(str(trial))
            return
        for number, line in enumerate(sys.stdin, 1):
            if line.strip():
                trial = try_answer(loaded, *_parse_trial(line, number))
                typer.echo(
                    json.dumps(trial.as_dict(), ensure_ascii=False) if as_json else str(trial)
                )
    except NotTypeable as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None


def _parse_trial(line: str, number: int) -> tuple[str, str]:
    """The question and the text in an input line; exits if it has none."""
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
    """Print JSON Schemas of a pack's files, for completion in your editor."""
    from content.loader import build_schemas

    print_json(build_schemas())


def _load_pack(pack: str, *, as_json: bool = False) -> Pack:
    from content import loader

    with reporting_problems(as_json=as_json):
        return loader.load(loader.find_pack(pack), cache=settings_for(None).cache)


def _transpose(parts: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Swap rows and columns: a terminal has room for a few chapters, but not for every figure."""
    name, *figures = parts[0]
    return [
        {name: figure} | {str(part[name]): part.get(figure, "") for part in parts}
        for figure in figures
    ]
