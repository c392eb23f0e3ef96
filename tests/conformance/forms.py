"""A command for tests only: its forms have fields of every kind, and its replies show their values
as code and tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.engine import commands
from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Options
from bot.engine.commands.rights import MANAGER
from bot.engine.events import Channel, Mention, Role
from bot.engine.screens import Button, Choice, Code, Field, Form, Reply, Screen, Table, notice

LARGEST = 1000
CODE = "```\n@everyone <!channel>*bold*\n````"


@dataclass(frozen=True, slots=True)
class Plan(Action):
    verb = "plan"


@dataclass(frozen=True, slots=True)
class Hand(Action):
    """Hand something in, for admins only; the form shows what's stored."""

    verb = "handin"
    number: int


def _choices(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(label, label.casefold()) for label in labels)


PLAN = Form(
    "Plan a quiz",
    (
        Field("name", "Name", max_chars=20),
        Field("level", "Level", "choice", choices=_choices("Easy", "Hard"), initial=("hard",)),
        Field("days", "Days", "choices", choices=_choices("Mon", "Tue", "Wed"), required=False),
        Field("at", "Time", "time", hint="By the clock of the zone"),
        Field("zone", "Zone", "zone", initial=("Asia/Tokyo",)),
    ),
    submit="Plan it",
)


async def start(_: Context, __: Options) -> Reply:
    buttons = [Button("Plan", encode(Plan())), Button("Hand in", encode(Hand(1)))]
    gone = Button("Lost", encode(Hand(2)))
    return Reply(Screen("Forms", (Code(CODE, "sh"), "Choose one."), controls=(*buttons, gone)))


async def plan(context: Context, _: Plan, __: tuple[str, ...]) -> Reply:
    given = context.fields
    rows = [(str(n), f"{name} is {value}") for n, (name, value) in enumerate(given.items(), 1)]
    return Reply(Screen("Planned", ("Before", Table((("", ""), *rows)), "After")))


async def form_of(context: Context, action: Hand) -> Form | Reply:
    if action.number > 1:
        return notice("That isn't there anymore.")
    chosen = await context.store.players.preferences(context.member)
    return Form(
        "Hand something in",
        (
            Field("who", "Who", "member"),
            Field("role", "Role", "role", required=False),
            Field("where", "Where", "channel", required=False),
            Field("notes", "Notes", "file"),
            Field("words", "Words", multiline=True, initial=(f"You are in {chosen.zone}",)),
        ),
    )


async def hand(context: Context, _: Hand, __: tuple[str, ...]) -> Reply:
    given: Any = context.fields
    content = await given["notes"].read(LARGEST)
    fields = tuple((name, _named(given[name])) for name in ("who", "role", "where", "words"))
    code = Code(content.decode(), given["notes"].media_type.rpartition("/")[2])
    return Reply(Screen("Handed in", (given["notes"].name, code), fields))


def _named(value: object) -> str:
    match value:
        case Mention(_, name, plays):
            return f"{name}, {'plays' if plays else 'does not play'}"
        case Role(_, name):
            return name
        case Channel(platform, community, id_):
            return f"{platform} {community} {id_}"
        case _:
            return str(value)


FORMS = Command(
    name="forms",
    description="Try forms",
    handler=start,
    presses=(
        OnPress(Plan, plan, form=PLAN),
        OnPress(Hand, hand, form=form_of, right=MANAGER),
    ),
)


def add(put: Callable[[Any, str, Any], None] = dict.__setitem__) -> None:
    """Add the command to the table."""
    put(commands.COMMANDS, FORMS.name, FORMS)
    put(commands.LISTED, FORMS.name, FORMS)
    for press in FORMS.presses:
        put(commands.PRESSES, press.action.verb, press)
        put(commands._KINDS, press.action.verb, press.action)
