"""The options of `settings` as a form, with what holds so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from enum import StrEnum
from typing import Any

from bot.engine.commands.base import Context, Fields, Option, to_option
from bot.engine.commands.times import WEEKDAY_CHOICES
from bot.engine.communities import ChannelSettings
from bot.engine.events import Value
from bot.engine.library import IndexedPack
from bot.engine.rounds import Posers, Results, Reveal
from bot.engine.schedules import USUAL_TIME
from bot.engine.screens import ChannelMention, Choice, Field, Form
from bot.engine.zones.labels import label

REVEAL_NAMES = {
    Reveal.AT_ONCE: "right away, to each member in private",
    Reveal.AT_CLOSE: "when the question closes",
}

RESULTS_NAMES = {
    Results.REPLY: "a reply to the question says how many got it right",
    Results.EDIT: "the question becomes the result, without a reply",
    Results.THREAD: "a discussion opens in the question's thread",
}

POSERS = {Posers.EVERYONE: "everyone", Posers.MANAGERS: "admins and managers only"}
WEEKLY_TIME = "weekly-time"
"""The field for the second half of the option `weekly`."""

MANAGING_PEOPLE = "managing-people"
"""The field for the people in the option `managers`."""

OFF = ("off", "none", "never", "stop")

TEAM_SIZE = Option(
    "team-size",
    "Most members a team can have, in all channels (0: no limit)",
    "integer",
    minimum=0,
    maximum=1000,
)
QUESTIONS_AN_HOUR = Option(
    "questions-an-hour",
    "Questions a member can post in an hour (admins and managers: no limit)",
    "integer",
    minimum=1,
    maximum=60,
)
QUESTION_MINUTES = Option(
    "question-minutes",
    "Minutes a member's question can stay open (admins and managers: no limit)",
    "integer",
    minimum=1,
    maximum=24 * 60,
)


async def ask(context: Context) -> Form:
    """Ask for the channel's settings, and those for all channels."""
    place = context.event.place
    chosen = await context.store.communities.channel_settings(context.channel)
    everywhere = await context.store.communities.settings(place.platform, place.community)
    zone = context.community_zone(everywhere.zone).key
    weekly = chosen.weekly
    day = WEEKDAY_CHOICES[weekly.weekday].value if weekly else OFF[0]
    return Form(
        "Settings",
        (
            ask_choice(
                "reveal", "When members see if they were right", REVEAL_NAMES, chosen.reveal
            ),
            ask_choice("results", "When a question closes", RESULTS_NAMES, chosen.results),
            *_ask_pack(context, chosen),
            Field(
                "weekly",
                "Last week's leaderboard",
                "choice",
                "The day on which it's posted in this channel",
                choices=(Choice("Not posted", OFF[0]), *WEEKDAY_CHOICES),
                initial=(day,),
            ),
            Field(
                WEEKLY_TIME,
                "Time of last week's leaderboard",
                "time",
                initial=(f"{weekly.at if weekly else USUAL_TIME:%H:%M}",),
            ),
            Field(
                "zone",
                "Time zone for leaderboards, in all channels",
                "zone",
                initial=(zone,),
                labels=(label(zone),),
            ),
            _ask_number(TEAM_SIZE, everywhere.team_cap or 0),
            ask_choice(
                "questions", "Who can post questions, in all channels", POSERS, everywhere.posers
            ),
            _ask_number(QUESTIONS_AN_HOUR, everywhere.questions_an_hour),
            _ask_number(QUESTION_MINUTES, everywhere.question_minutes),
            *await ask_role(
                context,
                "managers",
                f"Managers, in all channels: a {context.role_word}",
                everywhere.managers.role,
            ),
            Field(
                MANAGING_PEOPLE,
                "Managers, in all channels: people",
                "members",
                "They can do everything that admins can here",
                required=False,
                initial=everywhere.managers.users,
            ),
        ),
        submit="Save",
        intro=(("Settings of ", ChannelMention(context.channel.id)),),
    )


def to_options(fields: Fields, changed: Set[str]) -> dict[str, Value]:
    """Write what the member changed as options. The day and the time of last week's leaderboard are
    one option, and so are all managers."""
    parts = {"weekly", WEEKLY_TIME, "managers", MANAGING_PEOPLE}
    simple = (name for name in fields if name in changed and name not in parts)
    options = {name: to_option(fields[name]) for name in simple}
    if not changed.isdisjoint({"weekly", WEEKLY_TIME}):
        day = fields["weekly"]
        options["weekly"] = day if day in OFF else f"{day} {to_option(fields[WEEKLY_TIME])}"
    if not changed.isdisjoint({"managers", MANAGING_PEOPLE}):
        roles = (each.id for each in [fields.get("managers")] if each)
        options["managers"] = (*roles, *fields[MANAGING_PEOPLE]) or (OFF[1],)
    return options


def ask_choice(name: str, label: str, words: Mapping[Any, str], current: StrEnum) -> Field:
    """Ask for one of several values, each in words."""
    choices = tuple(Choice(said[:1].upper() + said[1:], value) for value, said in words.items())
    return Field(name, label, "choice", choices=choices, initial=(current.value,))


async def ask_role(
    context: Context, name: str, label: str, current: str, hint: str = ""
) -> tuple[Field, ...]:
    """Ask for a role, or none, if the community has roles."""
    names = {role.id: role.name for role in await context.role_teams.roles(context.member)}
    initial = (current,) if current in names else ()
    labels = tuple(names[each] for each in initial)
    field = Field(name, label, "role", hint, required=False, initial=initial, labels=labels)
    return (field,) if names else ()


def _ask_number(option: Option, current: int) -> Field:
    """Ask for the number of an option."""
    return Field(
        option.name,
        option.description,
        "number",
        f"From {option.minimum} to {option.maximum}",
        initial=(str(current),),
        minimum=option.minimum or 0,
        maximum=option.maximum or 0,
    )


def _ask_pack(context: Context, chosen: ChannelSettings) -> tuple[Field, ...]:
    """Ask for a pack if there are several."""
    packs, current = context.library.packs, context.library.get(chosen.pack)
    field = ask_pack("Pack to take questions from", packs, current)
    return (field,) if len(packs) > 1 else ()


def ask_pack(label: str, packs: Sequence[IndexedPack], current: IndexedPack | None) -> Field:
    """Ask for one of several packs."""
    return Field(
        "pack",
        label,
        "choice",
        choices=tuple(Choice(each.pack.title, each.pack.id) for each in packs),
        initial=(current.pack.id,) if current else (),
    )
