"""The `studyhall` command, one file per subject. Each command imports what it needs when it runs,
so that all of them start fast."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from bot.cli import databases, doctor, notes, packs, platforms, quiz, run
from bot.cli.encoding import PLAIN_SIGNS

app = typer.Typer(
    help="Turn study notes into a quiz in Discord, Slack or your terminal.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(quiz.app)
app.add_typer(run.app)
app.add_typer(doctor.app)
packs.app.add_typer(notes.app)
app.add_typer(packs.app, name="pack")
app.add_typer(databases.app, name="db")
app.add_typer(platforms.discord_app, name="discord")
app.add_typer(platforms.slack_app, name="slack")


def main() -> None:
    """Run the console script."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=PLAIN_SIGNS if stream.writable() else "replace")
    app()
