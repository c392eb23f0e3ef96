"""Admins' settings for a community and its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from bot.engine.rounds import Posers, Results, Reveal
from bot.engine.schedules import Weekly
from bot.engine.seasons import Season


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A channel's settings; `weekly` is when last week's board is posted there, if at all, and
    `results` is how the channel hears of a result."""

    reveal: Reveal = Reveal.AT_ONCE
    pack: str = ""
    weekly: Weekly | None = None
    results: Results = Results.REPLY


@dataclass(frozen=True, slots=True)
class Managers:
    """Who may do what admins may, besides them: everyone with a role, and people by user id."""

    role: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommunitySettings:
    """A community's settings: the IANA zone of its days, if any; who may pose live questions, and
    for members who don't manage it, how many an hour and for at most how many minutes each; how
    many members a team may have, None for no limit; its managers. Includes the running season."""

    zone: str | None = None
    season: Season | None = None
    posers: Posers = Posers.EVERYONE
    questions_an_hour: int = 3
    question_minutes: int = 60
    team_cap: int | None = None
    managers: Managers = Managers()


class Communities(Protocol):
    """Stores settings of communities and channels."""

    async def settings(self, platform: str, community: str) -> CommunitySettings:
        """Return a community's settings, with defaults for what isn't set."""

    async def set_settings(
        self,
        platform: str,
        community: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        """Store a community's settings, and move due rows to new times, unless they've been done
        meanwhile. This doesn't change the season: start one instead."""

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """Return a channel's settings, or the defaults."""

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        """Store a channel's settings, with any changes for its community and the due row that go
        with them: all or nothing."""

    async def note_warning(self, channel: Channel, reason: str) -> bool:
        """Store that the managers of a channel are warned for this reason; False if they were
        before."""
