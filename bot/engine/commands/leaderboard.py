"""`leaderboard`: who has how many points, over a window of days; members or teams."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import charts
from bot.engine.actions import Action, OpenBoard, encode
from bot.engine.boards import PAGE, Found, data, everybody, table
from bot.engine.boards import page as posted_page
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.rights import MANAGER
from bot.engine.days import date_in
from bot.engine.due.messages import APART, handle_of
from bot.engine.events import Member
from bot.engine.platform import Unpostable
from bot.engine.rounds import Board
from bot.engine.screens import Button, CommandMention, Reply, Screen, Text, Tone, notice
from bot.engine.seasons import PERIOD_PREFIX, Season
from bot.engine.standings import RankBy, Standing, Window, format_period
from bot.engine.zones.labels import label


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


@dataclass(frozen=True, slots=True)
class PostBoard(Action):
    """Post a page of a board in the channel, as it was looked at `at` an instant, in seconds since
    1970: a second press posts nothing more."""

    verb = "postboard"
    window: str
    by: str
    board: str
    page: int
    at: int


@dataclass(frozen=True, slots=True)
class View:
    """A board that is looked at: of a window, or of a period that is over."""

    period: str
    name: str
    window: Window | None
    by: RankBy
    board: Board
    page: int

    @property
    def title(self) -> str:
        """What the board is called."""
        return f"Leaderboard · {self.board.label}, {self.name}"

    @property
    def shown(self) -> str:
        """What an action carries of the window or period."""
        return self.window or self.period.lower()


async def leaderboard(context: Context, options: Options) -> Reply:
    """The first page of the board."""
    return await _page(context, ShowBoard(options["window"], options["by"], options["board"]))


async def turn(context: Context, action: ShowBoard, _: tuple[str, ...]) -> Reply:
    """Another page or window, from a control."""
    return await _page(context, action)


async def open_posted(context: Context, action: OpenBoard, _: tuple[str, ...]) -> Reply:
    """The board of a message that everybody sees, with the member's own line."""
    return await _page(context, ShowBoard(action.period, action.by, action.board))


async def draw(context: Context, action: DrawBoard, values: tuple[str, ...]) -> Reply:
    """The same page as a picture, with its text, in a message of its own."""
    wanted = ShowBoard(action.window, action.by, action.board, action.page)
    reply = await turn(context, wanted, values)
    if reply.data is None:
        return reply
    chart = charts.chart_standings(reply.screen.title, reply.data)
    return replace(reply, screen=replace(reply.screen, controls=(), picture=chart))


async def post(context: Context, action: PostBoard, _: tuple[str, ...]) -> Reply:
    """Post the page in the channel, as everybody sees it."""
    place = context.event.place
    if place.private:
        return notice("Use this in the channel where the board should be posted.")
    settings = await context.store.communities.settings(place.platform, place.community)
    zone = context.community_zone(settings.zone)
    wanted = ShowBoard(action.window, action.by, action.board, action.page)
    view = await _view(context, wanted, zone, settings.season)
    if isinstance(view, Reply):
        return view
    found = await _found(context, view, everybody(context.channel), zone)
    if not found.lines:
        return notice(NOBODY_THEN)
    note = ""
    if view.window in CUT:  # "this week" is soon another one
        view = replace(view, name=format_period(view.period))
        note = f"Days end at midnight in {label(zone.key)}"
    at = datetime.fromtimestamp(action.at, UTC)
    shown = posted_page(view.title, found, view.period, view.by, view.board, note, at)
    handle = handle_of("board", *astuple(context.channel), encode(action))
    try:
        await context.post(context.channel, shown, handle, at - APART)
    except Unpostable as problem:
        return notice(str(problem))
    return Reply(Screen(text=("Posted. Everybody in this channel sees it.",), tone=Tone.RIGHT))


