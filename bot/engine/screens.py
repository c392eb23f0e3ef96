"""What adapters show: screens and their controls, free of any platform's markup.

Every text on a screen is plain, but for `backticks` around code. Renderers escape the rest, so
nothing that a pack or a member wrote can become markup or a mention.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Button:
    """A press that needs nothing more. `leads_on` marks the way on through a run of screens."""

    label: str
    action: str
    style: Literal["plain", "primary", "danger"] = "plain"
    leads_on: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A way out to a web page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick: what is shown, and what the press sends back."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Pick:
    """Pick one of the choices, or several."""

    action: str
    choices: tuple[Choice, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Arrange:
    """Put all the choices into order; what is left out follows in the order shown."""

    action: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Give each left side one of the choices, in the order of the left sides."""

    action: str
    lefts: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Type a short text."""

    action: str
    label: str


Control = Button | Link | Pick | Arrange | Match | Write


class Tone(Enum):
    """How a screen is meant; always said in words too, never by colour alone."""

    PLAIN = "plain"
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first row's cells name the columns."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One view: a title, paragraphs, named fields, perhaps a table, and its controls."""

    title: str = ""
    text: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    controls: tuple[Control, ...] = ()
    note: str = ""
    tone: Tone = Tone.PLAIN


class Visibility(Enum):
    """Who sees a reply, and where it goes."""

    PRIVATE = "private"
    CHANNEL = "channel"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's whole answer to one event."""

    screen: Screen
    visibility: Visibility = Visibility.PRIVATE
    data: Any = None
    """What the screen says, as plain data for `--json`; None where there is nothing to count."""


def notice(text: str, *, controls: tuple[Control, ...] = ()) -> Reply:
    """A private line that says what is wrong and what to do."""
    return Reply(Screen(text=(text,), controls=controls, tone=Tone.PROBLEM))
