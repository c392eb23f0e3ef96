"""`season`: start a season with its own leaderboards, and look at past ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, Page, encode, pack_text, unpack_text
from bot.engine.boards import PODIUM, first_board
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.dates import parse_dates
from bot.engine.commands.foreseen import check_can_post
from bot.engine.commands.leaderboard import ShowBoard
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.times import NotUnderstood
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
from content.language.plural import count

MAX_NAME_BYTES = 40
"""The most bytes of both names together, because a button's action carries them."""

MAX_DAYS = 3 * 366
"""The longest season with a planned end."""

SEASONS_PER_PAGE = 5
"""How many past seasons a page shows."""

BAD_NAME = (
    f"Give the season a name of at most {MAX_NAME_BYTES} letters, or fewer if they aren't Latin."
)
BAD_NAMES = (
    f"Shorten the names: this season's and the next one's can have {MAX_NAME_BYTES} letters "
    "together, or fewer if they aren't Latin."
)
NO_CHANNEL = "Start a season with an end in the channel where you want its podium posted."


@dataclass(frozen=True, slots=True)
class NewSeason(Action):
    """End a season and start another. Its `name` and that of the `next` one are packed; `ends` is
    its last day, such as 2026-12-31, if an end is planned."""

    verb = "newseason"
    ending: int
    name: str
    ends: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class ListSeasons(Action):
    """Show a page of the past seasons."""

    verb = "seasons"
    page: Page = 0


async def start(context: Context, options: Options) -> Reply:
    """Start a season; if one is running, ask before ending it."""
    name, following = clean_name(options["name"]), clean_name(options["next"])
    if not _fits_button(name) or not is_readable(name):
        return notice(BAD_NAME)
    if following and not (_fits_button(name + following) and is_readable(following)):
        return notice(BAD_NAMES)
    running, zone = await _running_season(context)
    ends_on = _parse_last_day(context, zone, options["ends"], following)
    if isinstance(ends_on, Reply):
        return ends_on
    if running is None:
        return await _start_season(context, zone, name, ends_on, following)
    press = NewSeason(
        running.id, pack_text(name), ends_on.isoformat() if ends_on else "", pack_text(following)
    )
    return Reply(
        Screen(
            title=f"End {running.name}?",
            text=(
                (f"{running.name} has run since ", Moment(running.started_at), "."),
                f"Starting {name} ends it for good, and everyone starts from zero on the new "
                "leaderboard. The other leaderboards go on.",
                ("You can still look at past seasons: ", CommandMention("season list")),
            ),
            controls=(Button(f"End it and start {name}", encode(press), style="danger"),),
        )
    )


async def press_start(context: Context, action: NewSeason, _: tuple[str, ...]) -> Reply:
    """End the season that was named and start the next."""
    running, zone = await _running_season(context)
    if running is None or running.id != action.ending:
        return notice("Another season has started in the meantime.")
    following = unpack_text(action.next)
    ends_on = _parse_last_day(context, zone, action.ends, following)
    if isinstance(ends_on, Reply):
        return ends_on
    return await _start_season(context, zone, unpack_text(action.name), ends_on, following)


def _fits_button(names: str) -> bool:
    return len(names.encode()) <= MAX_NAME_BYTES


def _parse_last_day(
    context: Context, zone: ZoneInfo, ends: str, following: str
) -> date | Reply | None:
    """Parse the last day, or say what's wrong with it."""
    if not ends.strip():
        again = {"name": "Autumn 2026", "ends": "2026-11-30", "next": following}
        wrong = (
            "The next season needs to know when this one ends: ",
            CommandMention("season start", again),
        )
        return notice(wrong) if following else None
    today = date_in(zone, context.now)
    days = parse_dates(ends, today)
    if isinstance(days, NotUnderstood):
        return notice(f"{days} Use a date like 2026-11-30 or 30 Nov.")
    if len(days) != 1:
        return notice("A season can only have one last day. Use a date like 2026-11-30 or 30 Nov.")
    (day,) = days
    if not today <= day < today + MAX_DAYS * DAY:
        return notice("Choose a last day from today on, within three years.")
    return notice(NO_CHANNEL) if context.event.place.private else day


