"""`daily`: a question in a channel each day, and what its admins decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, encode
from bot.engine.commands.base import (
    Command,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_scope,
    no_such_pack,
    no_such_scope,
    scope_of,
)
from bot.engine.commands.dates import dates_of, in_ranges
from bot.engine.commands.foreseen import Foreseen, foresee, title_of
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.settings import MEANINGS
from bot.engine.commands.times import Unread, time_of, weekdays_of
from bot.engine.commands.zones import ask_zone, complete_zone, no_such_zone, unpacked_zone
from bot.engine.dailies import Daily
from bot.engine.daily_planner import ASKED, BY_ADMIN, remedy, when
from bot.engine.days import first_known_zone
from bot.engine.library import WHOLE_PACK, IndexedPack
from bot.engine.rounds import Reveal
from bot.engine.schedules import DEFAULT_OPEN_HOURS, Schedule
from bot.engine.screens import (
    Button,
    Choice,
    CommandMention,
    Moment,
    Reply,
    Screen,
    Text,
    Tone,
    notice,
)
from bot.engine.zones.finding import FoundZones, UnknownZone, find_zones
from bot.engine.zones.labels import label, label_now, short

LONGEST_HOURS = 7 * 24
TAKEN_BACK = 5
"""Skipped dates that can be taken back by a button; the others by setting the daily again."""

SKIPPED = 366
"""Dates that can be skipped at most."""

USUAL = (
    Choice("Every day", "all"),
    Choice("Monday to Friday", "mon-fri"),
    Choice("Monday, Wednesday and Friday", "mon,wed,fri"),
    Choice("Weekends", "weekends"),
)
NOT_SET = (
    "This channel has no daily question. An admin can set one: ",
    CommandMention("daily set", {"time": "09:00"}),
)
TRIES = 3
NOT_YET = "Nothing is posted before you save."
OLDER = ("This preview is an older one. Start again: ", CommandMention("daily set"))
OUTDATED = (
    "The daily question was changed since. Look at it again: ",
    CommandMention("daily show"),
)


@dataclass(frozen=True, slots=True)
class SaveDaily(Action):
    """Set a daily question as the proposal of that number says."""

    verb = "savedaily"
    daily: int
    number: int


@dataclass(frozen=True, slots=True)
class ChooseZone(Action):
    """Show the daily question of a proposal as it would be in a zone, whose name is packed."""

    verb = "dailyzone"
    daily: int
    number: int
    zone: str


@dataclass(frozen=True, slots=True)
class Unskip(Action):
    """Take back that the channel's daily question is skipped on a date."""

    verb = "unskip"
    day: str


@dataclass(frozen=True, slots=True)
class ResumeDaily(Action):
    """Go on with the channel's daily question."""

    verb = "resumedaily"


@dataclass(frozen=True, slots=True)
class RemoveDaily(Action):
    """Remove the channel's daily question."""

    verb = "removedaily"


async def set_up(context: Context, options: Options) -> Reply:
    """Show what would be set, and when the first question would come, before it is saved."""
    before = await context.store.dailies.of(context.channel)
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    time = time_of(options["time"])
    if isinstance(time, Unread):
        return notice(f"{time} Use a time like 09:00, 17:30 or 9am.")
    zone = options["zone"].strip()
    if zone and time.rest:
        return notice(f"Name one time zone: either `{time.rest}` or `{zone}`.")
    zone = zone or time.rest
    usual, guessed = await _usual_zone(context)
    meant = find_zones(zone, context.now) if zone else FoundZones((usual,))
    if isinstance(meant, UnknownZone):
        return no_such_zone(meant.words)
    weekdays = weekdays_of(options["days"])
    if isinstance(weekdays, Unread):
        return notice(f"{weekdays} Use days like mon-fri, or mon,wed,fri.")
    chapters: list[str] = []
    for said in filter(None, map(str.strip, options["chapters"].split(","))):
        scope = scope_of(pack, said)
        if scope is None:
            return no_such_scope(pack, said)
        chapters += [scope] if scope is not WHOLE_PACK else []
    role = await _role(context, options["mention"])
    if role is None:
        return notice("I don't know that role. Choose one of those that are offered.")
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
        return ask_zone(context, zone, meant.zones, partial(ChooseZone, *proposal), NOT_YET)
    return Reply(await _preview(context, pack, schedule, guessed=guessed and not zone))


async def choose_zone(context: Context, action: ChooseZone, _: tuple[str, ...]) -> Reply:
    """Go on to what would be set, in the zone that was chosen."""
    zone = unpacked_zone(action.zone)
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    proposed = await context.store.dailies.proposal(action.daily, action.number, context.member)
    if proposed is None:
        return notice(OLDER)
    return Reply(await _preview(context, pack, replace(proposed.schedule, zone=zone)))


