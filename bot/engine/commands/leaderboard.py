"""`leaderboard`: members or teams by points, in a window of days."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import charts
from bot.engine.actions import MAX_ID, Action, BigNumber, OpenBoard, Page, encode
from bot.engine.boards import PAGE, Found, data, describe_left_out, everybody, table
from bot.engine.boards import page as posted_page
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.rights import MANAGER
from bot.engine.days import date_in
from bot.engine.due.messages import make_handle
from bot.engine.due.timing import MAX_CLOCK_SKEW
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
    page: Page = 0


@dataclass(frozen=True, slots=True)
class DrawBoard(Action):
    """Show a page of a leaderboard as a picture."""

    verb = "drawboard"
    window: str
    by: str
    board: str
    page: Page = 0


@dataclass(frozen=True, slots=True)
class PostBoard(Action):
    """Post a page of a board in the channel. `at` is when the board was shown, in seconds since
    1970, so that a second press doesn't post it again."""

    verb = "postboard"
    window: str
    by: str
    board: str
    page: Page
    at: BigNumber


@dataclass(frozen=True, slots=True)
class View:
    """A board on screen: of a window, or of a past period."""

    period: str
    name: str
    window: Window | None
    by: RankBy
    board: Board
    page: int

    @property
    def title(self) -> str:
        """The board's title."""
        return f"Leaderboard · {self.board.label}, {self.name}"

    @property
    def shown(self) -> str:
        """The window or period as actions carry it."""
        return self.window or self.period.lower()


async def leaderboard(context: Context, options: Options) -> Reply:
    """Show the first page of a board."""
    return await _page(context, ShowBoard(options["window"], options["by"], options["board"]))


async def show_page(context: Context, action: ShowBoard, _: tuple[str, ...]) -> Reply:
    """Show another page or window, from a button."""
    return await _page(context, action)


async def open_posted(context: Context, action: OpenBoard, _: tuple[str, ...]) -> Reply:
    """Show the board of a channel's message in private, with the member's own line."""
    return await _page(context, ShowBoard(action.period, action.by, action.board))


async def draw(context: Context, action: DrawBoard, values: tuple[str, ...]) -> Reply:
    """Show the page as a chart with its text, in a new message."""
    wanted = ShowBoard(action.window, action.by, action.board, action.page)
    reply = await show_page(context, wanted, values)
    if reply.data is None:
        return reply
    chart = charts.chart_standings(reply.screen.title, reply.data)
    return replace(reply, screen=replace(reply.screen, controls=(), picture=chart))


async def post(context: Context, action: PostBoard, _: tuple[str, ...]) -> Reply:
    """Post the page in the channel."""
    place = context.event.place
    if place.private:
        return notice("Use this in the channel where you want to post the leaderboard.")
    settings = await context.store.communities.settings(place.platform, place.community)
    zone = context.community_zone(settings.zone)
    wanted = ShowBoard(action.window, action.by, action.board, action.page)
    view = await _find_view(context, wanted, zone, settings.season)
    if isinstance(view, Reply):
        return view
    found = await _load(context, view, everybody(context.channel), zone)
    if not found.lines:
        return notice(NO_PAST_LINES)
    note = ""
    if view.window in DAY_BASED:  # "this week" is soon another one
        view = replace(view, name=format_period(view.period))
        note = f"Days end at midnight in {label(zone.key)}"
    at = datetime.fromtimestamp(action.at, UTC)
    shown = posted_page(view.title, found, view.period, view.by, view.board, note, at)
    handle = make_handle("board", *astuple(context.channel), encode(action))
    try:
        await context.post(context.channel, shown, handle, at - MAX_CLOCK_SKEW)
    except Unpostable as problem:
        return notice(str(problem))
    return Reply(Screen(text=("Posted. Everyone in this channel can see it.",), tone=Tone.RIGHT))


async def _page(context: Context, action: ShowBoard) -> Reply:
    """Show a page of a board; by default of the first that has lines."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    zone, running = context.community_zone(settings.zone), settings.season
    view = await _find_view(context, action, zone, running)
    if isinstance(view, Reply):
        return view
    found = await _load(context, view, context.member, zone)
    lines = table(found, streaks=view.window is not None)
    return Reply(
        Screen(
            title=view.title,
            text=(lines or (NO_LINES[view.by] if view.window else NO_PAST_LINES),),
            controls=await _buttons(context, view, found.total, running=running is not None),
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


async def _find_view(
    context: Context, action: ShowBoard, zone: ZoneInfo, running: Season | None
) -> View | Reply:
    """Find the board an action shows, or say why there is none."""
    today = date_in(zone, context.now)
    current = {each: each.period(today, running.id if running else None) for each in Window}
    if action.window == Window.SEASON and running is None:
        return notice(NO_SEASON)
    try:
        by, board = RankBy(action.by), Board(action.board) if action.board else None
        window, period = _find_window(action.window, current)
        name = await _name_of_period(context, window, period, running)
    except ValueError:
        return notice(
            (
                "That leaderboard no longer exists. Get a new one: ",
                CommandMention("leaderboard"),
            )
        )
    if board is None:
        played = await context.store.boards.played(context.member, period, by)
        board = next((each for each in Board if each in played), Board.DRILL)
    return View(period, name, window, by, board, action.page)


def _find_window(shown: str, current: Mapping[Window, str | None]) -> tuple[Window | None, str]:
    """Find the window and the period of an action, which carries either; a past period has no
    window."""
    period = current.get(Window(shown)) if shown in current else re.sub("-w", "-W", shown)
    window = next((each for each in Window if current[each] == period), None)
    return window, period or ""


async def _name_of_period(
    context: Context, window: Window | None, period: str, running: Season | None
) -> str:
    """Name a window or a past period. Raises ValueError if there's no such period."""
    if window and window is not Window.SEASON:
        return window.label
    if not period.startswith(PERIOD_PREFIX):
        return format_period(period)
    number = int(period.removeprefix(PERIOD_PREFIX))
    if number > MAX_ID:
        raise ValueError(period)
    season = running if window else await context.store.seasons.find(context.member, number)
    if season is None:
        raise ValueError(period)
    return season.name


