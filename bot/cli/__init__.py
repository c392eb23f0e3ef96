"""The `studyhall` command, one file per subject. Each command imports what it needs when it runs,
so that all of them start fast."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import databases, doctor, init, notes, packs, platforms, quiz, run
from bot.cli.program import Program, prepare_streams

app = typer.Typer(
    cls=Program,
    help="Turn study notes into a quiz in Discord, Slack or your terminal.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(quiz.app)
app.add_typer(run.app)
app.add_typer(doctor.app)
app.add_typer(init.app)
packs.app.add_typer(notes.app)
app.add_typer(packs.app, name="pack")
app.add_typer(databases.app, name="db")
app.add_typer(platforms.discord_app, name="discord")
app.add_typer(platforms.slack_app, name="slack")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"studyhall {version('studyhall')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def main() -> None:
    """Run a command line."""
    prepare_streams()
    app()
