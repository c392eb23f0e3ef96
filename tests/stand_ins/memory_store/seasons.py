from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine.communities import CommunitySettings
from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Member
from bot.engine.seasons import Season, SeasonEnd
from tests.stand_ins.memory_store.due import DueRows
from tests.stand_ins.memory_store.state import State


class Seasons:
    def __init__(self, state: State, due: DueRows) -> None:
        self._state = state
        self._due = due

    async def start(
        self,
        platform: str,
        community: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        here = platform, community
        if running := self._settings(here).season:
            over = replace(running, ended_at=now, ends_on=None, next="")
            self._state.past_seasons.append((*here, over))
            self._state.rows_due.pop(("season", here, str(running.id)), None)
        season = self._begin(here, name, now, end)
        if end:
            self._due.save(NewDue("season", str(season.id), end.channel, end.at, end.set_by))
        return season

    async def end(self, row: DueRow, now: datetime) -> Season | None:
        here = row.channel.platform, row.channel.community
        settings = self._settings(here)
        running = settings.season
        if running and running.ends_on and str(running.id) == row.key:
            self._state.past_seasons.append((*here, replace(running, ended_at=now)))
            self._state.communities[here] = replace(settings, season=None)
            if running.next:
                self._begin(here, running.next, now)
        return next(
            (each for each in self._past(here) if str(each.id) == row.key and each.ends_on), None
        )

    async def find(self, member: Member, season: int) -> Season | None:
        here = member.platform, member.community
        running = self._settings(here).season
        known = [*self._past(here), *([running] if running else [])]
        return next((each for each in known if each.id == season), None)

    async def past(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        past = self._past((member.platform, member.community))[::-1]
        return past[offset : offset + limit], len(past)

    def _begin(
        self, here: tuple[str, str], name: str, now: datetime, end: SeasonEnd | None = None
    ) -> Season:
        self._state.last_season_id += 1
        ends_on, following = (end.last_day, end.next) if end else (None, "")
        season = Season(self._state.last_season_id, name, now, None, ends_on, following)
        self._state.communities[here] = replace(self._settings(here), season=season)
        return season

    def _past(self, here: tuple[str, str]) -> list[Season]:
        return [each for *where, each in self._state.past_seasons if tuple(where) == here]

    def _settings(self, here: tuple[str, str]) -> CommunitySettings:
        return self._state.communities.get(here, CommunitySettings())
