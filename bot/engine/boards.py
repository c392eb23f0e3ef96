"""Leaderboards on screen: lines as tables, and messages that show a board to a whole channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from bot.engine import charts
from bot.engine.actions import OpenBoard, encode
from bot.engine.events import Channel, Member
from bot.engine.platform import Poster, Presence
from bot.engine.ports import Store
from bot.engine.rounds import Board
from bot.engine.screens import BarChart, Button, Part, Person, Screen, Table, Text
from bot.engine.seasons import Season
from bot.engine.standings import (
    RankBy,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    format_period,
)
from bot.engine.zones.labels import label
from content.language.plural import count

PAGE = 10
PODIUM = 3
"""How many ranks are named at a season's end."""

HEADINGS = ("Rank", "Name", "Points", "Right", "Streak")
TEAM_HEADINGS = ("Rank", "Team", "Points", "Took part")

LEFT = " (left)"
"""Follows the name of a member who is no longer in the community."""

WAITING = "Questions that are still open count once they close"

Line = TypeVar("Line", Standing, TeamStanding)
Found = Standings | TeamStandings
"""A page of a board, of members or of teams."""


@dataclass(frozen=True, slots=True)
class FirstBoard:
    """The first board with lines in a period, as everybody sees it."""

    board: Board
    members: Standings
    teams: TeamStandings


def everybody(channel: Channel) -> Member:
    """Return a member who stands for everybody in a channel's community, so no line is theirs."""
    return Member(channel.platform, channel.community, "")


async def first_board(
    store: Store, community: Member, period: str, now: datetime, zone: ZoneInfo
) -> FirstBoard | None:
    """Find the first board with lines in a period, in the order of `Board`; None if nobody has
    answered anything."""
    for board in Board:
        members = await store.boards.standings(
            community, board, period, now=now, zone=zone.key, limit=PAGE, offset=0
        )
        teams = await store.boards.team_standings(community, board, period, limit=PAGE, offset=0)
        if members.lines or teams.lines:
            return FirstBoard(board, members, teams)
    return None


async def check_presence(
    posters: Mapping[str, Poster], community: Member, found: Standings
) -> Standings:
    """Mark members who left, and leave out those whose account was deactivated; ranks stay."""
    poster = posters.get(community.platform)
    own = found.own.user if found.own else ""
    others = [line.user for line in found.lines if line.user != own]
    if poster is None or not others:
        return found
    presence = await poster.presence(community.community, others)
    lines = tuple(
        replace(line, left=presence.get(line.user) is Presence.LEFT)
        for line in found.lines
        if presence.get(line.user) is not Presence.DEACTIVATED
    )
    return replace(found, lines=lines, left_out=len(found.lines) - len(lines))


def describe_left_out(found: Found) -> str:
    """Say how many lines of a page aren't shown; empty if all are."""
    left_out = found.left_out if isinstance(found, Standings) else 0
    return f"Not shown: {count(left_out, 'deactivated member')}" if left_out else ""


def podium(found: FirstBoard) -> FirstBoard:
    """Keep the best ranks only."""
    return replace(
        found,
        members=replace(found.members, lines=_first_ranks(found.members.lines)),
        teams=replace(found.teams, lines=_first_ranks(found.teams.lines)),
    )


def weekly(found: FirstBoard, week: str, zone: ZoneInfo, at: datetime, *, waiting: bool) -> Screen:
    """Show a whole channel last week's board; `waiting` if some results aren't in yet."""
    title = f"Last week's leaderboard · {found.board.label}"
    notes = (
        f"Days end at midnight in {label(zone.key)}",
        WAITING if waiting else "",
        describe_left_out(found.members),
    )
    return Screen(
        title=title,
        text=(f"{format_period(week)}.", *_tables(found)),
        controls=(_open_button(week, RankBy.MEMBERS, found.board, at),),
        note=" · ".join(filter(None, notes)),
        picture=_picture(title, found),
    )


