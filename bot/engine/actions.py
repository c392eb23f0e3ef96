"""Encode and decode what a control carries: short texts that survive restarts on any platform.

An action that only one command uses is declared in that command's file; the ones here are used by
many screens. Buttons posted long ago carry verbs and fields in order: never rename a verb or
reorder fields, and add new fields last, with a default.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar

MAX_ACTION_BYTES = 100
"""Discord's limit for a custom id, the tightest of all platforms."""


MAX_ID = 2**31 - 1
"""The largest id: PostgreSQL's integer columns end there."""

Page = int
"""A page, counted from 0."""

BigNumber = int
"""A number that's in no column: a seed, or seconds since 1970."""

MAX_NUMBERS = {"int": MAX_ID, "Page": 99_999, "BigNumber": 2**32 - 1}
"""Upper bounds of numbers, by the declared types of their fields. A larger one is no number of
ours."""


class UnknownAction(ValueError):
    """The text isn't an action of this version: it's from another version, or not ours."""


class Action:
    """What pressing a control does, as a frozen dataclass of numbers and ids."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    verb: ClassVar[str]


@dataclass(frozen=True, slots=True)
class AnswerRound(Action):
    """Answer a round; `choice` is empty if the values come with the press."""

    verb = "answer"
    round: int
    choice: str = ""


@dataclass(frozen=True, slots=True)
class ArrangeRound(Action):
    """Answer a round by putting in order or matching; a form asks for all parts."""

    verb = "arrange"
    round: int


@dataclass(frozen=True, slots=True)
class ShowAnswer(Action):
    """Show a closed round's answer and rationale. `reply` is 1 in the reply to a result, so that no
    two messages have the same button."""

    verb = "why"
    round: int
    reply: int = 0


@dataclass(frozen=True, slots=True)
class ReadCase(Action):
    """Show the whole case that a round's question is about."""

    verb = "case"
    round: int


@dataclass(frozen=True, slots=True)
class ReportQuestion(Action):
    """Report a problem with a round's question; the value describes it."""

    verb = "report"
    round: int


@dataclass(frozen=True, slots=True)
class ContinueDrill(Action):
    """Show the first unanswered step of a drill, or its summary."""

    verb = "continue"
    drill: int


@dataclass(frozen=True, slots=True)
class StopDrill(Action):
    """End a drill early and show its summary."""

    verb = "stop"
    drill: int


@dataclass(frozen=True, slots=True)
class SkipStep(Action):
    """Skip a step of a drill for now."""

    verb = "skip"
    drill: int
    step: int


@dataclass(frozen=True, slots=True)
class StartDrill(Action):
    """Start a drill on a chapter, unit or topic; an empty scope is the whole pack."""

    verb = "practise"
    pack: str
    scope: str


@dataclass(frozen=True, slots=True)
class ExplainTopic(Action):
    """Show a page of a topic's notes."""

    verb = "explain"
    pack: str
    topic: str
    page: Page = 0


@dataclass(frozen=True, slots=True)
class OpenBoard(Action):
    """Open a leaderboard from a message in a channel. `period` is in lower case. `at` is when the
    message was due, in seconds since 1970, so that no two messages have the same button."""

    verb = "openboard"
    period: str
    by: str
    board: str
    at: BigNumber


_PART = re.compile(r"[a-z0-9_-]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


def encode(action: Action) -> str:
    """Write an action as text.

    Raises ValueError if a part isn't an id or a number, or the text is over MAX_ACTION_BYTES.
    """
    parts = [str(getattr(action, name)) for name in action.__dataclass_fields__]
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"an action can only hold ids and numbers: {action}")
    return _check_size(":".join((action.verb, *parts)))


def decode(text: str, kinds: Mapping[str, type[Action]]) -> Action:
    """Read an action of one of these kinds, given by verb; missing last fields get their defaults.
    Raises UnknownAction for anything else."""
    verb, *parts = text.split(":")
    kind = kinds.get(verb)
    declared = fields(kind) if kind else ()
    if kind is None or len(parts) > len(declared):
        raise UnknownAction(text)
    values: list[Any] = []
    for part, field in zip(parts, declared, strict=False):
        maximum = MAX_NUMBERS.get(str(field.type))
        if not (_PART if maximum is None else _NUMBER).fullmatch(part):
            raise UnknownAction(text)
        values.append(part if maximum is None else int(part))
        if maximum is not None and values[-1] > maximum:
            raise UnknownAction(text)
    if any(field.default is MISSING for field in declared[len(parts) :]):
        raise UnknownAction(text)
    return kind(*values)


def _check_size(text: str) -> str:
    if len(text) > MAX_ACTION_BYTES:
        raise ValueError(f"an action can have at most {MAX_ACTION_BYTES} bytes: {text}")
    return text


def pack_text(text: str) -> str:
    """Encode any text as a part of an action; 5 bytes become 8."""
    return b32encode(text.encode()).decode().rstrip("=").casefold()


def unpack_text(part: str) -> str:
    """Undo `pack_text`; raises UnknownAction for anything else."""
    try:
        return b32decode(part + "=" * (-len(part) % 8), casefold=True).decode()
    except ValueError:
        raise UnknownAction(part) from None


def add_choice(action: str, value: str) -> str:
    """Put a choice of a Pick into the empty last field of its action, for platforms where each
    choice is a button. Raises ValueError if that field isn't empty."""
    if not action.endswith(":") or not _PART.fullmatch(value):
        raise ValueError(f"not a choice: {action} {value}")
    return _check_size(action + value)


def ask_in_form(action: str) -> str:
    """Turn the action of an Arrange or a Match into one whose form asks for all parts, for
    platforms that show forms of that size. Raises UnknownAction if it answers no round."""
    answers: Any = decode(action, {AnswerRound.verb: AnswerRound})
    return encode(ArrangeRound(answers.round))
