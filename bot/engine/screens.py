"""What adapters show: screens and their controls, free of any platform's markup.

Every text on a screen is plain, but for `backticks` around code. Renderers escape the rest, so
nothing that a pack or a member wrote can become markup or a mention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Literal

OPTION_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Person:
    """A member within a text: named by the platform where it can, without being notified."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant within a text: platforms that know the reader's clock show it by that."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelMention:
    """A channel within a text, by the platform's own id."""

    channel: str


@dataclass(frozen=True, slots=True)
class CommandMention:
    """A command within a text, with options or without: each platform writes what its members can
    press or type. A text that names a command in plain words is of no use to anybody."""

    command: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a member typed, within a text: shown as code, which nothing in it can end."""

    words: str

    def __str__(self) -> str:
        words = " ".join(self.words.replace("`", "'").split())
        return f"`{words if len(words) <= MAX_QUOTE else f'{words[:MAX_QUOTE]}…'}`"


MAX_QUOTE = 100
"""Characters repeated of what a member typed."""

Span = str | Person | Moment | ChannelMention | CommandMention | Quote
Text = str | tuple[Span, ...]
"""A line of a screen: plain text, or pieces of which some are more than text."""


def to_spans(text: Text) -> tuple[Span, ...]:
    """The pieces of a line."""
    return (text,) if isinstance(text, str) else text


def join_texts(texts: Iterable[Text], between: str) -> tuple[Span, ...]:
    """Several texts as one, with something between them."""
    pieces: list[Span] = []
    for text in texts:
        pieces += [between, *to_spans(text)] if pieces else to_spans(text)
    return tuple(pieces)


def split_lines(text: Text) -> Iterator[tuple[Span, ...]]:
    """The text line by line."""
    line: list[Span] = []
    for span in to_spans(text):
        first, *others = span.split("\n") if isinstance(span, str) else (span,)
        line.append(first)
        for other in others:
            yield tuple(line)
            line = [other]
    yield tuple(line)


def format_text(
    text: Text,
    person: Callable[[Person], str],
    moment: Callable[[Moment], str],
    say: Callable[[CommandMention], str],
    where: Callable[[ChannelMention], str] = lambda where: f"#{where.channel}",
    quote: Callable[[Quote], str] = str,
) -> str:
    """The line with people, instants, commands, channels and members' own words written in a
    platform's way."""
    parts: list[str] = []
    for span in to_spans(text):
        match span:
            case Person():
                parts.append(person(span))
            case Moment():
                parts.append(moment(span))
            case CommandMention():
                parts.append(say(span))
            case ChannelMention():
                parts.append(where(span))
            case Quote():
                parts.append(quote(span))
            case _:
                parts.append(span)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Button:
    """A press. `is_next` marks the way on through a run of screens; `draws` where it leads to a
    picture of what is on the screen, and is of no use where none can be shown."""

    label: str
    action: str
    style: Literal["plain", "primary", "danger"] = "plain"
    is_next: bool = False
    opens_chart: bool = False


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
    """Pick one of the choices, or several, with the `count` of right ones where that is told;
    `lettered` where the text speaks of them by letter."""

    action: str
    choices: tuple[Choice, ...]
    several: bool = False
    lettered: bool = True
    count: int = 0


@dataclass(frozen=True, slots=True)
class Arrange:
    """Put all the choices into order."""

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


@dataclass(frozen=True, slots=True)
class Open:
    """Call a command. Platforms may leave this out, and what follows: a command can be typed."""

    command: str
    label: str


@dataclass(frozen=True, slots=True)
class Search:
    """Call a command with an option that is picked from what the command offers for it, which
    changes while its member types."""

    command: str
    option: str
    label: str


@dataclass(frozen=True, slots=True)
class ChooseChannel:
    """Call a command as if in a channel, which is picked."""

    command: str
    label: str


Control = Button | Link | Pick | Arrange | Match | Write | Open | Search | ChooseChannel

