"""`studyhall discord` and `studyhall slack`: what you need to set up each platform."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.shared import reporting_problems, settings_for

discord_app = typer.Typer(help="Set up the Discord bot.", no_args_is_help=True)
slack_app = typer.Typer(help="Set up the Slack app.", no_args_is_help=True)


@discord_app.command("invite")
def discord_invite() -> None:
    """Print the bot's invite link, with only the permissions it needs."""
    from bot import app as studyhall

    with reporting_problems():
        typer.echo(studyhall.discord_invite(settings_for(None)))


@slack_app.command("manifest")
def slack_manifest(
    url: Annotated[str, typer.Option(help="Public URL, for HTTP (default: Socket Mode).")] = "",
    link: Annotated[bool, typer.Option("--link", help="Print a link with it instead.")] = False,
) -> None:
    """Print the app manifest, or a link that creates the Slack app from it."""
    import yaml

    from bot import app as studyhall

    with reporting_problems():
        if link:
            typer.echo(studyhall.slack_manifest_link(url))
        else:
            typer.echo(yaml.safe_dump(studyhall.slack_manifest(url), sort_keys=False), nl=False)
