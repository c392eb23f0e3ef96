"""Everything that the doctor looks at, by area."""

from __future__ import annotations

from collections.abc import Mapping

from bot.doctor import database, discord, machine, operation, packs, settings, slack
from bot.doctor.base import Case, Check

AREAS: Mapping[str, Mapping[str, Check]] = {
    "machine": machine.CHECKS,
    "settings": settings.CHECKS,
    "Discord": discord.CHECKS,
    "Slack": slack.CHECKS,
    "database": database.CHECKS,
    "packs": packs.CHECKS,
    "operation": operation.CHECKS,
}


def is_used(area: str, case: Case) -> bool:
    """Whether there's anything to look at: a platform's credentials are set."""
    match area:
        case "Discord":
            return case.settings.discord_token is not None
        case "Slack":
            return bool(case.settings.slack_bot_token or case.settings.slack_client_id)
        case _:
            return True
