"""Practice, explanations, stats and leaderboards in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

from bot.cli.shared import (
    USAGE,
    AsJson,
    DatabaseUrl,
    Packs,
    Plain,
    print_json,
    reporting_problems,
    settings_for,
)
from bot.engine.standings import Window

app = typer.Typer()

*_FIRST, _LAST = Window
WINDOWS = f"{', '.join(_FIRST)} or {_LAST}."


@app.command()
def play(
    topic: Annotated[str, typer.Argument(help="Topic or chapter (default: all).")] = "",
    questions: Annotated[int, typer.Option(help="Number of questions.")] = 10,
    packs: Packs = None,
    plain: Plain = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Practice in this terminal."""
    from bot import app as studyhall

    options: dict[str, str | int] = {"topic": topic, "questions": questions}
    with reporting_problems():
        studyhall.play(settings_for(database_url, packs or ()), options, plain=plain)


@app.command()
def stats(
    packs: Packs = None,
    plain: Plain = False,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Show your points, streak and weakest topics."""
    _run(database_url, "stats", [{}], packs, as_json=as_json, plain=plain)


@app.command()
def leaderboard(
    window: Annotated[str, typer.Argument(help=WINDOWS)] = "week",
    plain: Plain = False,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the leaderboard."""
    _run(database_url, "leaderboard", [{"window": window}], as_json=as_json, plain=plain)


@app.command()
def explain(
    query: Annotated[
        list[str], typer.Argument(help="Topic, term or question, or - for one per line.")
    ],
    page: Annotated[int, typer.Option(min=1, help="Page to show.")] = 1,
    everything: Annotated[bool, typer.Option("--all", help="Show all pages.")] = False,
    packs: Packs = None,
    plain: Plain = False,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Explain a topic from the notes, with its source."""
    each_line = query == ["-"]
    typed = (line.strip() for line in sys.stdin if line.strip())
    calls = ({"topic": topic} for topic in (typed if each_line else [" ".join(query)]))
    pages = None if everything else page
    _run(database_url, "explain", calls, packs, pages, as_json=as_json, plain=plain, many=each_line)


def _run(
    database_url: str | None,
    command: str,
    calls: Iterable[Mapping[str, str | int]],
    packs: Sequence[str] | None = None,
    page: int | None = 1,
    *,
    as_json: bool,
    plain: bool,
    many: bool = False,
) -> None:
    """Run a chat command once for each set of options, and print its replies; as JSON, `many` have
    a line each."""
    from bot import app as studyhall

    with reporting_problems():
        settings = settings_for(database_url, packs or ())
        for reply in studyhall.call_each(settings, command, calls, page):
            if as_json and reply.data is not None:
                print_json(reply.data, indent=None if many else 2)
            else:
                studyhall.show(reply, plain=plain)
            if reply.screen.tone.value == "problem" and not many:
                raise typer.Exit(USAGE)
