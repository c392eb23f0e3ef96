"""`studyhall run` and `studyhall health`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.shared import USAGE, DatabaseUrl, OtherPack, reporting_problems, settings_for

app = typer.Typer()


@app.command()
def run(
    platform: Annotated[
        str, typer.Argument(help="discord or slack (default: every platform with credentials).")
    ] = "",
    shards: Annotated[
        int, typer.Option(help="Discord shards in all processes (0: Discord's recommendation).")
    ] = 0,
    shard_ids: Annotated[
        str, typer.Option(help="Discord shards of this process, for example 0,1 (default: all).")
    ] = "",
    pack: OtherPack = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Run the bot until you stop it (Ctrl-C or SIGTERM)."""
    from bot import app as studyhall

    options: studyhall.Shards = {}
    if shards:
        options["shard_count"] = shards
    if shard_ids:
        ids = [int(each) for each in shard_ids.split(",") if each.strip().isdecimal()]
        if not ids or not shards or max(ids) >= shards:
            typer.echo(
                "Use --shard-ids with --shards, for example --shards 2 --shard-ids 0,1.", err=True
            )
            raise typer.Exit(USAGE)
        options["shard_ids"] = ids
    with reporting_problems():
        studyhall.run(settings_for(database_url), platform, options, pack)


@app.command()
def health(database_url: DatabaseUrl = None) -> None:
    """Check that the packs load and the database is up to date (exit code 0 or 2)."""
    from bot import maintenance

    with reporting_problems():
        maintenance.check(settings_for(database_url))
    typer.echo("Healthy.")
