"""Setting up the platforms."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.shared import reporting_problems, settings_for

discord_app = typer.Typer(help="Set up the Discord bot.", no_args_is_help=True)
slack_app = typer.Typer(help="Set up the Slack app.", no_args_is_help=True)


@discord_app.command("invite")
def discord_invite() -> None:
    """Print the link by which an admin invites the bot, with the least permissions."""
    from bot import app as studyhall

    with reporting_problems():
        typer.echo(studyhall.invitation(settings_for(None)))


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
