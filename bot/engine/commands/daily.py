"""`daily`: set, show, pause, skip or remove a channel's daily question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, encode
from bot.engine.commands.base import (
    Command,
    CommandForm,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_scope,
    find_scope,
    no_such_pack,
    no_such_scope,
)
from bot.engine.commands.daily_form import ask, check
from bot.engine.commands.dates import format_ranges, parse_dates
from bot.engine.commands.foreseen import Foreseen, foresee, title_of
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.roles import complete_role, find_role, name_role
from bot.engine.commands.settings_form import REVEAL_NAMES
from bot.engine.commands.times import NotUnderstood, parse_time, parse_weekdays
from bot.engine.commands.zones import (
    ask_zone,
    complete_zone,
    default_zone,
    no_such_zone,
    unpack_zone,
)
from bot.engine.dailies import Daily
from bot.engine.daily_planner import (
    ALL_SKIPPED,
    ALREADY_ASKED,
    PAUSED_BY_ADMIN,
    format_schedule,
    suggest_remedy,
)
from bot.engine.events import Channel
from bot.engine.library import WHOLE_PACK, IndexedPack
from bot.engine.rounds import Reveal
from bot.engine.schedules import DEFAULT_OPEN_HOURS, MAX_OPEN_HOURS, Schedule
from bot.engine.screens import (
    Button,
    ChannelMention,
    Choice,
    CommandMention,
    Control,
    Moment,
    Reply,
    Screen,
    Text,
    Tone,
    notice,
)
from bot.engine.zones.finding import FoundZones, UnknownZone, find_zones
from bot.engine.zones.labels import label, label_now, short
from content.language.plural import count

MAX_UNSKIP_BUTTONS = 5
"""Skipped dates with a button to ask on them after all."""

MAX_SKIPPED_DATES = 366
"""The most dates a daily can skip."""

COMMON_WEEKDAYS = (
    Choice("Every day", "all"),
    Choice("Monday to Friday", "mon-fri"),
    Choice("Monday, Wednesday and Friday", "mon,wed,fri"),
    Choice("Weekends", "weekends"),
)
NOT_SET = (
    "This channel has no daily question. An admin can set one: ",
    CommandMention("daily set", {"time": "09:00"}),
)
SAVE_ATTEMPTS = 3
NOT_SAVED_YET = "Nothing is posted until you save."
PREVIEW_OUTDATED = ("This preview is out of date. Start again: ", CommandMention("daily set"))
CHANGED_MEANWHILE = (
    "The daily question has changed in the meantime. See it again: ",
    CommandMention("daily show"),
)


@dataclass(frozen=True, slots=True)
class SaveDaily(Action):
    """Save the proposal with that number."""

    verb = "savedaily"
    daily: int
    number: int


@dataclass(frozen=True, slots=True)
class ChooseZone(Action):
    """Preview a proposal in another time zone, whose name is packed."""

    verb = "dailyzone"
    daily: int
    number: int
    zone: str


@dataclass(frozen=True, slots=True)
class Unskip(Action):
    """Ask the daily question on a skipped date after all."""

    verb = "unskip"
    day: str


@dataclass(frozen=True, slots=True)
class ResumeDaily(Action):
    """Resume the channel's daily question."""

    verb = "resumedaily"


@dataclass(frozen=True, slots=True)
class RemoveDaily(Action):
    """Remove the channel's daily question."""

    verb = "removedaily"


async def set_up(context: Context, options: Options) -> Reply:
    """Preview a daily question, and when the first one is due, before it's saved."""
    before = await context.store.dailies.of(context.channel)
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    time = parse_time(options["time"])
    if isinstance(time, NotUnderstood):
        return notice(f"{time} Use a time like 09:00, 17:30 or 9am.")
    zone = options["zone"].strip()
    if zone and time.rest:
        return notice(f"Choose one time zone: `{time.rest}` or `{zone}`.")
    zone = zone or time.rest
    usual, guessed = await default_zone(context)
    meant = find_zones(zone, context.now) if zone else FoundZones((usual,))
    if isinstance(meant, UnknownZone):
        return no_such_zone(meant.words)
    weekdays = parse_weekdays(options["days"])
    if isinstance(weekdays, NotUnderstood):
        return notice(f"{weekdays} Use days like mon-fri, or mon,wed,fri.")
    chapters: list[str] = []
    for said in filter(None, map(str.strip, options["chapters"].split(","))):
        scope = find_scope(pack, said)
        if scope is None:
            return no_such_scope(pack, said)
        chapters += [scope] if scope is not WHOLE_PACK else []
    role = await _find_role(context, options["mention"])
    if role is None:
        return notice(f"There's no {context.role_word} with that name. Choose one from the list.")
    schedule = Schedule(
        at=time.at,
        zone=meant.zones[0],
        weekdays=weekdays,
        chapters=tuple(dict.fromkeys(chapters)),
        seconds=options["hours"] * 3600,
        reveal=Reveal(options["reveal"]) if options["reveal"] else settings.reveal,
        role=role,
        skips=before.schedule.skips if before else frozenset(),
    )
    if len(meant.zones) > 1:
        proposal = await context.store.dailies.propose(
            context.channel, context.event.actor.user, schedule
        )
        return ask_zone(context, zone, meant.zones, partial(ChooseZone, *proposal), NOT_SAVED_YET)
    guessed = guessed and not zone
    return Reply(await draw_preview(context, context.channel, pack, schedule, guessed=guessed))


