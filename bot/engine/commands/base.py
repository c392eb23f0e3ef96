"""Commands: how they are declared, and the context their handlers get."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.engine.actions import Action
from bot.engine.channel_rounds import ChannelRounds
from bot.engine.commands.rights import ANYONE, Right
from bot.engine.daily_planner import DailyPlanner
from bot.engine.days import Days, Zones, first_known_zone
from bot.engine.due.clockwork import Clockwork
from bot.engine.events import ROLE_WORD, Channel, Event, Member, Place, Role, Value
from bot.engine.library import WHOLE_PACK, IndexedPack, Library
from bot.engine.managers import ManagerCheck
from bot.engine.ports import Store
from bot.engine.role_teams import RoleTeams
from bot.engine.screens import Choice, CommandMention, Form, Quote, Reply, Screen, notice
from bot.engine.standings import Standings
from content.language.plural import count

Options = Mapping[str, Any]
"""A command's options by name, checked against its declaration, defaults filled in."""

Fields = Mapping[str, Any]
"""A form's values by field name, checked and parsed: a time is a `time`, a zone its IANA name; an
empty field is None, or an empty text or tuple."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a handler may use.

    `notify` sends a screen to another member in private, and returns False where it can't. `post`
    posts a screen in a channel, unless one with the same handle was posted since then.
    `check_presence` marks members of a community who left it on a page of a leaderboard. `fields`
    come from the form that was sent with a press. A command's form may have chosen a channel other
    than the event's.
    """

    event: Event
    library: Library
    store: Store
    rounds: ChannelRounds
    dailies: DailyPlanner
    clockwork: Clockwork
    role_teams: RoleTeams
    manager: ManagerCheck
    notify: Callable[[Member, Screen], Awaitable[bool]]
    post: Callable[[Channel, Screen, str, datetime], Awaitable[None]]
    check_presence: Callable[[Member, Standings], Awaitable[Standings]]
    now: datetime
    rng: Random
    fields: Fields = field(default_factory=dict)
    chosen: Channel | None = None

    @property
    def member(self) -> Member:
        """The member who sent the event."""
        return self.event.member

    @property
    def name(self) -> str:
        """The member's display name."""
        return self.event.actor.name

    @property
    def channel(self) -> Channel:
        """The channel to post in: the one that was chosen, else the event's."""
        place = self.event.place
        return self.chosen or Channel(place.platform, place.community, place.channel)

    async def manages(self) -> bool:
        """Whether the member may do what managers may. If that can't be looked up, they may not."""
        return await self.manager.check()

    @property
    def role_word(self) -> str:
        """What the platform calls a role; it forms its plural with an s."""
        return self.event.place.role_word

    def community_zone(self, chosen: str | None) -> ZoneInfo:
        """The time zone of the community's leaderboards, given the one its admins chose."""
        return first_known_zone(chosen, self.event.place.zone)

    def own_days(self, zones: Zones) -> Days:
        """The member's own days, from the zones we know."""
        place, actor = self.event.place, self.event.actor
        zone = first_known_zone(
            zones.member, actor.zone, zones.platform, zones.community, place.zone
        )
        return Days(zone, zones.starts)


TOPIC_PLACEHOLDER = "{topic}"
"""Replaced in examples by a topic of the pack."""

ROLE_PLACEHOLDER = "{role}"
"""Replaced in descriptions by the platform's word for a role."""


def example_call(context: Context, command: str, options: Mapping[str, str]) -> CommandMention:
    """A call that works with the loaded pack, on the topic with the shortest title."""
    pack = context.library.get("")
    titles = [spot.topic.title for spot in pack.topics.values()] if pack else []
    topic = min(titles, key=len, default="")
    return CommandMention(
        command, {name: value.format(topic=topic) for name, value in options.items()}
    )


Completer = Callable[[Context, str], Awaitable[list[Choice]]]


def _name_role(description: str, role_word: str) -> str:
    text = description.replace(ROLE_PLACEHOLDER, role_word)
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Option:
    """A typed option. `complete` suggests values while one types. Required options come first and
    have no default. A `member` option takes a mention in the platform's own form; a `people` option
    takes several, with other words around them."""

    name: str
    description: str
    type: Literal["text", "integer", "member", "people"] = "text"
    default: str | int = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    complete: Completer | None = None
    required: bool = False

    def describe(self, role_word: str = ROLE_WORD) -> str:
        """Describe it with the platform's word for a role."""
        return _name_role(self.description, role_word)


Handler = Callable[[Context, Options], Awaitable[Reply]]
PressHandler = Callable[[Context, Any, tuple[str, ...]], Awaitable[Reply]]
FormBuilder = Callable[[Context, Any], Awaitable[Form | Reply]]


