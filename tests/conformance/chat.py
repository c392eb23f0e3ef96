"""What a scenario may do on any platform: call, press, answer, look, and break things."""

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
"""Seconds after which `soon` has come."""


def typed(options: Mapping[str, str | int]) -> str:
    """Options as they are typed, where commands are text."""
    quoted = {k: f'"{v}"' if " " in str(v) and "<" not in str(v) else v for k, v in options.items()}
    return " ".join(f"{name}:{value}" for name, value in quoted.items())


@dataclass(frozen=True)
class Shown:
    """What a member sees, whatever the platform calls it; `source` is the platform's own."""

    text: str
    private: bool
    labels: tuple[str, ...] = ()
    """What can be pressed."""
    file: bytes | None = None
    alt: str = ""
    """What is said to those who cannot see the file."""
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def choices(self) -> dict[str, str]:
        """Letters by the text they stand for."""
        return {text.strip(): letter for letter, text in _LETTERED.findall(self.text)}

    def question(self, pack: Pack) -> AnyQuestion | None:
        """The question of the pack that is shown."""
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
"""What is put into a field: choices go by their labels."""


class Chat(ABC):
    """One platform with a running bot."""

    name: str
    can: frozenset[str] = frozenset()
    """What not every platform has: `channels`, `members`, `faults`, `names`, `pictures`; `lines`
    where commands are typed; `shy roles` where some can't be mentioned."""

    def __init__(self, pack: Pack, clock: TickingClock) -> None:
        self.pack = pack
        self.clock = clock
        """What the bot and the platform go by."""

    @abstractmethod
    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        """What a command answers, once it has answered for good; its `member` is named as users
        are."""

    @abstractmethod
    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        """What a button leads to, by the beginning of its label; with the text it asks for."""

    async def fill(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str = "ann"
    ) -> Shown:
        """What a button's form leads to, filled in by the labels of its fields; what is not named
        stays as it opened."""
        raise NotImplementedError

    async def open(self, shown: Shown, label: str, user: str = "ann") -> Shown:
        """What a button shows in the place of its form."""
        raise NotImplementedError

    async def misfill(self, shown: Shown, label: str, fields: Mapping[str, Filled]) -> str:
        """What is said of a form with something wrong in it."""
        raise NotImplementedError

    @abstractmethod
    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        """What choosing leads to: one letter or several, or all in their order."""

    @abstractmethod
    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        """What a typed answer leads to."""

    def named(self, shown: Shown) -> list[str]:
        """The commands that a text names, as lines without what begins a command."""
        raise NotImplementedError

    async def follow(self, shown: Shown, command: str, user: str = "ann") -> Shown:
        """What the first command that a text names, and that begins so, answers when it is called
        as it stands there."""
        raise NotImplementedError

    async def type_line(self, line: str, user: str = "ann") -> Shown:
        """What a typed line answers, where commands are typed."""
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
        """Let the database take so long from now on."""
        raise NotImplementedError

    def break_store(self) -> None:
        """Let the database fail from now on."""
        raise NotImplementedError

    def refuse_posts(self, status: int) -> None:
        """Let the platform answer the next post with an HTTP status."""
        raise NotImplementedError

    def refuse_files(self) -> None:
        """Let the platform take no file from now on."""
        raise NotImplementedError

    def forbid_posts(self) -> None:
        """Take the bot's right to post in the channel away."""
        raise NotImplementedError

    def permit_posts(self) -> None:
        """Give the bot its right to post in the channel back."""
        raise NotImplementedError

    def delete_last(self) -> None:
        """Delete the channel's last message, as a moderator does."""
        raise NotImplementedError

    def be_down(self, *, down: bool) -> None:
        """Let the platform answer nothing that the bot asks, or everything again."""
        raise NotImplementedError

    def told(self, user: str) -> str:
        """The last direct message that the bot wrote to somebody by itself."""
        raise NotImplementedError

    def lose_post(self) -> None:
        """Let the platform's answer to the next post, which it takes, get lost."""
        raise NotImplementedError

    async def drop_connection(self) -> None:
        """Cut what events come in by."""
        raise NotImplementedError

    def give_role(self, role: str, *users: str) -> None:
        """Let a role, new or known, be that of these members and of nobody else."""
        raise NotImplementedError

    def hide_role(self, role: str) -> None:
        """Let nobody be notified by a role."""
        raise NotImplementedError

    def delete_role(self, role: str) -> None:
        """As when an admin deletes a role."""
        raise NotImplementedError

    async def posted(self) -> int:
        """How many messages the channel has."""
        raise NotImplementedError

    def missed_deadlines(self) -> int:
        """How many events were not acknowledged in time."""
        raise NotImplementedError

    def pings(self) -> list[str]:
        """Texts that would have notified people."""
        raise NotImplementedError

    def take_pings(self) -> list[str]:
        """Texts that notified people as they were to, which are forgotten by this."""
        raise NotImplementedError

    async def suggested(self, command: str, option: str, text: str) -> list[str]:
        """What is offered for a half-typed option."""
        raise NotImplementedError

    async def channel(self) -> Shown:
        """The last message that everybody in the channel sees."""
        raise NotImplementedError

    @abstractmethod
    async def passes(self, seconds: float) -> None:
        """Let so much time pass, with the heartbeat going on."""

    def soon(self) -> str:
        """A time of day in UTC that comes soon, as it is typed."""
        return f"{self.clock() + timedelta(seconds=SOON):%H:%M}"

    async def until(self, hour: int, zone: str = "UTC") -> None:
        """Let time pass until it is this hour there."""
        here = self.clock().astimezone(ZoneInfo(zone))
        then = here.replace(hour=hour, minute=0, second=0, microsecond=0)
        if then <= here:
            then += timedelta(days=1)
        await self.passes((then.astimezone(UTC) - self.clock()).total_seconds())

    async def press_stale(self, user: str = "ann") -> Shown:
        """What a button of a version long gone leads to."""
        raise NotImplementedError

    async def answer(self, shown: Shown, *, rightly: bool = True, user: str = "ann") -> Shown:
        """Answer the question that is shown."""
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
