"""Members' Slack profiles, fetched rarely and cached for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
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

PROFILE_TTL_SECONDS = 600.0
"""How long a profile is cached, unless Slack reports a change."""

MAX_PROFILES = 10_000
"""Profiles cached per process."""

MAX_SINGLE_REQUESTS = 30
"""People looked up one by one at a time. More are found in the workspace's list: Slack allows about
100 requests of users.info a minute, and 20 of users.list."""

LIST_PAGE, MAX_LIST_PAGES = 1000, 20
"""People per request of users.list, which is Slack's maximum, and requests for one look-up."""

LOOK_UP_SECONDS = 60.0
"""How long a look-up of many people may take."""

MAX_ATTEMPTS = 2
"""Requests for a profile in a row."""

LASTING_ERRORS = frozenset({"missing_scope", "user_not_found", "user_not_visible"})
"""Errors of users.info that won't go away: Slack will never return this profile."""


class Unidentified(Exception):
    """Slack can't provide a profile right now."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's profile, with their IANA time zone if this machine knows it. Apps, people from
    other workspaces and deactivated members don't play."""

    name: str
    admin: bool
    plays: bool = True
    zone: str = ""


class Profiles:
    """Caches profiles by workspace and user."""

    def __init__(self) -> None:
        self._cache = TimedCache[tuple[str, str], Profile](
            PROFILE_TTL_SECONDS, MAX_PROFILES, monotonic
        )

    def cached(self, team: str, user: str) -> Profile | None:
        """The cached profile, if there is one."""
        return self._cache.get((team, user))

    def forget(self, team: str, user: str) -> None:
        """Drop a profile that has changed."""
        self._cache.drop((team, user))

    async def fetch(self, client: AsyncWebClient, team: str, user: str) -> Profile | None:
        """The profile, from the cache or Slack; None if Slack can't provide it."""
        try:
            return await self.identify(client, team, user)
        except Unidentified:
            return None

    async def identify(self, client: AsyncWebClient, team: str, user: str) -> Profile | None:
        """Like `fetch`, but None only if Slack never provides the profile. Raises Unidentified if
        it may later."""
        for _ in range(MAX_ATTEMPTS):
            try:
                return self.cached(team, user) or await self._request(client, team, user)
            except SlackApiError as problem:
                error = error_code(problem)
            except (ClientError, OSError) as problem:
                error = str(problem) or type(problem).__name__
            log.warning("could not fetch a Slack profile: %s", error)
            if error in LASTING_ERRORS:
                return None
        raise Unidentified

    async def fetch_all(
        self, client: AsyncWebClient, team: str, users: Collection[str]
    ) -> Mapping[str, Profile]:
        """Many people's profiles by user, without those that Slack can't provide now."""
        unknown = {user for user in users if not self.cached(team, user)}
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                if len(unknown) > MAX_SINGLE_REQUESTS:
                    await self._list(client, team, unknown)
                else:
                    await asyncio.gather(*(self.fetch(client, team, user) for user in unknown))
        except (SlackApiError, ClientError, OSError) as problem:
            log.warning("could not look up Slack profiles: %s", problem)
        cached = {user: self.cached(team, user) for user in users}
        return {user: profile for user, profile in cached.items() if profile}

    async def _list(self, client: AsyncWebClient, team: str, wanted: set[str]) -> None:
        """Cache the wanted profiles from the workspace's list, as far as it's read."""
        read = 0
        async for page in await client.users_list(limit=LIST_PAGE):
            for info in page["members"]:
                if info["id"] in wanted:
                    self._cache.keep((team, info["id"]), _to_profile(info))
                    wanted.discard(info["id"])
            read += 1
            if not wanted or read == MAX_LIST_PAGES:
                break

    async def _request(self, client: AsyncWebClient, team: str, user: str) -> Profile:
        info = (await client.users_info(user=user))["user"]
        return self._cache.keep((team, user), _to_profile(info))


def _to_profile(info: Mapping[str, Any]) -> Profile:
    user, names = str(info["id"]), info.get("profile", {})
    return Profile(
        name=names.get("display_name") or info.get("real_name") or info.get("name") or user,
        admin=bool(info.get("is_admin") or info.get("is_owner")),
        # Slackbot isn't marked as a bot.
        plays=user != "USLACKBOT"
        and not any(info.get(flag) for flag in ("is_bot", "is_stranger", "deleted")),
        zone=_known_zone(str(info.get("tz") or "")),
    )


def error_code(problem: SlackApiError) -> str:
    """Slack's code for an error, or the HTTP status if the response isn't from Slack itself."""
    response: Any = problem.response
    if isinstance(response, AsyncSlackResponse):
        return response.get("error") or f"status {response.status_code}"
    return str(problem)


def _known_zone(name: str) -> str:
    """The name of a time zone if this machine knows it, else nothing."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):
        return ""
