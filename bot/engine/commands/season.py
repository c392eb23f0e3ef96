"""`season`: a named stretch of time with boards of its own, which admins start, and past ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, encode, pack_text, unpack_text
from bot.engine.boards import PODIUM, first_board
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.dates import dates_of
from bot.engine.commands.foreseen import refused
from bot.engine.commands.leaderboard import ShowBoard
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.times import Unread
from bot.engine.days import DAY, date_in
from bot.engine.schedules import to_utc
from bot.engine.screens import (
    Button,
    CommandMention,
    Moment,
    Person,
    Reply,
    Screen,
    Text,
    Tone,
    join_texts,
    notice,
)
from bot.engine.seasons import Season, SeasonEnd
from bot.engine.standings import RankBy, Standing, TeamStanding, Window
from bot.engine.text import clean_name, is_readable

MAX_NAME_BYTES = 40
"""Bytes of a season's name and the next one's together: they have to fit a button."""

MAX_DAYS = 3 * 366
"""Days that a season can have if it's given an end."""

LISTED = 5
"""Past seasons on a page."""

BAD_NAME = (
    f"A season needs a name of at most {MAX_NAME_BYTES} letters, fewer where they are not Latin."
)
BAD_NAMES = (
    f"The names of the season and of the next one have at most {MAX_NAME_BYTES} letters together, "
    "fewer where they are not Latin."
)
NO_CHANNEL = "Start a season with an end in the channel where its podium should be posted."


@dataclass(frozen=True, slots=True)
class NewSeason(Action):
    """End a season and start another one. Its `name` and that of the `next` one are packed; it
    `ends` with a day, as 2026-12-31, if it was given an end."""

    verb = "newseason"
    ending: int
    name: str
    ends: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class ListSeasons(Action):
    """Show a page of the past seasons."""

    verb = "seasons"
    page: int = 0


async def start(context: Context, options: Options) -> Reply:
    """Start a season; where one runs, ask before it is ended."""
    name, following = clean_name(options["name"]), clean_name(options["next"])
    if not _fits(name) or not is_readable(name):
        return notice(BAD_NAME)
    if following and not (_fits(name + following) and is_readable(following)):
        return notice(BAD_NAMES)
    running, zone = await _running(context)
    ends_on = _last_day(context, zone, options["ends"], following)
    if isinstance(ends_on, Reply):
        return ends_on
    if running is None:
        return await _start(context, zone, name, ends_on, following)
    press = NewSeason(
        running.id, pack_text(name), ends_on.isoformat() if ends_on else "", pack_text(following)
    )
    return Reply(
        Screen(
            title=f"End {running.name}?",
            text=(
                (f"{running.name} has run since ", Moment(running.started_at), "."),
                f"Starting {name} ends it for good, and everybody starts from nothing on the new "
                "board. The other boards go on.",
                ("You can still look at past seasons: ", CommandMention("season list")),
            ),
            controls=(Button(f"End it and start {name}", encode(press), style="danger"),),
        )
    )


async def press_start(context: Context, action: NewSeason, _: tuple[str, ...]) -> Reply:
    """End the season that was asked about and start the next one."""
    running, zone = await _running(context)
    if running is None or running.id != action.ending:
        return notice("Another season has been started meanwhile.")
    following = unpack_text(action.next)
    ends_on = _last_day(context, zone, action.ends, following)
    if isinstance(ends_on, Reply):
        return ends_on
    return await _start(context, zone, unpack_text(action.name), ends_on, following)


def _fits(names: str) -> bool:
    return len(names.encode()) <= MAX_NAME_BYTES


def _last_day(context: Context, zone: ZoneInfo, ends: str, following: str) -> date | Reply | None:
    """The last day that was asked for, or why there can be none."""
    if not ends.strip():
        again = {"name": "Autumn 2026", "ends": "2026-11-30", "next": following}
        wrong = (
            "The next season needs to know when this one ends: ",
            CommandMention("season start", again),
        )
        return notice(wrong) if following else None
    today = date_in(zone, context.now)
    days = dates_of(ends, today)
    if isinstance(days, Unread):
        return notice(f"{days} Use a date like 2026-11-30 or 30 Nov.")
    if len(days) != 1:
        return notice("A season has one last day. Use a date like 2026-11-30 or 30 Nov.")
    (day,) = days
    if not today <= day < today + MAX_DAYS * DAY:
        return notice("A season's last day is today or later, within three years.")
    return notice(NO_CHANNEL) if context.event.place.private else day


