"""`studyhall run` and `studyhall health`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.shared import USAGE, DatabaseUrl, OtherPack, reporting_problems, settings_for

app = typer.Typer()

NOT_READY = 1


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
def health(
    running: Annotated[
        bool,
        typer.Option("--running", help="Ask the running bot if it's ready (exit code 0 or 1)."),
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check that the packs load and the database is up to date (exit code 0 or 2)."""
    if running:
        _ask_running(database_url)
        return
    from bot import maintenance

    with reporting_problems():
        maintenance.check(settings_for(database_url))
    typer.echo("Healthy.")


def _ask_running(database_url: str | None) -> None:
    from bot.engine.platform import Misconfigured
    from bot.operators.asking import find_problems

    # Containers ask every minute: this imports little.
    try:
        problems = find_problems(settings_for(database_url))
    except Misconfigured as wrong:
        problems = [str(wrong)]
    for each in problems:
        typer.echo(each, err=True)
    if problems:
        raise typer.Exit(NOT_READY)
    typer.echo("Ready.")
