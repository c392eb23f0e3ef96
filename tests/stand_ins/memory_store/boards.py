from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.engine.answers import AcceptedAnswer
from bot.engine.days import Days, first_known_zone
from bot.engine.events import Member
from bot.engine.rounds import Board
from bot.engine.standings import (
    TEAM_BEST,
    RankBy,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    rank_lines,
    score_team,
)
from tests.stand_ins.memory_store.players import Players
from tests.stand_ins.memory_store.state import State, player_key, same_community
from tests.stand_ins.memory_store.teams import Teams


class Boards:
    def __init__(self, state: State, players: Players, teams: Teams) -> None:
        self._state = state
        self._players = players
        self._teams = teams

    async def played(self, member: Member, period: str, by: RankBy) -> Collection[Board]:
        counted = self._state.counted(member, period)
        return {each.round.board for each, team in counted if team or by is RankBy.MEMBERS}

    async def awaits_results(self, member: Member, period: str) -> bool:
        return any(
            self._state.awaits_reveal(each)
            and period in each.periods
            and same_community(each.member, member)
            for each in self._state.accepted
        )

    async def standings(
        self,
        member: Member,
        board: Board,
        period: str,
        *,
        now: datetime,
        zone: str,
        limit: int,
        offset: int,
    ) -> Standings:
        counted = [
            each for each, _ in self._state.counted(member, period) if each.round.board == board
        ]
        given = by_member(counted)
        sums = {who: sum(each.answer.points for each in mine) for who, mine in given.items()}
        visible_points = [points for who, points in sums.items() if who not in self._state.hidden]
        lines = {}
        for who, mine in given.items():
            known = first_known_zone(self._state.zones.get(player_key(who)), mine[-1].zone, zone)
            own = Days(known, self._state.day_starts.get(player_key(who), 0))
            lines[who] = Standing(
                rank=1 + sum(points > sums[who] for points in visible_points),
                user=who.user,
                name=self._state.names[who],
                points=sums[who],
                right=sum(each.answer.right for each in mine),
                answered=len(mine),
                streak=(await self._players.totals(who)).streak.on(now, own),
                hidden=who in self._state.hidden,
            )
        order = sorted(lines, key=lambda who: sort_key(given[who]))
        visible = [lines[who] for who in order if who not in self._state.hidden]
        return Standings(tuple(visible[offset : offset + limit]), lines.get(member), len(visible))

    async def team_standings(
        self, member: Member, board: Board, period: str, *, limit: int, offset: int
    ) -> TeamStandings:
        counted = [
            each for each in self._state.counted(member, period) if each[0].round.board == board
        ]
        reached = []
        for team in await self._teams.all(member):
            active = by_member([each for each, earned_for in counted if earned_for == team.id])
            if active:
                best = sorted(map(sort_key, active.values()))[:TEAM_BEST]
                members = team.members + sum(
                    self._state.team_of.get(who) != team.id for who in active
                )
                points = score_team(-sum(less for less, _ in best), len(active), members)
                line = TeamStanding(0, team.id, team.name, points, len(active), members)
                reached.append((max(at for _, at in best), team.id, line))
        lines = rank_lines(line for *_, line in sorted(reached, key=lambda each: each[:2]))
        own = next((line for line in lines if line.team == self._state.team_of.get(member)), None)
        return TeamStandings(tuple(lines[offset : offset + limit]), own, len(lines))


def by_member(counted: Sequence[AcceptedAnswer]) -> dict[Member, list[AcceptedAnswer]]:
    return {
        who: [each for each in counted if each.member == who]
        for who in dict.fromkeys(each.member for each in counted)
    }


def sort_key(mine: Sequence[AcceptedAnswer]) -> tuple[int, datetime]:
    """Sorts lines by points, highest first, then by when they were reached."""
    earned = [each.answer for each in mine if each.answer.points] or [mine[0].answer]
    return -sum(each.points for each in earned), earned[-1].answered_at
