"""The codec of what a control carries: short texts that outlive restarts and fit any platform.

An action that only one command offers is declared in that command's file; here are those that many
screens lead to. A verb and the order of its fields are on buttons that were posted long ago: they
are never renamed, and a new field comes last, with a default.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar

MAX_ACTION_BYTES = 100
"""Bytes an action may take: Discord's limit for a custom id, the tightest of all platforms."""


class UnknownAction(ValueError):
    """The text is not an action of this version: an older message, or not ours."""


class Action:
    """What a control does, as a frozen dataclass of numbers and ids."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    verb: ClassVar[str]


@dataclass(frozen=True, slots=True)
class AnswerRound(Action):
    """Answer a round; `choice` is empty where the values come with the press."""

    verb = "answer"
    round: int
    choice: str = ""


@dataclass(frozen=True, slots=True)
class ShowAnswer(Action):
    """Show the answer of a closed round, and the reason for it."""

    verb = "why"
    round: int


@dataclass(frozen=True, slots=True)
class ReportQuestion(Action):
    """Tell the owners what is wrong with a round's question; the value says what."""

    verb = "report"
    round: int


@dataclass(frozen=True, slots=True)
class ContinueDrill(Action):
    """Show the first unanswered step of a drill, or its summary."""

    verb = "continue"
    drill: int


@dataclass(frozen=True, slots=True)
class StopDrill(Action):
    """End a drill here and show its summary."""

    verb = "stop"
    drill: int


@dataclass(frozen=True, slots=True)
class SkipStep(Action):
    """Leave a step of a drill for later."""

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
    """Explain a topic, from a page on."""

    verb = "explain"
    pack: str
    topic: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class OpenBoard(Action):
    """Open a board of a period, in lower case, from a message that everybody sees. That message was
    posted for an instant, `at`, in seconds since 1970: no two have the same button."""

    verb = "openboard"
    period: str
    by: str
    board: str
    at: int


_PART = re.compile(r"[a-z0-9_-]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


def encode(action: Action) -> str:
    """The action as text.

    Raises ValueError where a part is not an id or a number, or the whole is over LIMIT bytes.
    """
    parts = [str(getattr(action, name)) for name in action.__dataclass_fields__]
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"an action carries ids and numbers only: {action}")
    return _limited(":".join((action.verb, *parts)))


def decode(text: str, kinds: Mapping[str, type[Action]]) -> Action:
    """The action that a text stands for, among those known by their verbs; last fields that are
    left out have their defaults. Raises UnknownAction for anything else."""
    verb, *parts = text.split(":")
    kind = kinds.get(verb)
    declared = fields(kind) if kind else ()
    if kind is None or len(parts) > len(declared):
        raise UnknownAction(text)
    values: list[Any] = []
    for part, field in zip(parts, declared, strict=False):
        whole = field.type == "int"
        if not (_NUMBER if whole else _PART).fullmatch(part):
            raise UnknownAction(text)
        values.append(int(part) if whole else part)
    if any(field.default is MISSING for field in declared[len(parts) :]):
        raise UnknownAction(text)
    return kind(*values)


def _limited(text: str) -> str:
    if len(text) > MAX_ACTION_BYTES:
        raise ValueError(f"an action has at most {MAX_ACTION_BYTES} bytes: {text}")
    return text


def pack_text(text: str) -> str:
    """Any text as a part of an action; it takes 8 bytes for 5."""
    return b32encode(text.encode()).decode().rstrip("=").casefold()


def unpack_text(part: str) -> str:
    """The text that was packed; raises UnknownAction for anything else."""
    try:
        return b32decode(part + "=" * (-len(part) % 8), casefold=True).decode()
    except ValueError:
        raise UnknownAction(part) from None


def add_choice(action: str, value: str) -> str:
    """The action of one choice of a Pick, for platforms where each choice is its own button: its
    last field, which is empty, takes the choice. Raises ValueError where there is none such."""
    if not action.endswith(":") or not _PART.fullmatch(value):
        raise ValueError(f"not a choice: {action} {value}")
    return _limited(action + value)
