"""What a command is, and what its handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.engine.actions import Action
from bot.engine.events import Event, Member
from bot.engine.library import Library
from bot.engine.ports import Store
from bot.engine.screens import Choice, Reply

Options = Mapping[str, Any]
"""A command's options by name, checked against its declaration, defaults filled in."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may use: the event, the packs, the store, the time and chance."""

    event: Event
    library: Library
    store: Store
    now: datetime
    rng: Random

    @property
    def member(self) -> Member:
        """Who is asking."""
        return self.event.member

    @property
    def name(self) -> str:
        """What the member is called."""
        return self.event.actor.name

    @property
    def today(self) -> date:
        """The date in the place's time zone."""
        return self.now.astimezone(ZoneInfo(self.event.place.zone)).date()


@dataclass(frozen=True, slots=True)
class Option:
    """A typed option; `complete` offers choices for a half-typed text."""

    name: str
    description: str
    type: Literal["text", "integer"] = "text"
    default: str | int = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    complete: Callable[[Library, str], list[Choice]] | None = None


Handler = Callable[[Context, Options], Awaitable[Reply]]
PressHandler = Callable[[Context, Any, tuple[str, ...]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command as every platform declares it, with the presses that belong to it.

    `rest` names the option that takes the plain words of a typed line.
    """

    name: str
    description: str
    handler: Handler
    options: tuple[Option, ...] = ()
    rest: str = ""
    examples: tuple[str, ...] = ()
    presses: Mapping[type[Action], PressHandler] = field(default_factory=dict)


def complete_topic(library: Library, text: str) -> list[Choice]:
    """Topics of the default pack for a half-typed text."""
    pack = library.get("")
    if pack is None:
        return []
    return [Choice(pack.topics[topic].topic.title, topic) for topic in pack.index.complete(text)]


def complete_scope(library: Library, text: str) -> list[Choice]:
    """Chapters whose title has the text, then topics; only chapters for an empty one."""
    pack = library.get("")
    chapters = [
        Choice(chapter.title, chapter.id)
        for chapter in (pack.pack.chapters if pack else ())
        if text.casefold() in chapter.title.casefold()
    ]
    return [*chapters, *complete_topic(library, text)] if text.strip() else chapters


def complete_pack(library: Library, text: str) -> list[Choice]:
    """Packs whose id has the text."""
    return [Choice(pack, pack) for pack in library.ids if text.casefold() in pack]