async def _running_season(context: Context) -> tuple[Season | None, ZoneInfo]:
    """Load the running season and the community's time zone."""
    place = context.event.place
    settings = await context.store.communities.settings(place.platform, place.community)
    return settings.season, context.community_zone(settings.zone)


async def _start_season(
    context: Context, zone: ZoneInfo, name: str, ends_on: date | None, following: str
) -> Reply:
    place = context.event.place
    end = None
    if ends_on:
        if refusal := await check_can_post(context):
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
                    "From now on, every answer counts toward it, until "
                    f"{_format_day(ends_on)} ends. {_what_follows(following)} The podium will be "
                    "posted here at the end."
                )
                if ends_on
                else "From now on, every answer counts toward it, until you start another season.",
            ),
            controls=(board,),
            tone=Tone.RIGHT,
        )
    )


async def list_seasons(context: Context, _: Options) -> Reply:
    """List past seasons, the latest first."""
    return await show_page(context, ListSeasons(), ())


async def show_page(context: Context, action: ListSeasons, _: tuple[str, ...]) -> Reply:
    """Show a page of past seasons: dates, winners and a button to each board."""
    running, zone = await _running_season(context)
    past, total = await context.store.seasons.past(
        context.member, limit=SEASONS_PER_PAGE, offset=action.page * SEASONS_PER_PAGE
    )
    now = [_format_running(running, zone)] if running else []
    if not now and not past:
        return notice(("There hasn't been a season here yet. ", *HOW_TO_START))
    lines = [await _format_past(context, each, zone) for each in past]
    buttons = [
        Button(each.name, encode(ShowBoard(each.period, RankBy.MEMBERS, "")))
        for each in (*([running] if running else []), *past)
    ]
    if action.page:
        buttons.append(Button("Later seasons", encode(ListSeasons(action.page - 1))))
    if total > (action.page + 1) * SEASONS_PER_PAGE:
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


def _format_running(season: Season, zone: ZoneInfo) -> str:
    began = f"{season.name} has run since {_format_day(date_in(zone, season.started_at))}"
    if season.ends_on is None:
        return f"{began}."
    end = _format_day(season.ends_on)
    return f"{began} and ends after {end}. {_what_follows(season.next)}".rstrip()


async def _format_past(context: Context, season: Season, zone: ZoneInfo) -> Text:
    """Format a past season: its dates and winners."""
    last = season.ends_on or date_in(zone, season.ended_at or season.started_at)
    days = (
        f"{season.name}: {_format_day(date_in(zone, season.started_at))} to {_format_day(last)}. "
    )
    found = await first_board(context.store, context.member, season.period, context.now, zone)
    if found is None:
        return f"{days}Nobody answered anything."
    won = [_format_winners(found.members.lines), _format_winners(found.teams.lines)]
    return (days, "Won by ", *join_texts(filter(None, won), " and by "), f" ({found.board.label}).")


def _format_winners(lines: Iterable[Standing | TeamStanding]) -> Text:
    """Format everyone in first place with their points; empty if there's nobody."""
    first = [line for line in lines if line.rank == 1]
    if not first:
        return ""
    named: Sequence[Text] = [
        (Person(line.user, line.name),) if isinstance(line, Standing) else line.name
        for line in first
    ]
    more = f" and {len(named) - PODIUM} more" if len(named) > PODIUM else ""
    return (*join_texts(named[:PODIUM], ", "), more, f" with {count(first[0].points, 'point')}")


def _what_follows(following: str) -> str:
    return (
        f"Then {following} begins."
        if following
        else "After that, no season runs until you start one."
    )


def _format_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


START = Command(
    name="season start",
    description="Start a season: a fresh leaderboard until it ends or the next one starts",
    handler=start,
    options=(
        Option("name", "Name of the season", required=True),
        Option("ends", "Last day, like 30 Nov. The podium is posted here then"),
        Option("next", "Name of the season that starts when this one ends"),
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
    description="See past seasons, who won them, and their leaderboards",
    handler=list_seasons,
    presses=(OnPress(ListSeasons, show_page, updates=always),),
    examples=({},),
    needs="community",
)
