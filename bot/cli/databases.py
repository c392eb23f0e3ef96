"""Looking after the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import DatabaseUrl, progress, reporting_problems, settings_for

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@app.command()
def upgrade(database_url: DatabaseUrl = None) -> None:
    """Bring the database up to date. Every start does so too."""
    from bot import maintenance

    with reporting_problems():
        maintenance.upgrade(settings_for(database_url))
    typer.echo("The database is up to date.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Write everything into a file, as it is at this moment; the bot may be running."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        rows = maintenance.backup(settings_for(database_url), file, update)
    typer.echo(f"Rows in {file}: {rows:,}.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Put a backup into an empty database, before the bot is started on it."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        rows, where = maintenance.restore(settings_for(database_url), file, update)
    typer.echo(f"Rows copied to {where}: {rows:,}.")


@app.command()
def move(
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Copy everything into another database, of either kind. Stop the bot first."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        rows, where = maintenance.move(settings_for(database_url), to, update)
    typer.echo(
        f"Rows copied to {where}: {rows:,}. Set STUDYHALL_DATABASE_URL to it and start the bot; "
        "the database of before is as it was."
    )
