"""What admins chose for a community and its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from bot.engine.rounds import Posers, Reveal
from bot.engine.schedules import Weekly
from bot.engine.seasons import Season


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What the admins chose for a channel; `weekly` is when last week's board is posted there."""

    reveal: Reveal = Reveal.AT_ONCE
    pack: str = ""
    weekly: Weekly | None = None


@dataclass(frozen=True, slots=True)
class CommunitySettings:
    """What the admins chose for a community: the IANA zone in which its days are cut, if any; who
    may pose live questions, and how many an hour and for how long those may who are no managers;
    how many members a team may have, if not any number; with the season that runs."""

    zone: str | None = None
    season: Season | None = None
    posers: Posers = Posers.EVERYONE
    questions_an_hour: int = 3
    question_minutes: int = 60
    team_cap: int | None = None


class Communities(Protocol):
    """Keeps what was chosen."""

    async def settings(self, platform: str, community: str) -> CommunitySettings:
        """What was chosen for a community; the defaults where nothing was."""

    async def set_settings(
        self,
        platform: str,
        community: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        """Keep what was chosen for a community, and move what is due to another time, unless it
        happened meanwhile; seasons are started, not set."""

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """What was chosen for a channel; the defaults where nothing was."""

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        """Keep what was chosen for a channel, and for its community, and what is due by that: all
        or nothing."""
