"""Makes hostile texts, actions and payloads, from a seed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, MutableMapping, MutableSequence, Sequence
from dataclasses import fields
from random import Random
from typing import Any

from bot.engine.commands import COMMANDS, PRESSES
from bot.engine.commands.base import Option
from bot.engine.events import Call, Mention, Press, Value

TEXTS = (
    *("", " ", "0", "-1", "a", "1" * 5000, "x" * 4000, "é" * 3001, "\n" * 50),
    *("@everyone", "@here", "<!channel>", "<!here|x>", "<!subteam^S1>", "<@U1>", "<@1>", "<@&1>"),
    *("</x:1>", "<#C1>", "<https://e.x|y>", "<t:0:R>", "[a](https://e.x)", "```", "`", "||a||"),
    *("\0", "a\0b", "\ud800", "a\udfffb", "\u202egnp", "\u200b", "\ufeff", "Z\u0300" * 200),
    *("'; DROP TABLE member; --", "%s%n", "{0}", "{{x}}", "${x}", "../../etc/passwd", "\x1b[2J"),
    *("NaN", "inf", "-0", "1e999", "٣", "²", "１", "0x1f", "True", "null", "2026-02-30", "25:61"),
    *("week", "all", "season-1", "today", "mon 09:00", "UTC", "Europe/Berlin", "one", "alpha"),
)
VALID = ("Owls", "09:00", "mon 09:00", "UTC", "Asia/Tokyo", "one", "alpha", "today", "sample", "1")
NUMBERS = (0, 1, 2, 7, 25, 2**31 - 1, 2**31, 2**63, 10**17, 10**18 - 1)
IDS = ("", "sample", "one", "alpha", "gone", "-", "_", "0", "7", "random", "members", "week", "0-0")
SMALL = 3
"""Up to which numbers are tried often, since they exist."""


class Hostile:
    """A source of hostile input."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def text(self) -> str:
        """A text that somebody could type, and some that nobody can."""
        if self.random.random() < 0.2:
            return "".join(chr(self._code_point()) for _ in range(self.random.randrange(40)))
        pieces = self.random.choices(TEXTS, k=self.random.choice((1, 1, 1, 2)))
        return "".join(pieces)

    def _code_point(self) -> int:
        return self.random.choice((self.random.randrange(0x250), self.random.randrange(0x110000)))

    def value(self) -> Value:
        """An option's value."""
        match self.random.randrange(6):
            case 0:
                return self.random.choice(NUMBERS)
            case 1:
                return Mention(self.text()[:30], self.text(), plays=self.random.random() < 0.8)
            case 2:
                return tuple(self.text() for _ in range(self.random.randrange(4)))
            case _:
                return self.text()

    def call(self) -> Call:
        """A command with any options."""
        name = self.random.choice([*COMMANDS, *COMMANDS, "", self.text()])
        known = COMMANDS[name].options if name in COMMANDS else ()
        options = {each.name: self._given(each) for each in known if self.random.random() < 0.6}
        if self.random.random() < 0.1:
            options[self.text()] = self.value()
        return Call(name, options, unread=self.text() if self.random.random() < 0.1 else "")

    def _given(self, option: Option) -> Value:
        """A value for an option, every other time one that fits."""
        if self.random.random() < 0.5:
            return self.value()
        match option.type:
            case "integer":
                return self.random.choice((option.minimum or 1, option.maximum or 2, 3))
            case "member":
                return Mention("U7", "Eve")
            case _:
                return self.random.choice(option.choices or VALID)

    def action(self, seen: Sequence[str]) -> str:
        """A control's action: one that was shown, one like it, or none."""
        how = self.random.random()
        if seen and how < 0.4:
            return self.random.choice(seen)
        if seen and how < 0.5:
            return self._spoil(self.random.choice(seen))
        if how < 0.95:
            press = self.random.choice([*PRESSES.values()])
            parts = [self._part(str(field.type)) for field in fields(press.action)]
            text = ":".join((press.action.verb, *parts))
            return text if self.random.random() < 0.9 else self._spoil(text)
        return self.text()

    def _part(self, kind: str) -> str:
        if kind != "int":
            return self.random.choice(IDS)
        small = self.random.random() < 0.7
        return str(self.random.randint(1, SMALL) if small else self.random.choice(NUMBERS))

    def _spoil(self, text: str) -> str:
        place = self.random.randrange(len(text) + 1)
        inserted = self.random.choice((":", "|", "0", "-", "", self.text()[:40]))
        return text[:place] + inserted + text[place + self.random.randrange(3) :]

    def press(self, seen: Sequence[str]) -> Press:
        """A press of any control, with any values."""
        values = tuple(self._choice() for _ in range(self.random.choice((0, 0, 1, 1, 3, 8))))
        return Press(self.action(seen), values)

    def _choice(self) -> str:
        return self.random.choice(("0", "1", "2", "7", "-1", "x", self.text()))

    def spoil(self, payload: Any, keys: frozenset[str]) -> Any:
        """A copy of a payload in which some of the values under these keys are others."""
        spoiled = copy.deepcopy(payload)
        places = [*_find(spoiled, keys)]
        for holder, key in self.random.sample(places, min(len(places), self.random.randint(1, 3))):
            before = holder[key]
            if key in ("custom_id", "action_id", "callback_id"):
                prefix = before[: before.rfind("|") + 1] if self.random.random() < 0.7 else ""
                holder[key] = prefix + self.action([before.rpartition("|")[2]])
            elif isinstance(before, str):
                holder[key] = self.text()
            elif isinstance(before, int):
                holder[key] = self.random.choice(NUMBERS)
        return spoiled


def _find(node: Any, keys: frozenset[str]) -> Iterator[tuple[Any, Any]]:
    """Where a payload has texts and numbers under these keys, however deeply nested."""
    match node:
        case MutableMapping():
            for key, value in node.items():
                if key in keys and isinstance(value, str | int):
                    yield node, key
                elif key in keys and isinstance(value, list):
                    yield from ((value, n) for n, each in enumerate(value) if type(each) is str)
                yield from _find(value, keys)
        case MutableSequence():
            for each in node:
                yield from _find(each, keys)