async def _load(context: Context, view: View, member: Member, zone: ZoneInfo) -> Found:
    """Load the page as a member sees it."""
    limit, offset = PAGE, view.page * PAGE
    if view.by is RankBy.TEAMS:
        return await context.store.boards.team_standings(
            member, view.board, view.period, limit=limit, offset=offset
        )
    found = await context.store.boards.standings(
        member,
        view.board,
        view.period,
        now=context.now,
        zone=zone.key,
        limit=limit,
        offset=offset,
    )
    return await context.check_presence(member, found)


async def _notes(context: Context, view: View, found: Found, zone: ZoneInfo) -> AsyncIterator[str]:
    """Yield the notes under a page."""
    last = _last_page(found.total)
    if last:
        yield f"Page {view.page + 1} of {last + 1}"
    if left_out := describe_left_out(found):
        yield left_out
    if view.window and found.lines and not found.own:
        yield NO_OWN_LINE[view.by]
    if isinstance(found.own, Standing) and found.own.hidden:
        yield HIDDEN
    if view.window in DAY_BASED:
        yield f"Days end at midnight in {label(zone.key)}"
    if view.board is Board.LIVE and await _is_new(context):
        yield LIVE_RULE


def _last_page(total: int) -> int:
    return max(0, (total - 1) // PAGE)


async def _is_new(context: Context) -> bool:
    """Whether an upgrade brought the rule for live questions in the last few days."""
    since = await context.store.settings.get(LIVE_RULE_SINCE)
    return bool(since) and context.now - datetime.fromisoformat(since or "") < NEWS_PERIOD


LIVE_RULE_SINCE = "live-rule-since"
"""The setting with the ISO time of the upgrade that brought the rule."""

NEWS_PERIOD = timedelta(days=7)
LIVE_RULE = "New: a live question you already know earns points at most once a week"

NO_SEASON = (
    "No season is running. An admin can start one: ",
    CommandMention("season start", {"name": "Autumn 2026"}),
)
HIDDEN = "You're hidden: only you see your line"
DAY_BASED = (Window.TODAY, Window.WEEK, Window.MONTH)
"""Windows that begin and end at midnight."""

NO_LINES: Mapping[RankBy, Text] = {
    RankBy.MEMBERS: "No answers yet. Be the first.",
    RankBy.TEAMS: (
        "No team has answered anything yet. Join one: ",
        CommandMention("team list"),
        ". Or create one: ",
        CommandMention("team create", {"name": "Night Owls"}),
    ),
}

NO_PAST_LINES = "Nobody was on this leaderboard."

NO_OWN_LINE = {
    RankBy.MEMBERS: "You haven't answered anything in this period yet",
    RankBy.TEAMS: "You're not in a team",
}


async def _buttons(
    context: Context, view: View, total: int, *, running: bool
) -> tuple[Button, ...]:
    shown, by, board, page = view.shown, view.by, view.board, view.page
    other = RankBy.TEAMS if by is RankBy.MEMBERS else RankBy.MEMBERS
    buttons = []
    if page:
        buttons.append(Button("Previous page", encode(ShowBoard(shown, by, board, page - 1))))
    if page < _last_page(total):
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
    buttons.append(Button("Chart", encode(DrawBoard(shown, by, board, page)), opens_chart=True))
    if total and not context.event.place.private and await context.manages():
        at = int(context.now.timestamp())
        buttons.append(Button("Post to channel", encode(PostBoard(shown, by, board, page, at))))
    return tuple(buttons)


LEADERBOARD = Command(
    name="leaderboard",
    description="See who's ahead: members or teams, today, this season or all time",
    handler=leaderboard,
    options=(
        Option(
            "window",
            "Period to show",
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
            "Kind of questions (default: the first with points)",
            choices=tuple(board.value for board in Board),
        ),
    ),
    rest="window",
    examples=({}, {"window": "season"}, {"window": "week", "by": "teams"}),
    presses=(
        OnPress(ShowBoard, show_page, updates=always),
        OnPress(OpenBoard, open_posted),
        OnPress(DrawBoard, draw),
        OnPress(PostBoard, post, right=MANAGER),
    ),
    needs="community",
)
