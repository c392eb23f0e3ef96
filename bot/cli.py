"""The `studyhall` command. Heavy imports wait until a command needs them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from content.model import Pack
    from content.quality.report import Measures

app = typer.Typer(
    help="Study notes go in, and a quiz comes out in the chat where people already are.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
pack_app = typer.Typer(help="Look at packs and check them.", no_args_is_help=True)
db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(pack_app, name="pack")
app.add_typer(db_app, name="db")
discord_app = typer.Typer(help="Set up the Discord bot.", no_args_is_help=True)
app.add_typer(discord_app, name="discord")
slack_app = typer.Typer(help="Set up the Slack app.", no_args_is_help=True)
app.add_typer(slack_app, name="slack")

AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="STUDYHALL_DATABASE_URL",
        help="Where answers are kept; without it a file in your data folder.",
        show_default=False,
    ),
]
OtherPack = Annotated[
    str, typer.Option(metavar="PACK", help="A pack's name or folder.", show_default=False)
]
PackName = Annotated[str, typer.Argument(metavar="PACK", help="A pack's name or folder.")]

WIDE = 200
"""Characters that a table may take."""

SLOW_SECONDS = 0.5
"""What takes longer shows how far it is."""

USAGE = 2
"""Exit code where the input, not the program, has to change."""


def main() -> None:
    """The console script."""
    app()


@contextmanager
def _problems(*, as_json: bool = False) -> Iterator[None]:
    """Turns what a user can mend into a message (or data) and exit code 2."""
    from bot.app import DatabaseUnavailable, NoCredentials, NotCopied
    from bot.engine.platform import LoginFailed
    from content.loader import BrokenPack

    try:
        yield
    except BrokenPack as broken:
        if as_json:
            _print_json({"ok": False, "problems": [asdict(each) for each in broken.problems]})
        for problem in () if as_json else broken.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None
    except (DatabaseUnavailable, NotCopied, NoCredentials, LoginFailed) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None


def _settings(database_url: str | None) -> Settings:
    from bot.settings import Settings

    return Settings(database_url=database_url) if database_url else Settings()


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _run(
    database_url: str | None, as_json: bool, command: str, pack: str = "", **options: str | int
) -> None:
    """One command of the command table, printed."""
    from bot import app as studyhall

    with _problems():
        reply = studyhall.call(_settings(database_url), command, options, pack)
    if as_json and reply.data is not None:
        _print_json(reply.data)
    else:
        studyhall.show(reply)
    if reply.screen.tone.value == "problem":
        raise typer.Exit(USAGE)


@app.command()
def play(
    topic: Annotated[str, typer.Argument(help="A topic or chapter; all if left out.")] = "",
    questions: Annotated[int, typer.Option(help="How many questions.")] = 10,
    pack: OtherPack = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Practise in this terminal."""
    from bot import app as studyhall

    with _problems():
        studyhall.play(_settings(database_url), {"topic": topic, "questions": questions}, pack)


@app.command()
def stats(pack: OtherPack = "", as_json: AsJson = False, database_url: DatabaseUrl = None) -> None:
    """Your own numbers."""
    _run(database_url, as_json, "stats", pack)


