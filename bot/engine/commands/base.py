"""What a command is, and what its handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.engine.actions import Action
from bot.engine.channel_rounds import ChannelRounds
from bot.engine.commands.rights import ANYONE, Right
from bot.engine.daily_planner import DailyPlanner
from bot.engine.days import Days, Zones, first_known_zone
from bot.engine.due.clockwork import Clockwork
from bot.engine.events import Channel, Event, Member, Place
from bot.engine.library import WHOLE_PACK, IndexedPack, Library
from bot.engine.ports import Store
from bot.engine.role_teams import RoleTeams
from bot.engine.screens import Choice, CommandMention, Form, Quote, Reply, Screen, notice

Options = Mapping[str, Any]
"""A command's options by name, checked against its declaration, defaults filled in."""

Fields = Mapping[str, Any]
"""What a form holds by its fields' names, checked against it: a time is a `time`, a zone its IANA
name; what was left empty is None, or an empty text or tuple."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may use: the event, the packs, the store, the channels' rounds and dailies,
    the clockwork, the teams of roles, a way to show a screen to somebody else in private (False
    where that can't be done), one to post a screen in a channel, once by its handle since a time,
    the time and chance; and the fields of the form that came with a press."""

    event: Event
    library: Library
    store: Store
    rounds: ChannelRounds
    dailies: DailyPlanner
    clockwork: Clockwork
    role_teams: RoleTeams
    notify: Callable[[Member, Screen], Awaitable[bool]]
    post: Callable[[Channel, Screen, str, datetime], Awaitable[None]]
    now: datetime
    rng: Random
    fields: Fields = field(default_factory=dict)

    @property
    def member(self) -> Member:
        """Who is asking."""
        return self.event.member

    @property
    def name(self) -> str:
        """What the member is called."""
        return self.event.actor.name

    @property
    def channel(self) -> Channel:
        """Where the event came from, as a place to post in."""
        place = self.event.place
        return Channel(place.platform, place.community, place.channel)

    @property
    def manages(self) -> bool:
        """Whether the actor may change things in the community where they are."""
        return self.event.actor.admin and bool(self.event.place.community)

    def community_zone(self, chosen: str | None) -> ZoneInfo:
        """Where the community's windows are cut, given what its admins chose."""
        return first_known_zone(chosen, self.event.place.zone)

    def own_days(self, zones: Zones) -> Days:
        """The member's own days, given what is known."""
        place, actor = self.event.place, self.event.actor
        zone = first_known_zone(
            zones.member, actor.zone, zones.platform, zones.community, place.zone
        )
        return Days(zone, zones.starts)


A_TOPIC = "{topic}"
"""Stands in examples for a topic that there is."""


def example(context: Context, command: str, options: Mapping[str, str]) -> CommandMention:
    """A call that works with the pack at hand: its topic is the one with the shortest title."""
    pack = context.library.get("")
    titles = [spot.topic.title for spot in pack.topics.values()] if pack else []
    topic = min(titles, key=len, default="")
    return CommandMention(
        command, {name: value.format(topic=topic) for name, value in options.items()}
    )


Completer = Callable[[Context, str], Awaitable[list[Choice]]]


@dataclass(frozen=True, slots=True)
class Option:
    """A typed option; `complete` offers choices for a half-typed text. `required` ones come first
    and have no default. One of type `member` is somebody in the community, in the platform's own
    way of naming people."""

    name: str
    description: str
    type: Literal["text", "integer", "member"] = "text"
    default: str | int = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    complete: Completer | None = None
    required: bool = False


Handler = Callable[[Context, Options], Awaitable[Reply]]
PressHandler = Callable[[Context, Any, tuple[str, ...]], Awaitable[Reply]]
FormBuilder = Callable[[Context, Any], Awaitable[Form | Reply]]


def always(_: Action) -> bool:
    """Of every press."""
    return True


def never(_: Action) -> bool:
    """Of no press."""
    return False


@dataclass(frozen=True, slots=True)
class OnPress:
    """What a press of a command's controls does, and who may press.

    A `form` is filled in first, and comes along as the context's fields; one that depends on what
    is stored is built, for those who have the right, when it opens and again when it is sent, or
    says in a reply why there is none. What `updates` takes the place of the private message that
    was used; anything else, and every notice, is a message of its own. A press that `counts` earns
    something for a day of the member's, whose zone the platform may have to be asked for. One that
    is `traceless` leaves nothing stored of who presses.
    """

    action: type[Action]
    handler: PressHandler
    right: Right = ANYONE
    form: Form | FormBuilder | None = None
    updates: Callable[[Any], bool] = never
    counts: bool = False
    traceless: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command as every platform declares it, with the presses that belong to it.

    A name of several words is a sub-command. `rest` names the option that takes the plain words of
    a typed line. `examples` are options of calls, the most usual call first. `needs` says where it
    makes sense: anywhere, among the members of a community, or in one of its channels. One that is
    not `listed` is in no menu and no help: platforms call it where they have a place for it. One
    that `takes_away` something as soon as it's called is never offered for a slip of the finger.
    """

    name: str
    description: str
    handler: Handler
    options: tuple[Option, ...] = ()
    rest: str = ""
    examples: tuple[Mapping[str, str], ...] = ()
    presses: tuple[OnPress, ...] = ()
    needs: Literal["nothing", "community", "channel"] = "nothing"
    right: Right = ANYONE
    listed: bool = True
    takes_away: bool = False

    def fits(self, place: Place) -> bool:
        """Whether it can be called there."""
        match self.needs:
            case "channel":
                return not place.private
            case "community":
                return bool(place.community)
            case _:
                return True


async def complete_topic(context: Context, text: str) -> list[Choice]:
    """Topics of the default pack for a half-typed text."""
    pack = context.library.get("")
    if pack is None:
        return []
    return [Choice(pack.topics[topic].topic.title, topic) for topic in pack.index.complete(text)]


async def complete_scope(context: Context, text: str) -> list[Choice]:
    """Chapters whose title has the text, then topics; only chapters for an empty one."""
    pack = context.library.get("")
    chapters = [
        Choice(chapter.title, chapter.id)
        for chapter in (pack.pack.chapters if pack else ())
        if text.casefold() in chapter.title.casefold()
    ]
    return [*chapters, *await complete_topic(context, text)] if text.strip() else chapters


async def complete_pack(context: Context, text: str) -> list[Choice]:
    """Packs whose id has the text."""
    return [Choice(pack, pack) for pack in context.library.ids if text.casefold() in pack]


def scope_of(pack: IndexedPack, text: str) -> str | None:
    """The scope that a member's words mean; None if nothing matches."""
    text = text.strip()
    if text.casefold() in ("", "all", "everything"):
        return WHOLE_PACK
    if pack.topics_in(text):
        return text
    by_chapter = {chapter.title.casefold(): chapter.id for chapter in pack.pack.chapters}
    if chapter := by_chapter.get(text.casefold()):
        return chapter
    hits = pack.index.search(text, limit=1)
    return hits[0].topic if hits else None


def no_such_scope(pack: IndexedPack, text: str) -> Reply:
    """Says which topics are nearest to words that name none."""
    nearest = [pack.title_of(topic) for topic in pack.index.nearest_titles(text)]
    return notice(
        ("No topic matches that: ", Quote(text), f". The nearest are: {'; '.join(nearest)}.")
    )


def no_such_pack(library: Library) -> Reply:
    """Says which packs there are."""
    return notice(f"There is no such pack. Packs here: {', '.join(library.ids)}.")