async def _running(context: Context) -> tuple[Season | None, ZoneInfo]:
    """The season that runs, and where the community's days end."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    return settings.season, context.community_zone(settings.zone)


async def _start(
    context: Context, zone: ZoneInfo, name: str, ends_on: date | None, following: str
) -> Reply:
    place = context.event.place
    end = None
    if ends_on:
        if refusal := await refused(context):
            return refusal
        over = to_utc(ends_on + DAY, time.min, zone.key)
        end = SeasonEnd(ends_on, over, following, context.channel, context.member.user)
    await context.store.seasons.start(place.platform, place.community, name, context.now, end)
    board = Button("Leaderboard", encode(ShowBoard(Window.SEASON, RankBy.MEMBERS, "")), "primary")
    return Reply(
        Screen(
            title=f"{name} has begun",
            text=(
                (
                    f"Every answer counts for its board from now on, until {_day(ends_on)} is "
                    f"over. {_after(following)} The podium is posted here at the end."
                )
                if ends_on
                else "Every answer counts for its board from now on, until another season is "
                "started.",
            ),
            controls=(board,),
            tone=Tone.RIGHT,
        )
    )


async def list_seasons(context: Context, _: Options) -> Reply:
    """The past seasons, the latest first."""
    return await turn(context, ListSeasons(), ())


async def turn(context: Context, action: ListSeasons, _: tuple[str, ...]) -> Reply:
    """A page of the past seasons: when they were, who won, and a way to each one's board."""
    running, zone = await _running(context)
    past, total = await context.store.seasons.past(
        context.member, limit=LISTED, offset=action.page * LISTED
    )
    now = [_running_line(running, zone)] if running else []
    if not now and not past:
        return notice(("There hasn't been a season here yet. ", *HOW_TO_START))
    lines = [await _line(context, each, zone) for each in past]
    buttons = [
        Button(each.name, encode(ShowBoard(each.period, RankBy.MEMBERS, "")))
        for each in (*([running] if running else []), *past)
    ]
    if action.page:
        buttons.append(Button("Later seasons", encode(ListSeasons(action.page - 1))))
    if total > (action.page + 1) * LISTED:
        buttons.append(Button("Earlier seasons", encode(ListSeasons(action.page + 1)), "primary"))
    return Reply(
        Screen(
            title="Seasons",
            text=(*now, *(lines or ["No season has ended yet."])),
            controls=tuple(buttons),
        ),
        data={"seasons": [{"id": each.id, "name": each.name} for each in past], "total": total},
    )


HOW_TO_START = ("An admin can start one: ", CommandMention("season start", {"name": "Autumn 2026"}))


def _running_line(season: Season, zone: ZoneInfo) -> str:
    began = f"{season.name} has run since {_day(date_in(zone, season.started_at))}"
    if season.ends_on is None:
        return f"{began}."
    return f"{began}, until {_day(season.ends_on)} is over. {_after(season.next)}".rstrip()


async def _line(context: Context, season: Season, zone: ZoneInfo) -> Text:
    """When a season was, and who won it."""
    last = season.ends_on or date_in(zone, season.ended_at or season.started_at)
    days = f"{season.name}: {_day(date_in(zone, season.started_at))} to {_day(last)}. "
    found = await first_board(context.store, context.member, season.period, context.now, zone)
    if found is None:
        return f"{days}Nobody answered anything."
    won = [_winners(found.members.lines), _winners(found.teams.lines)]
    return (days, "Won by ", *join_texts(filter(None, won), " and by "), f" ({found.board.label}).")


def _winners(lines: Iterable[Standing | TeamStanding]) -> Text:
    """Those who are first, and with how many points; nothing where there is nobody."""
    first = [line for line in lines if line.rank == 1]
    if not first:
        return ""
    named: Sequence[Text] = [
        (Person(line.user, line.name),) if isinstance(line, Standing) else line.name
        for line in first
    ]
    more = f" and {len(named) - PODIUM} more" if len(named) > PODIUM else ""
    return (*join_texts(named[:PODIUM], ", "), more, f" with {first[0].points:,} points")


def _after(following: str) -> str:
    return f"Then {following} begins." if following else "Then none runs until you start one."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


START = Command(
    name="season start",
    description="Start a season: a leaderboard of its own, until the next one starts or it ends",
    handler=start,
    options=(
        Option("name", "What the season is called", required=True),
        Option("ends", "Its last day, like 30 Nov. Its podium is posted here then"),
        Option("next", "What the season is called that begins when this one ends"),
    ),
    rest="name",
    examples=(
        {"name": "Autumn 2026"},
        {"name": "Autumn 2026", "ends": "30 Nov", "next": "Winter 2026"},
    ),
    presses=(OnPress(NewSeason, press_start, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)

LIST = Command(
    name="season list",
    description="Past seasons: when they were, who won, and their boards",
    handler=list_seasons,
    presses=(OnPress(ListSeasons, turn, updates=always),),
    examples=({},),
    needs="community",
)