MAX_FIELDS = 5
"""Fields of a form: the most that any platform can show."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a form asks for.

    `filled` is in it when it opens: the text, the name of a time zone, a time like 09:00, or the
    values of choices. A text has `most` characters at most, and several lines where it is `long`.
    """

    name: str
    label: str
    kind: Literal[
        "text", "choice", "choices", "time", "zone", "member", "role", "channel", "file"
    ] = "text"
    hint: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    initial: tuple[str, ...] = ()
    max_chars: int = 300
    multiline: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Several fields, asked for at once before a press is sent; `submit` is on the button that
    sends them, where the platform lets us say so."""

    title: str
    fields: tuple[Field, ...]
    submit: str = "Send"

    def __post_init__(self) -> None:
        if not 1 <= len(self.fields) <= MAX_FIELDS:
            raise ValueError(f"a form has 1 to {MAX_FIELDS} fields: {self}")
        for each in self.fields:
            if bool(each.choices) is not (each.kind in ("choice", "choices")):
                raise ValueError(f"there are choices where one is to choose: {each}")


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

    rows: tuple[tuple[Text, ...], ...]

    def lines(self) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """A line a row, for platforms without columns: what stands first, and the rest, in which
        each figure says by its heading what it is."""
        headings, *rows = self.rows
        for place, name, *figures in rows:
            said = (
                f" · {figure} {str(unit).lower()}"
                for figure, unit in zip(figures, headings[2:], strict=True)
            )
            yield str(place), (*to_spans(name), *said)


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be shown as they are, each under the other, in letters of one width."""

    text: str
    language: str = ""

    def parts(self, limit: int) -> Iterator[str]:
        """The lines in texts of at most so many characters; a longer line is cut anywhere."""
        limit, left = max(limit, 1), self.text.strip("\n")
        while left.strip():
            end = left.rfind("\n", 0, limit + 1) if len(left) > limit else len(left)
            part = left[: end if end > 0 else limit]
            if part.strip():
                yield part
            left = left[len(part) :].removeprefix("\n")


Part = Text | Code | Table
"""A paragraph of a screen, or what stands among them."""


def list_texts(part: Part) -> Iterator[Text]:
    """A paragraph, or the cells of a table; code isn't text."""
    match part:
        case Table(rows):
            for row in rows:
                yield from row
        case Code():
            pass
        case _:
            yield part


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: its parts one after the other, out of so many, with the figures in words.

    `place` stands before the label; `own` is what marks the reader's bar: "you".
    """

    label: str
    parts: tuple[int, ...]
    total: int
    note: str
    place: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """A picture of what a screen says; `alt` says it in sentences, and `legend` names the parts of
    its bars where there are several."""

    title: str
    alt: str
    bars: tuple[Bar, ...]
    legend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """One view: a title, paragraphs with code and tables among them, named fields, its controls.

    `spoiler` is for lines that a late reader should not see unasked: hidden until pressed where
    the platform can do that, and left out where it cannot. A `picture` says nothing that the
    screen does not say in text, so that it can be left out. The `mention` is a role that is
    notified when the screen is posted.
    """

    title: str = ""
    text: tuple[Part, ...] = ()
    fields: tuple[tuple[str, Text], ...] = ()
    spoiler: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()
    note: Text = ""
    tone: Tone = Tone.PLAIN
    picture: BarChart | None = None
    mention: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a reply."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's whole answer to one event, which only who sent it sees: what a channel sees is
    posted, never replied. It `updates` the private message whose control was used, or is one of its
    own; what is said `aside` leaves that message as it is."""

    screen: Screen
    updates: bool = False
    keeps_message: bool = False
    data: Any = None
    """What the screen says, as plain data for `--json`; None where there is nothing to count."""
    file: File | None = None


def failure(reference: str) -> Reply:
    """Says that something went wrong on our side, with a reference that is in the log."""
    return notice(
        "Something went wrong. Please try again. "
        f"If it keeps happening, give an admin this reference: {reference}."
    )


def notice(text: Text, *, controls: tuple[Control, ...] = ()) -> Reply:
    """A private line that says what is wrong and what to do."""
    return Reply(Screen(text=(text,), controls=controls, tone=Tone.PROBLEM), keeps_message=True)
