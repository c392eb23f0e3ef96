"""What Slack says of members, asked for rarely and remembered for a while."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

KEPT_SECONDS = 600.0
"""How long a profile is remembered where Slack does not say that it has changed."""

MOST = 10_000
"""Members remembered by one process."""


TRIES = 2
"""How often Slack is asked for a profile in a row."""

NEVER_TOLD = frozenset({"missing_scope", "user_not_found", "user_not_visible"})
"""Errors of users.info that are an answer, and not a trouble that passes."""


class Unidentified(Exception):
    """Slack doesn't say just now who somebody is."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A member as Slack describes them, with their IANA time zone where this machine knows it;
    apps, strangers and who was deactivated do not play."""

    name: str
    admin: bool
    plays: bool = True
    zone: str = ""


class People:
    """Profiles by workspace and user."""

    def __init__(self) -> None:
        self._known = TimedCache[tuple[str, str], Profile](KEPT_SECONDS, MOST, monotonic)

    def known(self, team: str, user: str) -> Profile | None:
        """The profile, where it was asked for not long ago."""
        return self._known.get((team, user))

    def forget(self, team: str, user: str) -> None:
        """The profile has changed."""
        self._known.drop((team, user))

    async def ask(self, client: AsyncWebClient, team: str, user: str) -> Profile | None:
        """The profile, from Slack where it isn't known; None where Slack doesn't say."""
        try:
            return await self.identify(client, team, user)
        except Unidentified:
            return None

    async def identify(self, client: AsyncWebClient, team: str, user: str) -> Profile | None:
        """The profile, or None where Slack never says. Raises Unidentified where it may say it
        another time."""
        for _ in range(TRIES):
            try:
                return self.known(team, user) or await self._fetch(client, team, user)
            except SlackApiError as problem:
                error = error_of(problem)
            except (ClientError, OSError) as problem:
                error = str(problem) or type(problem).__name__
            log.warning("could not fetch a Slack profile: %s", error)
            if error in NEVER_TOLD:
                return None
        raise Unidentified

    async def _fetch(self, client: AsyncWebClient, team: str, user: str) -> Profile:
        told = (await client.users_info(user=user))["user"]
        names = told.get("profile", {})
        profile = Profile(
            name=names.get("display_name") or told.get("real_name") or told.get("name") or user,
            admin=bool(told.get("is_admin") or told.get("is_owner")),
            # Slack does not count its own one among the bots.
            plays=user != "USLACKBOT"
            and not any(told.get(sign) for sign in ("is_bot", "is_stranger", "deleted")),
            zone=_zone(str(told.get("tz") or "")),
        )
        return self._known.keep((team, user), profile)


def error_of(problem: SlackApiError) -> str:
    """What Slack calls an error; its status where the answer isn't Slack's own."""
    answer: Any = problem.response
    if isinstance(answer, AsyncSlackResponse):
        return answer.get("error") or f"status {answer.status_code}"
    return str(problem)


def _zone(name: str) -> str:
    """The name of a time zone where there is such a one here, else nothing."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):
        return ""