async def choose_zone(context: Context, action: ChooseZone, _: tuple[str, ...]) -> Reply:
    """Preview the proposal in the zone that was chosen."""
    zone = unpack_zone(action.zone)
    proposed = await context.store.dailies.proposal(action.daily, action.number, context.member)
    if proposed is None:
        return notice(PREVIEW_OUTDATED)
    settings = await context.store.communities.channel_settings(proposed.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    schedule = replace(proposed.schedule, zone=zone)
    return Reply(await draw_preview(context, proposed.channel, pack, schedule))


def _make_save_button(daily: int, number: int) -> tuple[Control, ...]:
    return (Button("Save", encode(SaveDaily(daily, number)), "primary"),)


async def draw_preview(
    context: Context,
    channel: Channel,
    pack: IndexedPack,
    schedule: Schedule,
    *,
    guessed: bool = False,
    quiet: bool = False,
    controls: Callable[[int, int], tuple[Control, ...]] = _make_save_button,
) -> Screen:
    """Propose a schedule for a channel, and show it before it's saved. The proposal's id and number
    make the controls; `guessed` says that its zone is a guess. A `quiet` preview sends no test line
    to see whether the bot can post."""
    before = await context.store.dailies.of(channel)
    daily, number = await context.store.dailies.propose(channel, context.event.actor.user, schedule)
    guess = (
        f"{short(schedule.zone)} is a guess: choose another time zone if it's wrong. "
        if guessed
        else ""
    )
    proposed = await context.store.dailies.proposal(daily, number, context.member)
    coming = schedule.next_date_after(context.now, proposed.last_on if proposed else None)
    foreseen = await foresee(
        context,
        channel,
        schedule,
        asker="" if quiet else context.member.user,
        then="Then press Save.",
        pack=pack.pack.id,
    )
    return Screen(
        title="Preview of the daily question",
        text=(*(("This replaces the current one.",) if before else ()), *foreseen.lines),
        fields=(
            ("Channel", (ChannelMention(channel.id),)),
            *await _fields(context, pack, schedule),
            ("Time zone", label_now(schedule.zone, context.now)),
            ("Next question", _format_next(schedule, coming)),
        ),
        controls=controls(daily, number),
        note=guess + NOT_SAVED_YET,
        tone=foreseen.tone,
    )


def _format_where(context: Context, channel: Channel) -> tuple[str | ChannelMention, ...]:
    here = channel.id == context.event.place.channel
    return ("here",) if here else ("in ", ChannelMention(channel.id))


async def save(context: Context, action: SaveDaily, _: tuple[str, ...]) -> Reply:
    """Save the daily as previewed."""
    return await save_proposal(context, action.daily, action.number)


async def save_proposal(context: Context, id_: int, number: int, pack: str = "") -> Reply:
    """Save a proposed daily, and its channel's pack if another one was chosen."""
    for _try in range(SAVE_ATTEMPTS):
        daily = await context.store.dailies.proposal(id_, number, context.member)
        if daily is None:
            break
        foreseen = await foresee(
            context,
            daily.channel,
            daily.schedule,
            asker=context.member.user,
            then="Then press Save again.",
            pack=pack,
        )
        if foreseen.blocking:
            return notice(foreseen.text)
        daily = replace(daily, last_on=(await context.dailies.believed(daily)).last_on)
        before = await context.store.dailies.of(daily.channel)
        # An admin may have skipped a date since the preview.
        skips = before.schedule.skips if before else frozenset[date]()
        schedule = replace(daily.schedule, skips=skips)
        wanted = replace(daily, schedule=schedule, set_by=context.event.actor.user)
        saved = _schedule_next(wanted, context)
        if saved.next_on is None:
            return notice(ALL_SKIPPED)
        if pack:
            settings = await context.store.communities.channel_settings(daily.channel)
            await context.store.communities.set_channel_settings(
                daily.channel, replace(settings, pack=pack)
            )
        # The heartbeat may have just claimed its question, which changes the next date.
        if await context.store.dailies.save(number, daily, saved):
            return Reply(
                Screen(
                    title="Saved",
                    text=(
                        (
                            "A question will be posted ",
                            *_format_where(context, daily.channel),
                            f" {format_schedule(saved.schedule)}.",
                        ),
                        ("The next one: ", *_format_next(saved.schedule, saved.next_on)),
                        *foreseen.warnings,
                    ),
                    note=await _zone_hint(context, saved.schedule.zone),
                    tone=Tone.RIGHT,
                )
            )
    return notice(PREVIEW_OUTDATED)


async def show(context: Context, _: Options) -> Reply:
    """Show the channel's daily question and when the next one is due."""
    daily = await context.store.dailies.of(context.channel)
    return Reply(await _screen(context, daily)) if daily else notice(NOT_SET)


async def pause(context: Context, _: Options) -> Reply:
    """Pause the daily until somebody resumes it."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    if daily.paused:
        return notice("The daily question is already paused.")
    return await _change(
        context, daily, replace(daily, paused=PAUSED_BY_ADMIN, next_on=None, next_due=None)
    )


async def resume(context: Context, _: Options | ResumeDaily, __: tuple[str, ...] = ()) -> Reply:
    """Resume the daily with its next date."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    if not daily.paused:
        return notice("The daily question isn't paused.")
    foreseen = await foresee(
        context,
        daily.channel,
        daily.schedule,
        asker=context.member.user,
        then=suggest_remedy(PAUSED_BY_ADMIN),
    )
    if foreseen.blocking:
        return notice(foreseen.text)
    daily = await context.dailies.believed(daily)
    return await _change(context, daily, _schedule_next(daily, context))


async def remove(context: Context, _: Options) -> Reply:
    """Ask for confirmation before removing the daily."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    return Reply(
        Screen(
            title="Remove this channel's daily question?",
            text=(
                f"It's posted {format_schedule(daily.schedule)}. This deletes its schedule and "
                "skipped dates. Points and results stay, and a question that's open stays open.",
            ),
            controls=(Button("Remove it", encode(RemoveDaily()), "danger"),),
        )
    )


async def remove_now(context: Context, _: RemoveDaily, __: tuple[str, ...]) -> Reply:
    """Remove the daily."""
    if not await context.store.dailies.remove(context.channel):
        return notice(NOT_SET)
    again = ("To set a new one: ", CommandMention("daily set", {"time": "09:00"}))
    return Reply(Screen("Daily question removed", text=(again,), tone=Tone.RIGHT))


async def skip(context: Context, options: Options) -> Reply:
    """Skip dates."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    today = daily.schedule.date_at(context.now)
    if options["dates"].strip().casefold() in ("", "next"):
        dates = [daily.next_on] if daily.next_on else []
    else:
        said = parse_dates(options["dates"], today)
        if isinstance(said, NotUnderstood):
            return notice(f"{said} Use dates like 2026-12-24, Dec 24 to Jan 1 or tomorrow.")
        dates = said
    if not dates or max(dates) < today:
        return notice(
            (
                "Use a format like ",
                CommandMention("daily skip", {"dates": "2026-12-24"}),
                " or ",
                CommandMention("daily skip", {"dates": "2026-12-24..2027-01-01"}),
                ". Without dates, ",
                CommandMention("daily skip"),
                " skips the next one.",
            )
        )
    if daily.last_on and daily.last_on in dates:
        return notice(ALREADY_ASKED)
    skips = frozenset(day for day in daily.schedule.skips | set(dates) if day >= today)
    if len(skips) > MAX_SKIPPED_DATES:
        return notice(
            ("That's too many dates to skip. Pause it instead: ", CommandMention("daily pause"))
        )
    return await _reschedule(context, daily, skips)


async def unskip(context: Context, action: Unskip, _: tuple[str, ...]) -> Reply:
    """Unskip a date."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    skips = frozenset(day for day in daily.schedule.skips if day.isoformat() != action.day)
    return await _reschedule(context, daily, skips)


async def now(context: Context, _: Options) -> Reply:
    """Ask today's question right now."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    again = ("Then ask again: ", CommandMention("daily now"))
    foreseen = await foresee(context, daily.channel, daily.schedule, then=again)
    if foreseen.blocking:
        return notice(foreseen.text)
    asked = await context.dailies.ask_now(daily)
    if isinstance(asked, str):
        return notice(asked)
    await context.clockwork.run_due(context.channel.platform)
    post = await context.store.posts.get(asked)
    stands = await context.store.dailies.of(context.channel) or daily
    if post and post.message:
        return _confirm_asked(daily, stands, foreseen.warnings)
    if post and not post.round.closed:
        return notice("The question is saved and will be posted here as soon as possible.")
    if daily.paused == PAUSED_BY_ADMIN:
        await context.store.dailies.change(stands, replace(stands, paused=PAUSED_BY_ADMIN))
    return notice(f"I can't post it. {stands.paused}".strip())


def _confirm_asked(before: Daily, daily: Daily, warnings: Sequence[Text]) -> Reply:
    """Confirm that today's question is posted, and say whether the daily is still paused."""
    text: list[Text] = ["Today's question is in the channel.", *warnings]
    controls: tuple[Button, ...] = ()
    if daily.paused:
        text.append(f"It's still paused, so no more questions will come. {daily.paused}")
        if daily.paused == PAUSED_BY_ADMIN:
            controls = (Button("Resume", encode(ResumeDaily())),)
    elif before.paused:
        text.append(("It's no longer paused. The next one: ", *_next_question(daily)))
    note = suggest_remedy(daily.paused) if daily.paused and not controls else ""
    return Reply(Screen("Asked", tuple(text), controls=controls, note=note, tone=Tone.RIGHT))


async def _reschedule(context: Context, daily: Daily, skips: frozenset[date]) -> Reply:
    changed = replace(daily, schedule=replace(daily.schedule, skips=skips))
    return await _change(
        context, daily, changed if daily.paused else _schedule_next(changed, context)
    )


async def _change(context: Context, seen: Daily, changed: Daily) -> Reply:
    if not await context.store.dailies.change(seen, changed):
        return notice(CHANGED_MEANWHILE)
    return Reply(await _screen(context, changed))


def _schedule_next(daily: Daily, context: Context) -> Daily:
    """Schedule the daily for its next date, and end a pause."""
    coming = daily.schedule.next_date_after(context.now, daily.last_on)
    due = daily.schedule.instant(coming) if coming else None
    return replace(daily, paused="", next_on=coming, next_due=due)


async def _screen(context: Context, daily: Daily) -> Screen:
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    schedule = daily.schedule
    coming = ("Paused", daily.paused) if daily.paused else ("Next question", _next_question(daily))
    skips = sorted(day for day in schedule.skips if day >= schedule.date_at(context.now))
    fields = [coming, *(await _fields(context, pack, schedule) if pack else ())]
    if skips:
        fields.append(("Skipped", format_ranges(skips)))
    controls = [
        Button(f"Ask on {day}", encode(Unskip(day.isoformat())))
        for day in skips[:MAX_UNSKIP_BUTTONS]
    ]
    if daily.paused == PAUSED_BY_ADMIN:
        controls.insert(0, Button("Resume", encode(ResumeDaily())))
    manages = await context.manages()
    foreseen = await foresee(context, daily.channel, schedule) if manages else Foreseen()
    return Screen(
        title="This channel's daily question",
        text=tuple(line for line in foreseen.lines if line != daily.paused),
        fields=tuple(fields),
        controls=tuple(controls) if manages else (),
        note=suggest_remedy(daily.paused) if daily.paused and manages else "",
        tone=foreseen.tone,
    )


async def _fields(
    context: Context, pack: IndexedPack, schedule: Schedule
) -> Sequence[tuple[str, Text]]:
    hours = schedule.seconds // 3600
    return (
        ("When", format_schedule(schedule)),
        (
            "Chapters",
            "; ".join(title_of(context.library, pack, each) for each in schedule.chapters)
            or "all, weighted as in the exam",
        ),
        ("Stays open", count(hours, "hour")),
        ("Results shown", REVEAL_NAMES[schedule.reveal]),
        ("Notifies", await _role_name(context, schedule.role)),
    )


def _next_question(daily: Daily) -> tuple[str | Moment, ...]:
    return _format_next(daily.schedule, daily.next_on)


def _format_next(schedule: Schedule, day: date | None) -> tuple[str | Moment, ...]:
    """Format when a date's question is due, in its own time zone and the reader's."""
    if day is None:
        return ("never: every date is skipped",)
    at = schedule.instant(day)
    local = at.astimezone(ZoneInfo(schedule.zone))
    return (f"{local:%A %d %B %Y, %H:%M} in {label(schedule.zone)} · ", Moment(at))


async def _zone_hint(context: Context, zone: str) -> Text:
    """Point out that leaderboards use another zone, if no admin has chosen one yet."""
    place = context.event.place
    chosen = (await context.store.communities.settings(place.platform, place.community)).zone
    boards = context.community_zone(chosen).key
    if chosen or boards == zone:
        return ""
    return (
        f"On leaderboards, days end at midnight in {label(boards)}. To change that: ",
        CommandMention("settings", {"zone": short(zone)}),
    )


async def _find_role(context: Context, said: str) -> str | None:
    """Find the id of a role; empty for no role, None if it doesn't exist."""
    if said.strip().casefold() in ("", "none", "nobody"):
        return ""
    role = find_role(await context.role_teams.roles(context.member), said)
    return role.id if role else None


async def _role_name(context: Context, role: str) -> str:
    if not role:
        return "nobody"
    roles = await context.role_teams.roles(context.member)
    return name_role(roles, role, context.role_word)


async def complete_chapters(context: Context, text: str) -> list[Choice]:
    """Suggest chapters and topics for the last item of a list."""
    earlier, comma, last = text.rpartition(",")
    return [
        Choice(f"{earlier}{comma} {each.label}".strip(), f"{earlier}{comma}{each.value}")
        for each in await complete_scope(context, last.strip())
    ]


async def complete_days(_: Context, text: str) -> list[Choice]:
    """Suggest common sets of weekdays."""
    return [choice for choice in COMMON_WEEKDAYS if text.casefold() in choice.label.casefold()]


SET = Command(
    name="daily set",
    description="Post a question in this channel every day for everyone to answer in private",
    handler=set_up,
    options=(
        Option("time", "Time of day, like 09:00 or 9am", required=True),
        Option("zone", "Time zone (a city is enough)", complete=complete_zone),
        Option("days", "Weekdays, like mon-fri (default: all)", complete=complete_days),
        Option("chapters", "Chapters to ask about (default: all)", complete=complete_chapters),
        Option(
            "hours",
            "Hours it stays open",
            "integer",
            default=DEFAULT_OPEN_HOURS,
            minimum=1,
            maximum=MAX_OPEN_HOURS,
        ),
        Option(
            "reveal",
            "When members see if they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("mention", "{role} to notify each time (default: nobody)", complete=complete_role),
    ),
    rest="time",
    examples=({"time": "09:00", "zone": "Europe/Berlin", "days": "mon-fri"},),
    form=CommandForm(ask, check=check),
    presses=(
        OnPress(ChooseZone, choose_zone, right=MANAGER, updates=always),
        OnPress(SaveDaily, save, right=MANAGER, updates=always),
    ),
    needs="channel",
    right=MANAGER,
)
SHOW = Command(
    name="daily show",
    description="See this channel's daily question and when the next one is due",
    handler=show,
    presses=(OnPress(Unskip, unskip, right=MANAGER, updates=always),),
    needs="channel",
)
PAUSE = Command(
    name="daily pause",
    description="Pause this channel's daily question until you resume it",
    handler=pause,
    needs="channel",
    right=MANAGER,
)
RESUME = Command(
    name="daily resume",
    description="Resume this channel's daily question",
    handler=resume,
    presses=(OnPress(ResumeDaily, resume, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
SKIP = Command(
    name="daily skip",
    description="Skip the next daily question, or the ones on certain dates",
    handler=skip,
    options=(Option("dates", "Like 2026-12-24 or 2026-12-24..2027-01-01 (default: the next)"),),
    rest="dates",
    examples=({"dates": "2026-12-24..2027-01-01"},),
    needs="channel",
    right=MANAGER,
)
REMOVE = Command(
    name="daily remove",
    description="Remove this channel's daily question, after you confirm",
    handler=remove,
    presses=(OnPress(RemoveDaily, remove_now, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
NOW = Command(
    name="daily now",
    description="Ask this channel's question for today right now",
    handler=now,
    needs="channel",
    right=MANAGER,
)
