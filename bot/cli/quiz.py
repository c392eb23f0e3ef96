"""Practice, explanations, stats and leaderboards in the terminal."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bot.cli.shared import (
    USAGE,
    AsJson,
    DatabaseUrl,
    OtherPack,
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
    pack: OtherPack = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Practice in this terminal."""
    from bot import app as studyhall

    with reporting_problems():
        studyhall.play(settings_for(database_url), {"topic": topic, "questions": questions}, pack)


@app.command()
def stats(pack: OtherPack = "", as_json: AsJson = False, database_url: DatabaseUrl = None) -> None:
    """Show your points, streak and weakest topics."""
    _run(database_url, as_json, "stats", pack)


@app.command()
def leaderboard(
    window: Annotated[str, typer.Argument(help=WINDOWS)] = "week",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the leaderboard."""
    _run(database_url, as_json, "leaderboard", window=window)


@app.command()
def explain(
    query: Annotated[
        list[str], typer.Argument(help="Topic, term or question, or - for one per line.")
    ],
    pack: OtherPack = "",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Explain a topic from the notes, with its source."""
    if query != ["-"]:
        _run(database_url, as_json, "explain", pack, topic=" ".join(query))
        return
    from bot import app as studyhall

    lines = ({"topic": line.strip()} for line in sys.stdin if line.strip())
    with reporting_problems():
        for reply in studyhall.call_each(settings_for(database_url), "explain", lines, pack):
            if as_json:
                json.dump(reply.data, sys.stdout, ensure_ascii=False)
                sys.stdout.write("\n")
            else:
                studyhall.show(reply)


def _run(
    database_url: str | None, as_json: bool, command: str, pack: str = "", **options: str | int
) -> None:
    """Run a chat command and print its reply."""
    from bot import app as studyhall

    with reporting_problems():
        reply = studyhall.call(settings_for(database_url), command, options, pack)
    if as_json and reply.data is not None:
        print_json(reply.data)
    else:
        studyhall.show(reply)
    if reply.screen.tone.value == "problem":
        raise typer.Exit(USAGE)