async def _preview(
    context: Context, pack: IndexedPack, schedule: Schedule, *, guessed: bool = False
) -> Screen:
    before = await context.store.dailies.of(context.channel)
    daily, number = await context.store.dailies.propose(
        context.channel, context.event.actor.user, schedule
    )
    guess = f"{short(schedule.zone)} is a guess: say another zone, if it is. " if guessed else ""
    proposed = await context.store.dailies.proposal(daily, number, context.member)
    coming = schedule.next_date_after(context.now, proposed.last_on if proposed else None)
    foreseen = await foresee(
        context, context.channel, schedule, asker=context.member.user, then="Then press Save."
    )
    return Screen(
        title="The daily question as it would be",
        text=(*(("This replaces the one that is set.",) if before else ()), *foreseen.lines),
        fields=(
            *await _fields(context, pack, schedule),
            ("Time zone", label_now(schedule.zone, context.now)),
            ("Next question", _moment(schedule, coming)),
        ),
        controls=(Button("Save", encode(SaveDaily(daily, number)), "primary"),),
        note=guess + NOT_YET,
        tone=foreseen.tone,
    )


async def save(context: Context, action: SaveDaily, _: tuple[str, ...]) -> Reply:
    """Set the daily as it was shown."""
    for _try in range(TRIES):
        daily = await context.store.dailies.proposal(action.daily, action.number, context.member)
        if daily is None:
            break
        foreseen = await foresee(
            context,
            daily.channel,
            daily.schedule,
            asker=context.member.user,
            then="Then press Save again.",
        )
        if foreseen.blocking:
            return notice(foreseen.text)
        daily = replace(daily, last_on=(await context.dailies.believed(daily)).last_on)
        before = await context.store.dailies.of(daily.channel)
        # A date may have been skipped since the preview.
        skips = before.schedule.skips if before else frozenset[date]()
        schedule = replace(daily.schedule, skips=skips)
        wanted = replace(daily, schedule=schedule, set_by=context.event.actor.user)
        saved = _going(wanted, context)
        if saved.next_on is None:
            return notice("No date is left that is not skipped.")
        # Its question may have been claimed at this moment: then the next one is another.
        if await context.store.dailies.save(action.number, daily, saved):
            return Reply(
                Screen(
                    title="Saved",
                    text=(
                        f"A question comes here {when(saved.schedule)}.",
                        ("The next one: ", *_moment(saved.schedule, saved.next_on)),
                        *foreseen.warnings,
                    ),
                    note=await _boards_elsewhere(context, saved.schedule.zone),
                    tone=Tone.RIGHT,
                )
            )
    return notice(OLDER)


async def show(context: Context, _: Options) -> Reply:
    """What is set for the channel, and when the next question comes."""
    daily = await context.store.dailies.of(context.channel)
    return Reply(await _screen(context, daily)) if daily else notice(NOT_SET)


async def pause(context: Context, _: Options) -> Reply:
    """Ask nothing until it is resumed."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    if daily.paused:
        return notice("The daily question is paused already.")
    return await _changed(
        context, daily, replace(daily, paused=BY_ADMIN, next_on=None, next_due=None)
    )


async def resume(context: Context, _: Options | ResumeDaily, __: tuple[str, ...] = ()) -> Reply:
    """Go on with the next date."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    if not daily.paused:
        return notice("The daily question is not paused.")
    foreseen = await foresee(
        context,
        daily.channel,
        daily.schedule,
        asker=context.member.user,
        then=remedy(BY_ADMIN),
    )
    if foreseen.blocking:
        return notice(foreseen.text)
    daily = await context.dailies.believed(daily)
    return await _changed(context, daily, _going(daily, context))


async def remove(context: Context, _: Options) -> Reply:
    """Ask once more before the daily is removed."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    return Reply(
        Screen(
            title="Remove the daily question of this channel?",
            text=(
                f"It comes {when(daily.schedule)}. Its schedule and skipped dates will be deleted. "
                "Points and results stay, and a question that is open stays open.",
            ),
            controls=(Button("Remove it", encode(RemoveDaily()), "danger"),),
        )
    )


async def remove_now(context: Context, _: RemoveDaily, __: tuple[str, ...]) -> Reply:
    """Remove the daily."""
    if not await context.store.dailies.remove(context.channel):
        return notice(NOT_SET)
    again = ("To set a new one: ", CommandMention("daily set", {"time": "09:00"}))
    return Reply(Screen("The daily question is removed", text=(again,), tone=Tone.RIGHT))


async def skip(context: Context, options: Options) -> Reply:
    """Leave dates out."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    today = daily.schedule.date_at(context.now)
    if options["dates"].strip().casefold() in ("", "next"):
        dates = [daily.next_on] if daily.next_on else []
    else:
        said = dates_of(options["dates"], today)
        if isinstance(said, Unread):
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
        return notice(ASKED)
    skips = frozenset(day for day in daily.schedule.skips | set(dates) if day >= today)
    if len(skips) > SKIPPED:
        return notice(
            ("That's too many dates to skip. Pause it instead: ", CommandMention("daily pause"))
        )
    return await _reschedule(context, daily, skips)


