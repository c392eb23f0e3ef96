"""What a scenario can do on any platform: call, press, answer, look, and break things."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.engine.screens import OPTION_LETTERS
from content.model import AnyQuestion, Pack
from tests.samples import NOW, TickingClock

_LETTERED = re.compile(r"^\W*([A-H])[.):]\W* (.+)$", re.MULTILINE)
_NUMBERED = re.compile(r"^\W*([1-8])[.):]\W* (.+)$", re.MULTILINE)


SOON = 120
"""Seconds until `soon`."""


def typed(options: Mapping[str, str | int]) -> str:
    """Options as people type them, on platforms where commands are text."""
    quoted = {k: f'"{v}"' if " " in str(v) and "<" not in str(v) else v for k, v in options.items()}
    return " ".join(f"{name}:{value}" for name, value in quoted.items())


@dataclass(frozen=True)
class Shown:
    """What a member sees, on any platform; `source` is the platform's own object."""

    text: str
    private: bool
    labels: tuple[str, ...] = ()
    """The labels of what can be pressed."""
    menus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The labels of each menu's options, by the menu's label."""
    file: bytes | None = None
    alt: str = ""
    """The file's alt text."""
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def choices(self) -> dict[str, str]:
        """Letters by the text of their option."""
        return {text.strip(): letter for letter, text in _LETTERED.findall(self.text)}

    def question(self, pack: Pack) -> AnyQuestion | None:
        """The pack's question that's shown."""
        return next((q for q in pack.questions if q.stem in self.text), None)


@dataclass(frozen=True)
class Named:
    """A member, a role or a channel, to put into a field."""

    name: str


@dataclass(frozen=True)
class Upload:
    """A file to put into a field."""

    name: str
    content: bytes


Filled = str | list[str] | Named | Upload
"""What to put into a field; choices go by their labels."""


