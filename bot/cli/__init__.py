"""The `studyhall` command, one file a subject. Heavy imports wait until a command needs them."""

from __future__ import annotations

import typer

from bot.cli import databases, notes, packs, platforms, quiz, run

app = typer.Typer(
    help="Study notes go in, and a quiz comes out in the chat where people already are.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(quiz.app)
app.add_typer(run.app)
packs.app.add_typer(notes.app)
app.add_typer(packs.app, name="pack")
app.add_typer(databases.app, name="db")
app.add_typer(platforms.discord_app, name="discord")
app.add_typer(platforms.slack_app, name="slack")


def main() -> None:
    """The console script."""
    app()