def closing(season: Season, best: FirstBoard | None, at: datetime) -> Screen:
    """Show a whole channel that a season is over: its podium, and the season that follows."""
    title = f"{season.name} is over"
    begun = f"{season.next} has begun. Every answer counts for its board from now on."
    after = (begun,) if season.next else ()
    if best is None:
        # There's a button anyway, because retries find the message by it.
        nobody = ("Nobody answered anything in this season.", *after)
        button = _open_button(season.period, RankBy.MEMBERS, "", at)
        return Screen(title=title, text=nobody, controls=(button,))
    return Screen(
        title=title,
        text=(f"The podium · {best.board.label}", *_tables(best), *after),
        controls=(_open_button(season.period, RankBy.MEMBERS, best.board, at),),
        note=describe_left_out(best.members),
        picture=_picture(f"{season.name} · {best.board.label}", best),
    )


def page(
    title: str, found: Found, period: str, by: RankBy, board: Board, note: str, at: datetime
) -> Screen:
    """Show a whole channel a page of a board."""
    lines = table(found, streaks=False)
    return Screen(
        title=title,
        text=(lines,) if lines else (),
        controls=(_open_button(period, by, board, at),),
        note=" · ".join(filter(None, (note, describe_left_out(found)))),
        picture=charts.chart_standings(title, data(found)),
    )


def table(found: Found, *, streaks: bool = True) -> Table | None:
    """Put lines under their headings, including the reader's own; None if there are no lines.
    Streaks are as of today."""
    headings: tuple[Text, ...]
    if isinstance(found, TeamStandings):
        headings, teams = TEAM_HEADINGS, _with(found.lines, found.own)
        rows = [_team(line, found.own) for line in teams]
    else:
        headings, members = HEADINGS, _with(found.lines, found.own)
        rows = [_member(line, found.own) for line in members]
        if not streaks:
            headings, rows = headings[:-1], [row[:-1] for row in rows]
    return Table((headings, *rows)) if rows else None


def data(found: Found) -> Mapping[str, Any]:
    """Return the lines as plain data."""
    return {
        "by": (RankBy.TEAMS if isinstance(found, TeamStandings) else RankBy.MEMBERS).value,
        "total": found.total,
        "lines": [asdict(line) for line in found.lines],
        "own": asdict(found.own) if found.own else None,
    }


def _with(lines: Iterable[Line], own: Line | None) -> list[Line]:
    shown = list(lines)
    if own is not None and own not in shown:
        shown.append(own)
    return shown


def _member(line: Standing, own: Standing | None) -> tuple[Text, ...]:
    person = Person(line.user, line.name)
    if line == own:
        mark = " (you, hidden)" if line.hidden else " (you)"
    else:
        mark = LEFT if line.left else ""
    return (
        str(line.rank),
        (person, mark) if mark else (person,),
        str(line.points),
        f"{line.right} of {line.answered}",
        count(line.streak, "day"),
    )


def _team(line: TeamStanding, own: TeamStanding | None) -> tuple[Text, ...]:
    return (
        str(line.rank),
        f"{line.name} (yours)" if line == own else line.name,
        str(line.points),
        f"{line.active} of {line.members}",
    )


def _tables(found: FirstBoard) -> Iterator[Part]:
    for name, lines in (
        ("Members", table(found.members, streaks=False)),
        ("Teams", table(found.teams)),
    ):
        if lines:
            yield from (name, lines)


def _first_ranks(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.rank <= PODIUM)


def _picture(title: str, found: FirstBoard) -> BarChart | None:
    return charts.chart_standings(
        title, data(found.members if found.members.lines else found.teams)
    )


def _open_button(period: str, by: RankBy, board: Board | Literal[""], at: datetime) -> Button:
    return Button(
        "See your place", encode(OpenBoard(period.lower(), by, board, int(at.timestamp())))
    )