async def unskip(context: Context, action: Unskip, _: tuple[str, ...]) -> Reply:
    """Take a skipped date back."""
    daily = await context.store.dailies.of(context.channel)
    if daily is None:
        return notice(NOT_SET)
    skips = frozenset(day for day in daily.schedule.skips if day.isoformat() != action.day)
    return await _reschedule(context, daily, skips)


async def now(context: Context, _: Options) -> Reply:
    """Ask today's question at once."""
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
        return _asked(daily, stands, foreseen.warnings)
    if post and not post.round.closed:
        return notice("The question is kept, and appears here as soon as it can be posted.")
    if daily.paused == BY_ADMIN:
        await context.store.dailies.change(stands, replace(stands, paused=BY_ADMIN))
    return notice(f"It cannot be posted. {stands.paused}".strip())


def _asked(before: Daily, daily: Daily, warnings: Sequence[Text]) -> Reply:
    """That today's question is in the channel, and what became of a pause."""
    text: list[Text] = ["Today's question is in the channel.", *warnings]
    controls: tuple[Button, ...] = ()
    if daily.paused:
        text.append(f"It's still paused: no other question comes. {daily.paused}")
        if daily.paused == BY_ADMIN:
            controls = (Button("Resume", encode(ResumeDaily())),)
    elif before.paused:
        text.append(("It's no longer paused. The next one: ", *_next(daily)))
    note = remedy(daily.paused) if daily.paused and not controls else ""
    return Reply(Screen("Asked", tuple(text), controls=controls, note=note, tone=Tone.RIGHT))


async def _reschedule(context: Context, daily: Daily, skips: frozenset[date]) -> Reply:
    changed = replace(daily, schedule=replace(daily.schedule, skips=skips))
    return await _changed(context, daily, changed if daily.paused else _going(changed, context))


async def _changed(context: Context, seen: Daily, changed: Daily) -> Reply:
    if not await context.store.dailies.change(seen, changed):
        return notice(OUTDATED)
    return Reply(await _screen(context, changed))


def _going(daily: Daily, context: Context) -> Daily:
    """The daily on its way to the next date that has a question."""
    coming = daily.schedule.next_date_after(context.now, daily.last_on)
    due = daily.schedule.instant(coming) if coming else None
    return replace(daily, paused="", next_on=coming, next_due=due)


async def _screen(context: Context, daily: Daily) -> Screen:
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    schedule = daily.schedule
    coming = ("Paused", daily.paused) if daily.paused else ("Next question", _next(daily))
    skips = sorted(day for day in schedule.skips if day >= schedule.date_at(context.now))
    fields = [coming, *(await _fields(context, pack, schedule) if pack else ())]
    if skips:
        fields.append(("Skipped", in_ranges(skips)))
    controls = [
        Button(f"Ask on {day}", encode(Unskip(day.isoformat()))) for day in skips[:TAKEN_BACK]
    ]
    if daily.paused == BY_ADMIN:
        controls.insert(0, Button("Resume", encode(ResumeDaily())))
    manages = context.manages
    foreseen = await foresee(context, daily.channel, schedule) if manages else Foreseen()
    return Screen(
        title="The daily question of this channel",
        text=tuple(line for line in foreseen.lines if line != daily.paused),
        fields=tuple(fields),
        controls=tuple(controls) if manages else (),
        note=remedy(daily.paused) if daily.paused and manages else "",
        tone=foreseen.tone,
    )


async def _fields(
    context: Context, pack: IndexedPack, schedule: Schedule
) -> Sequence[tuple[str, Text]]:
    hours = schedule.seconds // 3600
    return (
        ("When", when(schedule)),
        (
            "Chapters",
            "; ".join(title_of(context.library, pack, each) for each in schedule.chapters)
            or "all, by their share of the exam",
        ),
        ("Stays open", f"{hours} hour{'' if hours == 1 else 's'}"),
        ("Right or wrong is told", MEANINGS[schedule.reveal]),
        ("Notifies", await _role_name(context, schedule.role)),
    )


def _next(daily: Daily) -> tuple[str | Moment, ...]:
    return _moment(daily.schedule, daily.next_on)


def _moment(schedule: Schedule, day: date | None) -> tuple[str | Moment, ...]:
    """When a date's question comes: by the clocks of its zone, and by the reader's."""
    if day is None:
        return ("never: all dates are skipped",)
    at = schedule.instant(day)
    local = at.astimezone(ZoneInfo(schedule.zone))
    return (f"{local:%A %d %B %Y, %H:%M} in {label(schedule.zone)}; for you ", Moment(at))