class Chat(ABC):
    """One platform with a running bot."""

    name: str
    can: frozenset[str] = frozenset()
    """What not every platform supports: `channels`, `members`, `faults`, `names`, `pictures`;
    `lines` if commands are typed; `shy roles` if some can't be mentioned."""
    role_word: str = "role"
    lists_roles: bool = False
    """Whether the platform lists everyone with a role."""

    def __init__(self, pack: Pack, clock: TickingClock) -> None:
        self.pack = pack
        self.clock = clock
        """The clock of the bot and the platform."""

    @abstractmethod
    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        """The final reply to a command; its `member` option takes a name, as `user` does."""

    @abstractmethod
    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        """The reply to a button, found by the start of its label; `text` is typed if it asks for
        some."""

    async def choose(
        self, shown: Shown, menu: str, option: str | Named, user: str = "ann"
    ) -> Shown:
        """The reply to picking from a menu that's shown: by the start of an option's label, or a
        role or channel; an empty one clears a menu that allows it."""
        raise NotImplementedError

    async def fill(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str = "ann"
    ) -> Shown:
        """The reply to a button's form, filled in by field label; other fields stay unchanged. A
        label like `Zone|Other…` is an option of a menu."""
        raise NotImplementedError

    async def open(self, shown: Shown, label: str, user: str = "ann") -> Shown:
        """What a button shows instead of its form."""
        raise NotImplementedError

    async def fill_wrongly(self, shown: Shown, label: str, fields: Mapping[str, Filled]) -> str:
        """The errors of a form with invalid values."""
        raise NotImplementedError

    @abstractmethod
    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        """The reply to choosing one letter or several, or to putting all in order."""

    @abstractmethod
    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        """The reply to a typed answer."""

    def named(self, shown: Shown) -> list[str]:
        """The commands that a text names, as lines without the prefix."""
        raise NotImplementedError

    async def follow(self, shown: Shown, command: str, user: str = "ann") -> Shown:
        """The reply to the first named command that starts like this, called exactly as the text
        has it."""
        raise NotImplementedError

    async def type_line(self, line: str, user: str = "ann") -> Shown:
        """The reply to a typed line, on platforms where commands are typed."""
        raise NotImplementedError

    async def explain(self, shown: Shown, user: str = "ann") -> Shown:
        """The reply to "Explain this" in a channel message's menu."""
        raise NotImplementedError

    @abstractmethod
    async def restart(self) -> None:
        """Kill the bot and start it again on the same database."""

    @property
    def here(self) -> str:
        """The channel by the platform's own ids."""
        raise NotImplementedError

    @classmethod
    @abstractmethod
    def running(
        cls, pack: Pack, folder: Path, database: str, now: datetime = NOW
    ) -> AbstractAsyncContextManager[Chat]:
        """The platform with a bot that asks the pack (saved in a folder, too), and keeps what it
        learns in the database of that URL; its clock stands until time passes."""

    def slow_down(self, seconds: float) -> None:
        """Make the database this slow from now on."""
        raise NotImplementedError

    def break_store(self) -> None:
        """Make the database fail from now on."""
        raise NotImplementedError

    def refuse_posts(self, status: int) -> None:
        """Make the platform answer the next post with an HTTP status."""
        raise NotImplementedError

    def refuse_files(self) -> None:
        """Make the platform reject files from now on."""
        raise NotImplementedError

    def add_channel(self, name: str, *, hidden_from: str = "") -> None:
        """Add a channel that the bot can post in, and that a member can't see."""
        raise NotImplementedError

    def forbid_posts(self) -> None:
        """Take away the bot's permission to post in the channel."""
        raise NotImplementedError

    def permit_posts(self) -> None:
        """Give the bot its permission to post in the channel back."""
        raise NotImplementedError

    def delete_last(self) -> None:
        """Delete the channel's last message, as a moderator does."""
        raise NotImplementedError

    def be_down(self, *, down: bool) -> None:
        """Make every request of the bot fail, or work again."""
        raise NotImplementedError

    def last_direct_message(self, user: str) -> str:
        """The last direct message that the bot sent on its own."""
        raise NotImplementedError

    def direct_messages(self, user: str) -> int:
        """How many direct messages the bot sent on its own."""
        raise NotImplementedError

    def lose_post(self) -> None:
        """Lose the platform's response to the next post, which it accepts."""
        raise NotImplementedError

    async def drop_connection(self) -> None:
        """Cut the connection that events come in by."""
        raise NotImplementedError

    def give_role(self, role: str, *users: str) -> None:
        """Give a role, new or existing, to exactly these members."""
        raise NotImplementedError

    def hide_role(self, role: str) -> None:
        """Make a role unmentionable."""
        raise NotImplementedError

    def delete_role(self, role: str) -> None:
        """Delete a role, as an admin does."""
        raise NotImplementedError

    async def posted(self, channel: str = "") -> int:
        """How many messages the channel has, without replies to others; or another channel by its
        name."""
        raise NotImplementedError

    async def replies(self) -> list[Shown]:
        """The replies to messages that everyone in the channel sees."""
        raise NotImplementedError

    async def discussions(self) -> list[Shown]:
        """The messages in threads that only those see who open them."""
        raise NotImplementedError

    async def address(self, shown: Shown) -> str:
        """The web address of a message in the channel, as the platform gives it."""
        raise NotImplementedError

    def refuse_replies(self, *, discussions: bool = False) -> None:
        """Refuse the bot's replies in the channel, or only the discussions that it opens, where
        they aren't the same."""
        raise NotImplementedError

    def missed_deadlines(self) -> int:
        """How many events were not acknowledged in time."""
        raise NotImplementedError

    def pings(self) -> list[str]:
        """Texts that would have notified people."""
        raise NotImplementedError

    def take_pings(self) -> list[str]:
        """The expected texts that notified people; clears them."""
        raise NotImplementedError

    async def suggested(self, command: str, option: str, text: str) -> list[str]:
        """The suggestions for a half-typed option."""
        raise NotImplementedError

    async def channel(self) -> Shown:
        """The channel's last public message that's no reply to another."""
        raise NotImplementedError

    @abstractmethod
    async def passes(self, seconds: float) -> None:
        """Let time pass, and let the heartbeat run."""

    def soon(self) -> str:
        """A time of day in UTC that's about to come, as people type it."""
        return f"{self.clock() + timedelta(seconds=SOON):%H:%M}"

    async def until(self, hour: int, zone: str = "UTC") -> None:
        """Let time pass until it's this hour in the zone."""
        here = self.clock().astimezone(ZoneInfo(zone))
        then = here.replace(hour=hour, minute=0, second=0, microsecond=0)
        if then <= here:
            then += timedelta(days=1)
        await self.passes((then.astimezone(UTC) - self.clock()).total_seconds())

    async def press_stale(self, action: str = "oldverb:7f3a:2", user: str = "ann") -> Shown:
        """The reply to a button that the bot doesn't post, by default from an old version."""
        raise NotImplementedError

    async def answer(self, shown: Shown, *, rightly: bool = True, user: str = "ann") -> Shown:
        """Answer the question that's shown."""
        question = shown.question(self.pack)
        assert question is not None, shown.text
        letters = shown.choices
        match question.kind:
            case "short_answer":
                return await self.write(shown, question.accepted[0] if rightly else "zebra", user)
            case "numeric":
                return await self.write(shown, "0.25 s" if rightly else "7", user)
            case "ordering":
                order = [letters[item] for item in question.items]
            case "matching":
                rights = {left: letters[right] for left, right in question.pairs}
                shown_lefts = [left.strip() for _, left in _NUMBERED.findall(shown.text)]
                order = [rights[left] for left in shown_lefts if left in rights]
            case "true_false":
                order = [OPTION_LETTERS[0] if question.answer is rightly else OPTION_LETTERS[1]]
            case _:
                order = [letters[o.text] for o in question.options if o.correct is rightly]
        if question.kind in ("ordering", "matching") and not rightly:
            order = [*order[1:], order[0]]
        if question.kind == "single":
            order = order[:1]
        return await self.pick(shown, order, user)