def always(_: Action) -> bool:
    """True for every press."""
    return True


def never(_: Action) -> bool:
    """False for every press."""
    return False


@dataclass(frozen=True, slots=True)
class OnPress:
    """What pressing a control does, and who may press it.

    A `form` opens first, and its values arrive as the context's fields. A form that depends on
    stored data is built when it opens and again when it's sent, after the right was checked; the
    builder may return a reply instead. A press that `updates` replaces the private message of the
    control; otherwise, and for every notice, the reply is a new message. `counts` marks a press
    that earns something on the member's own day, so adapters may have to look up their time zone.
    A `traceless` press stores nothing about who pressed.
    """

    action: type[Action]
    handler: PressHandler
    right: Right = ANYONE
    form: Form | FormBuilder | None = None
    updates: Callable[[Any], bool] = never
    counts: bool = False
    traceless: bool = False


def to_options(fields: Fields, _: Set[str]) -> dict[str, Value]:
    """Write a form's values as the options of the same names."""
    return {name: to_option(value) for name, value in fields.items() if name != CHANNEL_FIELD}


def to_option(value: Any) -> Value:
    """Write a field's value as it's typed in an option."""
    match value:
        case None:
            return ""
        case time():
            return f"{value:%H:%M}"
        case Role():
            return value.id
        case tuple():
            return ",".join(value)
        case _:
            typed: Value = value
            return typed


CHANNEL_FIELD = "channel"
"""The field of a command's form that chooses which channel the command is for."""


async def no_problems(_: Context) -> Mapping[str, str]:
    """Find nothing wrong."""
    return {}


@dataclass(frozen=True, slots=True)
class CommandForm:
    """A command's options as a form, for platforms that show forms of any size when the command is
    called without options.

    `build` makes it, or replies why it can't be opened. `to_options` turns its values into options;
    it also gets the names of the fields that the member changed. `check` finds more problems, by
    field name, than the fields' kinds tell; it has a second or two.
    """

    build: Callable[[Context], Awaitable[Form | Reply]]
    to_options: Callable[[Fields, Set[str]], dict[str, Value]] = to_options
    check: Callable[[Context], Awaitable[Mapping[str, str]]] = no_problems


@dataclass(frozen=True, slots=True)
class Command:
    """A command as every platform declares it, with its presses.

    A name of several words is a sub-command. `rest` names the option that takes the plain words of
    a typed line. `examples` are the options of example calls, the most common first. `needs` says
    where it works: anywhere, in a community, or only in its channels. A command that isn't `listed`
    appears in no menu or help; platforms call it themselves. One that `takes_away` something as
    soon as it's called is never suggested for a typo. Some have a `form` for their options.
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
    form: CommandForm | None = None

    def describe(self, role_word: str = ROLE_WORD) -> str:
        """Describe it with the platform's word for a role."""
        return _name_role(self.description, role_word)

    def fits(self, place: Place) -> bool:
        """Whether the command can be called in a place."""
        match self.needs:
            case "channel":
                return not place.private
            case "community":
                return bool(place.community)
            case _:
                return True


async def complete_topic(context: Context, text: str) -> list[Choice]:
    """Suggest topics of the default pack."""
    pack = context.library.get("")
    if pack is None:
        return []
    return [Choice(pack.topics[topic].topic.title, topic) for topic in pack.index.complete(text)]


async def complete_scope(context: Context, text: str) -> list[Choice]:
    """Suggest chapters whose title contains the text, then topics; only chapters if it's empty.
    Each says how many questions it has."""
    pack = context.library.get("")
    if pack is None:
        return []
    scopes = [
        Choice(chapter.title, chapter.id)
        for chapter in pack.pack.chapters
        if text.casefold() in chapter.title.casefold()
    ]
    if text.strip():
        scopes += await complete_topic(context, text)
    return [
        replace(each, note=count(len(pack.questions_in(each.value)), "question")) for each in scopes
    ]


async def complete_pack(context: Context, text: str) -> list[Choice]:
    """Suggest packs whose id contains the text."""
    return [Choice(pack, pack) for pack in context.library.ids if text.casefold() in pack]


def find_scope(pack: IndexedPack, text: str) -> str | None:
    """Find the scope a member means; None if nothing matches."""
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
    """Say that no topic matches, and suggest the closest."""
    nearest = [pack.title_of(topic) for topic in pack.index.nearest_titles(text)]
    return notice(("No topic matches ", Quote(text), f". Closest matches: {'; '.join(nearest)}."))


def no_such_pack(library: Library) -> Reply:
    """Say that the pack doesn't exist, and list those that do."""
    return notice(f"There's no pack with that name. Packs here: {', '.join(library.ids)}.")
