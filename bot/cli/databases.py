"""`studyhall db`: upgrade, back up, restore and move the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import DatabaseUrl, progress, reporting_problems, settings_for

if TYPE_CHECKING:
    from bot.maintenance import Copied

app = typer.Typer(
    help="Upgrade, back up, restore, move or encrypt the database.", no_args_is_help=True
)


@app.command()
def upgrade(database_url: DatabaseUrl = None) -> None:
    """Upgrade the database. Every start does this, too."""
    from bot import maintenance

    with reporting_problems():
        maintenance.upgrade(settings_for(database_url))
    typer.echo("The database is up to date.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to create.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Back up everything to a file. The bot can keep running."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        copied = maintenance.backup(settings_for(database_url), file, update)
    typer.echo(f"Rows in {file}: {copied.rows:,}.{_mention_repairs(copied)}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Backup to restore.", metavar="FILE")],
    database_url: DatabaseUrl = None,
) -> None:
    """Restore a backup into an empty database. Do this before you start the bot."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        copied, where = maintenance.restore(settings_for(database_url), file, update)
    typer.echo(f"Rows copied to {where}: {copied.rows:,}.{_mention_repairs(copied)}")


@app.command()
def move(
    to: Annotated[str, typer.Option(metavar="URL", help="Empty database to copy to.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Copy everything to another database, SQLite or PostgreSQL. Stop the bot first."""
    from bot import maintenance

    with reporting_problems(), progress() as update:
        copied, where = maintenance.move(settings_for(database_url), to, update)
    typer.echo(
        f"Rows copied to {where}: {copied.rows:,}.{_mention_repairs(copied)} "
        "Set STUDYHALL_DATABASE_URL to it and start the bot. The old database is unchanged."
    )


def _mention_repairs(copied: Copied) -> str:
    if not copied.repaired:
        return ""
    return f" Repaired texts with characters that can't be stored: {copied.repaired:,}."


@app.command("new-key")
def new_key() -> None:
    """Print a new key for STUDYHALL_SECRET_KEY."""
    from bot import maintenance

    typer.echo(maintenance.new_key())


@app.command()
def rekey(
    delete_lost: Annotated[
        bool,
        typer.Option(
            "--delete-lost",
            help="Delete tokens whose key is lost; their workspaces must install the app again.",
        ),
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Encrypt all tokens of Slack workspaces with the first key in STUDYHALL_SECRET_KEY."""
    from bot import maintenance

    with reporting_problems():
        encrypted, plain = maintenance.rekey(settings_for(database_url), delete_lost=delete_lost)
    typer.echo(
        f"Slack tokens encrypted with the first key: {encrypted + plain:,}, "
        f"of which {plain:,} weren't encrypted before."
    )