async def _page(context: Context, action: ShowBoard) -> Reply:
    """A page of a board; where none is named, of the first that has lines."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    zone, running = context.community_zone(settings.zone), settings.season
    view = await _view(context, action, zone, running)
    if isinstance(view, Reply):
        return view
    found = await _found(context, view, context.member, zone)
    lines = table(found, streaks=view.window is not None)
    return Reply(
        Screen(
            title=view.title,
            text=(lines or (NOBODY[view.by] if view.window else NOBODY_THEN),),
            controls=_ways_on(context, view, found.total, running=running is not None),
            note=" · ".join([text async for text in _notes(context, view, found, zone)]),
        ),
        data={
            "board": view.board.value,
            "window": view.shown,
            "season": view.name if view.period.startswith(PERIOD_PREFIX) else None,
            "zone": zone.key,
            **data(found),
        },
    )


async def _view(
    context: Context, action: ShowBoard, zone: ZoneInfo, running: Season | None
) -> View | Reply:
    """What an action shows, or why it shows nothing."""
    today = date_in(zone, context.now)
    current = {each: each.period(today, running.id if running else None) for each in Window}
    if action.window == Window.SEASON and running is None:
        return notice(NO_SEASON)
    try:
        by, board = RankBy(action.by), Board(action.board) if action.board else None
        window, period = _window(action.window, current)
        name = await _name(context, window, period, running)
    except ValueError:
        return notice(
            (
                "That leaderboard is not there any more. Get a new one: ",
                CommandMention("leaderboard"),
            )
        )
    if board is None:
        played = await context.store.boards.played(context.member, period, by)
        board = next((each for each in Board if each in played), Board.DRILL)
    return View(period, name, window, by, board, action.page)


def _window(shown: str, current: Mapping[Window, str | None]) -> tuple[Window | None, str]:
    """The window that an action carries and its period; or the period that it carries, with its
    window while it lasts."""
    period = current.get(Window(shown)) if shown in current else re.sub("-w", "-W", shown)
    window = next((each for each in Window if current[each] == period), None)
    return window, period or ""


async def _name(
    context: Context, window: Window | None, period: str, running: Season | None
) -> str:
    """What a window or a period that is over is called. Raises ValueError where there is none."""
    if window and window is not Window.SEASON:
        return window.label
    if not period.startswith(PERIOD_PREFIX):
        return format_period(period)
    number = int(period.removeprefix(PERIOD_PREFIX))
    season = running if window else await context.store.seasons.find(context.member, number)
    if season is None:
        raise ValueError(period)
    return season.name


async def _found(context: Context, view: View, member: Member, zone: ZoneInfo) -> Found:
    """The page of the board as a member sees it."""
    limit, offset = PAGE, view.page * PAGE
    if view.by is RankBy.TEAMS:
        return await context.store.boards.team_standings(
            member, view.board, view.period, limit=limit, offset=offset
        )
    return await context.store.boards.standings(
        member,
        view.board,
        view.period,
        now=context.now,
        zone=zone.key,
        limit=limit,
        offset=offset,
    )


async def _notes(context: Context, view: View, found: Found, zone: ZoneInfo) -> AsyncIterator[str]:
    """What is said under a page."""
    last = _last(found.total)
    if last:
        yield f"Page {view.page + 1} of {last + 1}"
    if view.window and found.lines and not found.own:
        yield MISSING[view.by]
    if isinstance(found.own, Standing) and found.own.hidden:
        yield HIDDEN
    if view.window in CUT:
        yield f"Days end at midnight in {label(zone.key)}"
    if view.board is Board.LIVE and await _is_new(context):
        yield LIVE_RULE


def _last(total: int) -> int:
    return max(0, (total - 1) // PAGE)


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
    CommandMention("season start", {"name": "Autumn 2026"}),
)
HIDDEN = "You are hidden: only you see your line"
CUT = (Window.TODAY, Window.WEEK, Window.MONTH)
"""Windows that begin and end at midnight."""

NOBODY: Mapping[RankBy, Text] = {
    RankBy.MEMBERS: "No answers yet. Be the first.",
    RankBy.TEAMS: (
        "No team has answered anything yet. Join one: ",
        CommandMention("team list"),
        " Or make one: ",
        CommandMention("team create", {"name": "Night Owls"}),
    ),
}

NOBODY_THEN = "Nobody was on this board then."

MISSING = {
    RankBy.MEMBERS: "You have no answers in this window yet",
    RankBy.TEAMS: "You are in no team",
}


def _ways_on(context: Context, view: View, total: int, *, running: bool) -> tuple[Button, ...]:
    shown, by, board, page = view.shown, view.by, view.board, view.page
    other = RankBy.TEAMS if by is RankBy.MEMBERS else RankBy.MEMBERS
    buttons = []
    if page:
        buttons.append(Button("Previous page", encode(ShowBoard(shown, by, board, page - 1))))
    if page < _last(total):
        buttons.append(
            Button("Next page", encode(ShowBoard(shown, by, board, page + 1)), "primary")
        )
    buttons += [
        Button(each.label.capitalize(), encode(ShowBoard(each, by, board)))
        for each in Window
        if each is not view.window and (running or each is not Window.SEASON)
    ]
    buttons += [
        Button(each.label, encode(ShowBoard(shown, by, each)))
        for each in Board
        if each is not board
    ]
    buttons.append(Button(other.value.capitalize(), encode(ShowBoard(shown, other, board))))
    if board is Board.DAILY:
        buttons.append(Button("Catch up", encode(CatchUp())))
    buttons.append(Button("Picture", encode(DrawBoard(shown, by, board, page)), opens_chart=True))
    if total and context.manages and not context.event.place.private:
        at = int(context.now.timestamp())
        buttons.append(Button("Post to channel", encode(PostBoard(shown, by, board, page, at))))
    return tuple(buttons)


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
    presses=(
        OnPress(ShowBoard, turn, updates=always),
        OnPress(OpenBoard, open_posted),
        OnPress(DrawBoard, draw),
        OnPress(PostBoard, post, right=MANAGER),
    ),
    needs="community",
)
