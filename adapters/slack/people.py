"""What Slack says of members, asked for rarely and remembered for a while."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600.0
MOST = 10_000
"""Members remembered by one process."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A member as Slack describes them; apps, strangers and who was deactivated do not play."""

    name: str
    admin: bool
    plays: bool = True


class People:
    """Profiles by workspace and user."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()

    def known(self, team: str, user: str) -> Profile | None:
        """The profile, where it was asked for not long ago."""
        asked_at, profile = self._known.get((team, user), (0.0, None))
        return profile if profile and monotonic() - asked_at < KEPT_SECONDS else None

    async def ask(self, client: AsyncWebClient, team: str, user: str) -> Profile | None:
        """The profile, from Slack where it is not known; None where Slack does not say."""
        if profile := self.known(team, user):
            return profile
        try:
            told = (await client.users_info(user=user))["user"]
        except SlackApiError as problem:
            log.warning("slack says nothing of a member: %s", problem.response["error"])
            return None
        names = told.get("profile", {})
        profile = Profile(
            name=names.get("display_name") or told.get("real_name") or told.get("name") or user,
            admin=bool(told.get("is_admin") or told.get("is_owner")),
            # Slack does not count its own one among the bots.
            plays=user != "USLACKBOT"
            and not any(told.get(sign) for sign in ("is_bot", "is_stranger", "deleted")),
        )
        self._known[team, user] = monotonic(), profile
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return profile
