"""The options of `daily set` as a form, with what holds so far."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.commands.base import CHANNEL_FIELD, Context, no_such_pack
from bot.engine.commands.foreseen import title_of
from bot.engine.commands.settings_form import REVEAL_NAMES, ask_choice, ask_role
from bot.engine.commands.times import WEEKDAY_CHOICES
from bot.engine.commands.zones import default_zone
from bot.engine.library import IndexedPack
from bot.engine.platform import Unpostable
from bot.engine.schedules import MAX_OPEN_HOURS, USUAL_TIME, Schedule
from bot.engine.screens import Choice, Field, Form, Reply
from bot.engine.zones.labels import label


async def ask(context: Context) -> Form | Reply:
    """Ask for a daily question, starting from the channel's current one."""
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    daily = await context.store.dailies.of(context.channel)
    zone, _ = await default_zone(context)
    usual = Schedule(USUAL_TIME, zone, reveal=settings.reveal)
    now = daily.schedule if daily else usual
    return Form(
        "Daily question",
        (
            Field(CHANNEL_FIELD, "Channel", "channel", initial=(context.channel.id,)),
            Field("time", "Time of day", "time", initial=(f"{now.at:%H:%M}",)),
            Field("zone", "Time zone", "zone", initial=(now.zone,), labels=(label(now.zone),)),
            Field(
                "days",
                "Weekdays",
                "choices",
                choices=WEEKDAY_CHOICES,
                initial=tuple(WEEKDAY_CHOICES[day].value for day in sorted(now.weekdays)),
            ),
            *_ask_chapters(context, pack, now),
            Field(
                "hours",
                "Hours it stays open",
                "number",
                f"From 1 to {MAX_OPEN_HOURS}",
                initial=(str(now.seconds // 3600),),
                minimum=1,
                maximum=MAX_OPEN_HOURS,
            ),
            ask_choice("reveal", "When members see if they were right", REVEAL_NAMES, now.reveal),
            *await ask_role(context, "mention", "Notify", now.role, "Nobody, if you choose none"),
        ),
        submit="Preview",
    )


async def check(context: Context) -> Mapping[str, str]:
    """Find out whether the bot can post in the channel, without a test message."""
    try:
        await context.dailies.check_postable(context.channel, "", "")
    except Unpostable as problem:
        return {CHANNEL_FIELD: str(problem)}
    return {}


def _ask_chapters(context: Context, pack: IndexedPack, now: Schedule) -> tuple[Field, ...]:
    """Ask for chapters; a schedule may have topics, too, which were typed."""
    chapters = {chapter.id: chapter.title for chapter in pack.pack.chapters}
    known = chapters | {each: title_of(context.library, pack, each) for each in now.chapters}
    choices = tuple(Choice(title, id_) for id_, title in known.items())
    hint = "All of them, if you choose none"
    field = Field(
        "chapters",
        "Chapters",
        "choices",
        hint,
        required=False,
        choices=choices,
        initial=now.chapters,
    )
    return (field,) if choices else ()