@app.command()
def leaderboard(
    window: Annotated[str, typer.Argument(help="today, week, month, season or all.")] = "week",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Who has how many points."""
    _run(database_url, as_json, "leaderboard", window=window)


@app.command()
def explain(
    query: Annotated[
        list[str], typer.Argument(help="A topic, term or question; - reads one a line.")
    ],
    pack: OtherPack = "",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """What the notes say about a topic, with its source."""
    if query != ["-"]:
        _run(database_url, as_json, "explain", pack, topic=" ".join(query))
        return
    from bot import app as studyhall

    lines = ({"topic": line.strip()} for line in sys.stdin if line.strip())
    with _problems():
        for reply in studyhall.calls(_settings(database_url), "explain", lines, pack):
            if as_json:
                json.dump(reply.data, sys.stdout, ensure_ascii=False)
                sys.stdout.write("\n")
            else:
                studyhall.show(reply)


@app.command()
def run(
    platform: Annotated[
        str, typer.Argument(help="Only this platform; every one with credentials if left out.")
    ] = "",
    shards: Annotated[
        int, typer.Option(help="Discord shards in all processes; 0: as many as Discord advises.")
    ] = 0,
    shard_ids: Annotated[
        str, typer.Option(help="Discord shards of this process, as in 0,1; all if left out.")
    ] = "",
    pack: OtherPack = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Run the bot until it is told to stop (Ctrl-C or SIGTERM)."""
    from bot import app as studyhall

    options: studyhall.Shards = {}
    if shards:
        options["shard_count"] = shards
    if shard_ids:
        ids = [int(each) for each in shard_ids.split(",") if each.strip().isdecimal()]
        if not ids or not shards or max(ids) >= shards:
            typer.echo("--shard-ids names shards below --shards, as in --shards 2 --shard-ids 0")
            raise typer.Exit(USAGE)
        options["shard_ids"] = ids
    with _problems():
        studyhall.run(_settings(database_url), platform, options, pack)


@discord_app.command("invite")
def discord_invite() -> None:
    """Print the link by which an admin invites the bot, with the least permissions."""
    from bot import app as studyhall

    with _problems():
        typer.echo(studyhall.invitation(_settings(None)))


@slack_app.command("manifest")
def slack_manifest(
    url: Annotated[
        str, typer.Option(help="The public address, for HTTP; Socket Mode if left out.")
    ] = "",
) -> None:
    """Print the manifest from which Slack makes the app."""
    import yaml

    from bot import app as studyhall

    typer.echo(yaml.safe_dump(studyhall.slack_manifest(url), sort_keys=False), nl=False)


@app.command()
def health(database_url: DatabaseUrl = None) -> None:
    """Whether the packs are whole and the database can be reached; exit code 0 or 2."""
    from bot import app as studyhall

    settings = _settings(database_url)
    with _problems():
        studyhall.load_packs(settings, "")
        studyhall.upgrade(settings)
    typer.echo("Healthy.")


@pack_app.command("list")
def pack_list(as_json: AsJson = False) -> None:
    """The packs that come with Studyhall."""
    from bot.settings import Settings
    from content import loader

    with _problems():
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
        _print_json(rows)
    else:
        _print_table(rows)


@pack_app.command("show")
def pack_show(pack: PackName, as_json: AsJson = False) -> None:
    """A pack's outline; with --json the whole pack (docs/packs.md describes the shape)."""
    from content.exporting import export_pack

    loaded = _load(pack)
    if as_json:
        _print_json(export_pack(loaded))
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


@pack_app.command("check")
def pack_check(pack: PackName, as_json: AsJson = False) -> None:
    """Whether a pack is valid and good enough to be asked; lists everything that is not."""
    from content.quality import examine

    report = examine(_load(pack, as_json=as_json))
    if as_json:
        _print_json(report.as_dict())
    else:
        for finding in report.findings:
            typer.echo(f"{finding.where}: {finding.check}: {finding.message}")
        _print_table(_turned([_figures(part) for part in report.parts]))
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


@pack_app.command("reports")
def pack_reports(as_json: AsJson = False, database_url: DatabaseUrl = None) -> None:
    """What members reported to be wrong with questions, the newest first."""
    from bot import app as studyhall

    with _problems():
        reports = studyhall.reports(_settings(database_url))
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
        _print_json(rows)
    elif rows:
        _print_table(rows)
    else:
        typer.echo("Nothing was reported.")


@pack_app.command("try")
def pack_try(
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
                _print_json(tried.as_dict())
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


@pack_app.command("schema")
def pack_schema() -> None:
    """JSON Schemas of a pack's files, for completion in editors."""
    from content.loader import build_schemas

    _print_json(build_schemas())


@pack_app.command("import")
def pack_import(
    notes: Annotated[Path, typer.Argument(help="Study notes in Markdown.", metavar="NOTES")],
    out: Annotated[Path, typer.Option(help="The pack's folder: new, or of an import before.")],
    as_json: AsJson = False,
) -> None:
    """Make a pack of study notes, or renew it when they have changed."""
    from content.importing.importer import import_notes

    with _problems(as_json=as_json), _progress() as told:
        report = import_notes(notes, out, told)
    if as_json:
        _print_json(report.as_dict())
        return
    typer.echo(
        f"{report.pack}: {report.chapters} chapters, {report.units} units, {report.topics} topics, "
        f"{report.notes} notes, {report.drafts} drafted questions in {out}"
    )
    changes = asdict(report.changes)
    for what, ids in {
        **changes,
        "to recheck": report.recheck,
        "with a pinned option": report.pinned,
        "set aside": report.set_aside,
    }.items():
        if ids:
            typer.echo(f"{what.replace('_', ' ')}: {len(ids)}")
    listed: dict[str, Sequence[Any]] = {"mended": report.repairs, "left out": report.left_out}
    for what, lines in listed.items():
        typer.echo(f"\n{len(lines)} {what}:")
        for line in lines:
            why = getattr(line, "why", "")
            typer.echo(f"  {notes}:{line.line}: {line.what}{f' ({why})' if why else ''}")
    typer.echo(f"\nNext: studyhall pack review {out}")


@pack_app.command("review")
def pack_review(
    folder: Annotated[Path, typer.Argument(help="The pack's folder.", metavar="DIR")],
) -> None:
    """Walk through drafted questions: keep, edit or drop each."""
    from rich.console import Console

    from bot.review import review
    from content import loader

    with _problems():
        loader.load(loader.find_pack(str(folder)), cache=None)
        review(folder, lambda: input("> "), Console(highlight=False))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error, shown once something has taken half a second; in a file or
    a pipe it would be an empty line."""
    from rich.console import Console
    from rich.progress import Progress

    began = monotonic()
    console = Console(stderr=True)
    with Progress(
        console=console,
        transient=True,
        auto_refresh=False,
        disable=not console.is_interactive,
    ) as bar:
        task = bar.add_task("", total=None, visible=False)

        def told(step: str, done: int, total: int) -> None:
            slow = monotonic() - began > SLOW_SECONDS
            bar.update(task, description=step, completed=done, total=total, visible=slow)
            bar.refresh()

        yield told


@db_app.command("upgrade")
def db_upgrade(database_url: DatabaseUrl = None) -> None:
    """Bring the database up to date. Every start does so too."""
    from bot import app as studyhall

    with _problems():
        studyhall.upgrade(_settings(database_url))
    typer.echo("The database is up to date.")


@db_app.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(help="A new file.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Write everything into a file, as it is at this moment; the bot may be running."""
    from bot import app as studyhall

    with _problems(), _progress() as told:
        rows = studyhall.backup(_settings(database_url), file, told)
    typer.echo(f"Rows in {file}: {rows:,}.")


@db_app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Put a backup into an empty database, before the bot is started on it."""
    from bot import app as studyhall

    with _problems(), _progress() as told:
        rows, where = studyhall.restore(_settings(database_url), file, told)
    typer.echo(f"Rows copied to {where}: {rows:,}.")


@db_app.command("move")
def db_move(
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Copy everything into another database, of either kind. Stop the bot first."""
    from bot import app as studyhall

    with _problems(), _progress() as told:
        rows, where = studyhall.move(_settings(database_url), to, told)
    typer.echo(
        f"Rows copied to {where}: {rows:,}. Set STUDYHALL_DATABASE_URL to it and start the bot; "
        "the database of before is as it was."
    )


def _load(pack: str, *, as_json: bool = False) -> Pack:
    from bot.settings import Settings
    from content import loader

    with _problems(as_json=as_json):
        return loader.load(loader.find_pack(pack), cache=Settings().cache)


def _turned(parts: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Figures as lines and parts as columns, which a terminal has room for."""
    name, *figures = parts[0]
    return [
        {name: figure} | {str(part[name]): part.get(figure, "") for part in parts}
        for figure in figures
    ]


def _print_table(rows: Sequence[Mapping[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*(rows[0] if rows else ()), box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    # Wider than a narrow terminal is better than figures cut short.
    Console(highlight=False, width=WIDE).print(table)
