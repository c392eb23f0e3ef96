"""The codec of what a control carries: short texts that outlive restarts and fit any platform."""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, fields
from typing import Any, get_args

LIMIT = 100
"""Bytes an action may take: Discord's limit for a custom id, the tightest of all platforms."""


class UnknownAction(ValueError):
    """The text is not an action of this version: an older message, or not ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a round; `choice` is empty where the values come with the press."""

    round: int
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Continue:
    """Show the first unanswered step of a drill, or its summary."""

    drill: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End a drill here and show its summary."""

    drill: int


@dataclass(frozen=True, slots=True)
class Practise:
    """Start a drill on a chapter, unit or topic; an empty scope is the whole pack."""

    pack: str
    scope: str


@dataclass(frozen=True, slots=True)
class Explain:
    """Explain a topic, from a page on."""

    pack: str
    topic: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """Show a page of a leaderboard, of members or of teams."""

    window: str
    by: str
    board: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class DrawBoard:
    """Show a page of a leaderboard as a picture."""

    window: str
    by: str
    board: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class DrawProgress:
    """Show the member's progress by chapter as a picture."""


@dataclass(frozen=True, slots=True)
class Why:
    """Show the answer of a closed round, and the reason for it."""

    round: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close a round of a channel before its time."""

    round: int


@dataclass(frozen=True, slots=True)
class SaveDaily:
    """Set a daily question as the proposal of that number says."""

    daily: int
    number: int


@dataclass(frozen=True, slots=True)
class Unskip:
    """Take back that the channel's daily question is skipped on a date."""

    day: str


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Start a drill on the daily questions that the member missed."""


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the owners what is wrong with a round's question; the value says what."""

    round: int


@dataclass(frozen=True, slots=True)
class Join:
    """Join a team."""

    team: int


@dataclass(frozen=True, slots=True)
class NewSeason:
    """End a season and start the next one, whose `name` is packed."""

    ending: int
    name: str


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Show how a seed divides the members into so many teams; or make those teams, where it is
    still the division that was `shown`."""

    way: str
    teams: int
    seed: int
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Let a team be defined by no role any more."""

    team: int


@dataclass(frozen=True, slots=True)
class Export:
    """Get a copy of everything that is stored of the member."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete everything that is stored of the member, once they are `sure`."""

    sure: int = 0


Action = (
    Answer
    | Continue
    | Stop
    | Practise
    | Explain
    | Board
    | DrawBoard
    | DrawProgress
    | Why
    | Close
    | SaveDaily
    | Unskip
    | CatchUp
    | Report
    | Join
    | NewSeason
    | Shuffle
    | Release
    | Export
    | Forget
)

_VERBS: dict[str, type[Action]] = {kind.__name__.lower(): kind for kind in get_args(Action)}
_TEXT = "Your text"
_PROMPTS: dict[type[Action], str] = {
    Answer: "Your answer",
    Report: "What is wrong with this question?",
}
_PART = re.compile(r"[a-z0-9_-]*")


def encode(action: Action) -> str:
    """The action as text.

    Raises ValueError where a part is not an id or a number, or the whole is over LIMIT bytes.
    """
    parts = [str(getattr(action, name)) for name in action.__match_args__]
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"an action carries ids and numbers only: {action}")
    text = ":".join((type(action).__name__.lower(), *parts))
    if len(text) > LIMIT:
        raise ValueError(f"an action has at most {LIMIT} bytes: {text}")
    return text


def decode(text: str) -> Action:
    """The action that a text stands for; raises UnknownAction for anything else."""
    verb, *parts = text.split(":")
    kind = _VERBS.get(verb)
    if kind is None or len(parts) != len(fields(kind)):
        raise UnknownAction(text)
    values: list[Any] = []
    for field, part in zip(fields(kind), parts, strict=True):
        whole = field.type == "int"
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}" if whole else _PART, part):
            raise UnknownAction(text)
        values.append(int(part) if whole else part)
    return kind(*values)


def packed(text: str) -> str:
    """Any text as a part of an action; it takes 8 bytes for 5."""
    return b32encode(text.encode()).decode().rstrip("=").casefold()


def unpacked(part: str) -> str:
    """The text that was packed; raises UnknownAction for anything else."""
    try:
        return b32decode(part + "=" * (-len(part) % 8), casefold=True).decode()
    except ValueError:
        raise UnknownAction(part) from None


def asks(action: str) -> str:
    """What a member is asked for before an action is sent with their text as its value."""
    try:
        return _PROMPTS.get(type(decode(action)), _TEXT)
    except UnknownAction:
        return _TEXT


def chosen(action: str, value: str) -> str:
    """The action of one choice of a Pick, for platforms where each choice is its own button."""
    answer = decode(action)
    if not isinstance(answer, Answer):
        raise TypeError(f"not a choice: {action}")
    return encode(Answer(answer.round, value))