async def _usual_zone(context: Context) -> tuple[str, bool]:
    """The zone where nobody says one, and whether it's a guess: that of the community, or else of
    the admin or of the place."""
    place = context.event.place
    chosen = (await context.store.communities.settings(place.platform, place.community)).zone
    return first_known_zone(chosen, context.event.actor.zone, place.zone).key, not chosen


async def _boards_elsewhere(context: Context, zone: str) -> Text:
    """A hint that boards end their days in another zone, where nobody has chosen one yet."""
    place = context.event.place
    chosen = (await context.store.communities.settings(place.platform, place.community)).zone
    boards = context.community_zone(chosen).key
    if chosen or boards == zone:
        return ""
    return (
        f"On leaderboards, days end at midnight in {label(boards)}. To change that: ",
        CommandMention("settings", {"zone": short(zone)}),
    )


async def _role(context: Context, said: str) -> str | None:
    """The id of the role that is meant, empty for none; None if there is none such."""
    wanted = said.strip().removeprefix("@").casefold()
    if wanted in ("", "none", "nobody"):
        return ""
    roles = await context.dailies.roles(context.channel)
    return next((r.id for r in roles if wanted in (r.id.casefold(), r.name.casefold())), None)


async def _role_name(context: Context, role: str) -> str:
    if not role:
        return "nobody"
    roles = await context.dailies.roles(context.channel)
    return next((each.name for each in roles if each.id == role), "a role that is not there now")


async def complete_role(context: Context, text: str) -> list[Choice]:
    """Roles whose name has the text."""
    roles = await context.dailies.roles(context.channel)
    return [Choice(r.name, r.id) for r in roles if text.casefold() in r.name.casefold()]


async def complete_chapters(context: Context, text: str) -> list[Choice]:
    """Chapters and topics for the last of several, the earlier ones kept."""
    earlier, comma, last = text.rpartition(",")
    return [
        Choice(f"{earlier}{comma} {each.label}".strip(), f"{earlier}{comma}{each.value}")
        for each in await complete_scope(context, last.strip())
    ]


async def complete_days(_: Context, text: str) -> list[Choice]:
    """The most usual choices of weekdays."""
    return [choice for choice in USUAL if text.casefold() in choice.label.casefold()]


SET = Command(
    name="daily set",
    description="Post a question in this channel every day, for everybody to answer in private",
    handler=set_up,
    options=(
        Option("time", "When it comes, like 09:00 or 9am", required=True),
        Option("zone", "In which time zone", complete=complete_zone),
        Option("days", "On which weekdays, like mon-fri; all if left out", complete=complete_days),
        Option("chapters", "What about; everything if left out", complete=complete_chapters),
        Option(
            "hours",
            "How many hours it stays open",
            "integer",
            default=DEFAULT_OPEN_HOURS,
            minimum=1,
            maximum=LONGEST_HOURS,
        ),
        Option(
            "reveal",
            "When members learn whether they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("mention", "A role to notify each time; nobody if left out", complete=complete_role),
    ),
    rest="time",
    examples=({"time": "09:00", "zone": "Europe/Berlin", "days": "mon-fri"},),
    presses=(
        OnPress(ChooseZone, choose_zone, right=MANAGER, updates=always),
        OnPress(SaveDaily, save, right=MANAGER, updates=always),
    ),
    needs="channel",
    right=MANAGER,
)
SHOW = Command(
    name="daily show",
    description="What this channel's daily question is about, and when the next one comes",
    handler=show,
    presses=(OnPress(Unskip, unskip, right=MANAGER, updates=always),),
    needs="channel",
)
PAUSE = Command(
    name="daily pause",
    description="Ask no daily questions in this channel until it is resumed",
    handler=pause,
    needs="channel",
    right=MANAGER,
)
RESUME = Command(
    name="daily resume",
    description="Go on with this channel's daily question",
    handler=resume,
    presses=(OnPress(ResumeDaily, resume, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
SKIP = Command(
    name="daily skip",
    description="Leave out the next daily question, or those of some dates",
    handler=skip,
    options=(Option("dates", "Like 2026-12-24 or 2026-12-24..2027-01-01; the next if left out"),),
    rest="dates",
    examples=({"dates": "2026-12-24..2027-01-01"},),
    needs="channel",
    right=MANAGER,
)
REMOVE = Command(
    name="daily remove",
    description="Remove this channel's daily question, after asking once more",
    handler=remove,
    presses=(OnPress(RemoveDaily, remove_now, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
NOW = Command(
    name="daily now",
    description="Ask today's question of this channel at once",
    handler=now,
    needs="channel",
    right=MANAGER,
)
