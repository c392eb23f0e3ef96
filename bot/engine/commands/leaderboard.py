"""`leaderboard`: who has how many points, over a window of days; members or teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bot.engine import charts
from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.drill import CatchUp
from bot.engine.days import day_in
from bot.engine.rounds import Board
from bot.engine.screens import Button, Person, Reply, Say, Screen, Table, Text, notice
from bot.engine.standings import (
    RankBy,
    Season,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    Window,
)
from bot.engine.zones.labels import label

PAGE = 10
HEADINGS = ("Rank", "Name", "Points", "Right", "Streak")
TEAM_HEADINGS = ("Rank", "Team", "Points", "Took part")


@dataclass(frozen=True, slots=True)
class ShowBoard(Action):
    """Show a page of a leaderboard, of members or of teams."""

    verb = "board"
    window: str
    by: str
    board: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class DrawBoard(Action):
    """Show a page of a leaderboard as a picture."""

    verb = "drawboard"
    window: str
    by: str
    board: str
    page: int = 0


async def leaderboard(context: Context, options: Options) -> Reply:
    """The first page of the board."""
    board = Board(options["board"]) if options["board"] else None
    shown = Window(options["window"]), RankBy(options["by"]), board
    return await _page(context, *shown, 0)


async def turn(context: Context, action: ShowBoard, _: tuple[str, ...]) -> Reply:
    """Another page or window, from a control."""
    try:
        board = Board(action.board) if action.board else None
        shown = Window(action.window), RankBy(action.by), board
    except ValueError:
        return notice(
            ("That leaderboard is not there any more. Get a new one: ", Say("leaderboard"))
        )
    return await _page(context, *shown, action.page)


async def draw(context: Context, action: DrawBoard, values: tuple[str, ...]) -> Reply:
    """The same page as a picture, with its text, in a message of its own."""
    wanted = ShowBoard(action.window, action.by, action.board, action.page)
    reply = await turn(context, wanted, values)
    if reply.data is None:
        return reply
    chart = charts.standings(reply.screen.title, reply.data)
    return replace(reply, screen=replace(reply.screen, controls=(), picture=chart))


async def _page(
    context: Context, window: Window, by: RankBy, board: Board | None, page: int
) -> Reply:
    """A page of a board; where none is named, of the first that has lines."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    zone, season = context.community_zone(settings.zone), settings.season
    period = window.period(day_in(zone, context.now), season.id if season else None)
    if period is None:
        return notice(NO_SEASON)
    if board is None:
        played = await context.store.boards.played(context.member, period, by)
        board = next((each for each in Board if each in played), Board.DRILL)
    limit, offset = PAGE, page * PAGE
    standings: Standings | TeamStandings
    headings: tuple[Text, ...]
    if by is RankBy.TEAMS:
        standings = await context.store.boards.team_standings(
            context.member, board, period, limit=limit, offset=offset
        )
        headings, lines = TEAM_HEADINGS, [_team(line, standings.own) for line in standings.lines]
        own = [_team(standings.own, standings.own)] if standings.own else []
    else:
        standings = await context.store.boards.standings(
            context.member,
            board,
            period,
            now=context.now,
            zone=zone.key,
            limit=limit,
            offset=offset,
        )
        headings, lines = HEADINGS, [_member(line, standings.own) for line in standings.lines]
        own = [_member(standings.own, standings.own)] if standings.own else []
    lines += [line for line in own if line not in lines]
    last = max(0, (standings.total - 1) // PAGE)
    new_rule = board is Board.LIVE and await _is_new(context)
    said = {
        f"Page {page + 1} of {last + 1}": last,
        MISSING[by]: lines and not own,
        HIDDEN: isinstance(standings.own, Standing) and standings.own.hidden,
        f"Days end at midnight in {label(zone.key)}": window in CUT,
        LIVE_RULE: new_rule,
    }
    return Reply(
        Screen(
            title=f"Leaderboard · {board.label}, {_named(window, season)}",
            text=(Table((headings, *lines)) if lines else NOBODY[by],),
            controls=_ways_on(window, by, board, page, last, running=season is not None),
            note=" · ".join(text for text, holds in said.items() if holds),
        ),
        data={
            "board": board.value,
            "window": window.value,
            "season": season.name if season and window is Window.SEASON else None,
            "zone": zone.key,
            "by": by.value,
            "total": standings.total,
            "lines": [asdict(line) for line in standings.lines],
            "own": asdict(standings.own) if standings.own else None,
        },
    )


async def _is_new(context: Context) -> bool:
    """Whether the rule for live questions came with an upgrade of the last days."""
    since = await context.store.settings.get(LIVE_RULE_SINCE)
    return bool(since) and context.now - datetime.fromisoformat(since or "") < NEWS


LIVE_RULE_SINCE = "live-rule-since"
"""The fact that says when an upgrade brought the rule: an ISO instant."""

NEWS = timedelta(days=7)
LIVE_RULE = "New: a question that you know earns you points at most once a week"

NO_SEASON = (
    "No season is running. An admin can start one: ",
    Say("season start", {"name": "Autumn 2026"}),
)
HIDDEN = "You are hidden: only you see your line"
CUT = (Window.TODAY, Window.WEEK, Window.MONTH)
"""Windows that begin and end at midnight."""

NOBODY: Mapping[RankBy, Text] = {
    RankBy.MEMBERS: "No answers yet. Be the first.",
    RankBy.TEAMS: (
        "No team has answered anything yet. Join one: ",
        Say("team list"),
        " Or make one: ",
        Say("team create", {"name": "Night Owls"}),
    ),
}

MISSING = {
    RankBy.MEMBERS: "You have no answers in this window yet",
    RankBy.TEAMS: "You are in no team",
}


def _named(window: Window, season: Season | None) -> str:
    return season.name if season and window is Window.SEASON else window.label


def _ways_on(
    window: Window, by: RankBy, board: Board, page: int, last: int, *, running: bool
) -> tuple[Button, ...]:
    other = RankBy.TEAMS if by is RankBy.MEMBERS else RankBy.MEMBERS
    buttons = []
    if page:
        buttons.append(Button("Previous page", encode(ShowBoard(window, by, board, page - 1))))
    if page < last:
        buttons.append(
            Button("Next page", encode(ShowBoard(window, by, board, page + 1)), "primary")
        )
    buttons += [
        Button(each.label.capitalize(), encode(ShowBoard(each, by, board)))
        for each in Window
        if each is not window and (running or each is not Window.SEASON)
    ]
    buttons += [
        Button(each.label, encode(ShowBoard(window, by, each)))
        for each in Board
        if each is not board
    ]
    buttons.append(Button(other.value.capitalize(), encode(ShowBoard(window, other, board))))
    if board is Board.DAILY:
        buttons.append(Button("Catch up", encode(CatchUp())))
    buttons.append(Button("Picture", encode(DrawBoard(window, by, board, page)), draws=True))
    return tuple(buttons)


def _member(line: Standing, own: Standing | None) -> tuple[Text, ...]:
    person = Person(line.user, line.name)
    mark = " (you, hidden)" if line.hidden else " (you)"
    return (
        str(line.rank),
        (person, mark) if line == own else (person,),
        str(line.points),
        f"{line.right} of {line.answered}",
        f"{line.streak} day{'' if line.streak == 1 else 's'}",
    )


def _team(line: TeamStanding, own: TeamStanding | None) -> tuple[Text, ...]:
    return (
        str(line.rank),
        f"{line.name} (yours)" if line == own else line.name,
        str(line.points),
        f"{line.active} of {line.members}",
    )


LEADERBOARD = Command(
    name="leaderboard",
    description="Who has how many points here: members or teams, today, this season or longer",
    handler=leaderboard,
    options=(
        Option(
            "window",
            "How far back",
            default=Window.WEEK.value,
            choices=tuple(window.value for window in Window),
        ),
        Option(
            "by",
            "Members or teams",
            default=RankBy.MEMBERS.value,
            choices=tuple(by.value for by in RankBy),
        ),
        Option(
            "board",
            "Which kind of play: boards are kept apart; else the first that has points",
            choices=tuple(board.value for board in Board),
        ),
    ),
    rest="window",
    examples=({}, {"window": "season"}, {"window": "week", "by": "teams"}),
    presses=(OnPress(ShowBoard, turn, updates=always), OnPress(DrawBoard, draw)),
    needs="community",
)
