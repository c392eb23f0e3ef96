"""What adapters show: screens and their controls, without any platform's markup.

Every text on a screen is plain, except for `backticks` around code. Renderers escape the rest, so
nothing that a pack or a member wrote can become markup or a mention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal
from unicodedata import combining, east_asian_width

from content.language.plural import pluralize

OPTION_LETTERS = "ABCDEFGH"
BAR_WIDTH, BAR_FULL, BAR_EMPTY = 10, "█", "░"
"""Characters of a bar that's drawn with characters."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member within a text: the platform shows their name, if it can, and doesn't notify them."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant within a text, shown by the reader's own clock if the platform knows it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelMention:
    """A channel within a text, by the platform's own id."""

    channel: str


@dataclass(frozen=True, slots=True)
class CommandMention:
    """A command within a text, with or without options. Each platform shows what its members can
    press or type, which plain words can't do."""

    command: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """A member's own words within a text: shown as code, which nothing in them can end."""

    words: str

    def __str__(self) -> str:
        words = " ".join(self.words.replace("`", "'").split())
        return f"`{words if len(words) <= MAX_QUOTE else f'{words[:MAX_QUOTE]}…'}`"


MAX_QUOTE = 100
"""Longer quotes are cut here."""


@dataclass(frozen=True, slots=True)
class WebLink:
    """Words within a text that lead to a web page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Meter:
    """Parts of a whole within a text: a bar where letters have one width, and nothing elsewhere,
    since the words beside it say the same."""

    parts: tuple[int, ...]
    whole: int


Span = str | Person | Moment | ChannelMention | CommandMention | Quote | WebLink | Meter
Text = str | tuple[Span, ...]
"""A line of a screen: plain text, or spans."""


def to_spans(text: Text) -> tuple[Span, ...]:
    """Return a text as spans."""
    return (text,) if isinstance(text, str) else text


def join_texts(texts: Iterable[Text], between: str) -> tuple[Span, ...]:
    """Join texts with a separator."""
    pieces: list[Span] = []
    for text in texts:
        pieces += [between, *to_spans(text)] if pieces else to_spans(text)
    return tuple(pieces)


def split_lines(text: Text) -> Iterator[tuple[Span, ...]]:
    """Split a text at its line breaks."""
    line: list[Span] = []
    for span in to_spans(text):
        first, *others = span.split("\n") if isinstance(span, str) else (span,)
        line.append(first)
        for other in others:
            yield tuple(line)
            line = [other]
    yield tuple(line)


def render_text(
    text: Text,
    person: Callable[[Person], str],
    moment: Callable[[Moment], str],
    command: Callable[[CommandMention], str],
    channel: Callable[[ChannelMention], str] = lambda mention: f"#{mention.channel}",
    quote: Callable[[Quote], str] = str,
    link: Callable[[WebLink], str] = lambda link: f"{link.label} ({link.url})",
    meter: Callable[[Meter], str] = lambda _: "",
) -> str:
    """Write a text as a string, with its other spans in a platform's own format."""
    parts: list[str] = []
    for span in to_spans(text):
        match span:
            case Person():
                parts.append(person(span))
            case Moment():
                parts.append(moment(span))
            case CommandMention():
                parts.append(command(span))
            case ChannelMention():
                parts.append(channel(span))
            case Quote():
                parts.append(quote(span))
            case WebLink():
                parts.append(link(span))
            case Meter():
                parts.append(meter(span))
            case _:
                parts.append(span)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Button:
    """A button. `is_next` marks the way through a run of screens; `opens_chart` marks a button that
    platforms without pictures can leave out."""

    label: str
    action: str
    style: Literal["plain", "primary", "danger"] = "plain"
    is_next: bool = False
    opens_chart: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a web page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Menu:
    """Buttons that are folded into one list, with what they have in common as a label. Where no
    list can be drawn, they are buttons."""

    label: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """An option to pick: its label, and the value that the press sends back. A `note` says more
    about a suggestion, on platforms with room for it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """Pick one choice or several; `count` is the number of right ones, or 0 if members aren't to
    know. `lettered` if the text refers to choices by letter."""

    action: str
    choices: tuple[Choice, ...]
    several: bool = False
    lettered: bool = True
    count: int = 0


@dataclass(frozen=True, slots=True)
class Arrange:
    """Put all choices in order."""

    action: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Match each left side with a choice; values are in the order of the left sides."""

    action: str
    lefts: tuple[str, ...]
    choices: tuple[Choice, ...]


PROMPT_WORDS = ("again", "help", "next", "?")
"""What people type at a prompt to do something, and also to answer if it's the right answer."""


@dataclass(frozen=True, slots=True)
class Write:
    """Type a short text. `literal` are the PROMPT_WORDS that are right answers here."""

    action: str
    label: str
    literal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """Call a command. Platforms may leave out this control and those below: people can type."""

    command: str
    label: str


@dataclass(frozen=True, slots=True)
class Search:
    """Call a command with an option picked from the command's suggestions, which change as the
    member types."""

    command: str
    option: str
    label: str


@dataclass(frozen=True, slots=True)
class ChooseChannel:
    """Call a command for a channel that the member picks."""

    command: str
    label: str


@dataclass(frozen=True, slots=True)
class Select:
    """A menu that sends its action at once, with what was picked: one of the choices, or a role or
    channel where the platform lists them itself. `chosen` is the current value; picking the last
    entry, "Other…", opens the form of the action `other`."""

    action: str
    label: str
    choices: tuple[Choice, ...] = ()
    kind: Literal["choice", "role", "channel"] = "choice"
    chosen: str = ""
    other: str = ""


Control = (
    Button | Link | Menu | Pick | Arrange | Match | Write | Open | Search | ChooseChannel | Select
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    `initial` is its value when the form opens: a text, a number, a time zone, a time like 09:00,
    the values of choices, or ids of people, a role or a channel, whose `labels` say what they are.
    A text can have up to `max_chars` characters, and line breaks if `multiline`; a number is from
    `minimum` to `maximum`.
    """

    name: str
    label: str
    kind: Literal[
        "text",
        "number",
        "choice",
        "choices",
        "time",
        "zone",
        "topic",
        "member",
        "members",
        "role",
        "channel",
        "file",
    ] = "text"
    hint: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    initial: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    max_chars: int = 300
    multiline: bool = False
    minimum: int = 0
    maximum: int = 10**9


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to fill in, below an `intro` where forms can have any size; `submit` is the send
    button's label, if the platform lets us choose it. If `distinct`, its fields have the same
    choices, each to be used once. Discord shows five fields at most.
    """

    title: str
    fields: tuple[Field, ...]
    submit: str = "Send"
    distinct: bool = False
    intro: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        if not self.fields:
            raise ValueError(f"a form needs fields: {self}")
        for each in self.fields:
            if bool(each.choices) is not (each.kind in ("choice", "choices")):
                raise ValueError(f"only choice fields have choices, and they need some: {each}")


class Tone(Enum):
    """The mood of a screen; its text says the same, as color alone isn't enough."""

    PLAIN = "plain"
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first row holds the headings."""

    rows: tuple[tuple[Text, ...], ...]

    def lines(self) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """Write each row as a line, for platforms without columns: the first cell, and the others
        with each figure named by its heading."""
        headings, *rows = self.rows
        for place, name, *figures in rows:
            labeled = (
                f" · {figure} {_fit_number(str(unit).lower(), figure)}"
                for figure, unit in zip(figures, headings[2:], strict=True)
            )
            yield str(place), (*to_spans(name), *labeled)


def _fit_number(unit: str, figure: Text) -> str:
    """A heading as the unit of a figure: `1 member`, `2 members`."""
    singular = unit.removesuffix("s")
    return singular if figure == "1" and pluralize(singular) == unit else unit


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code, shown as they are in a monospaced font."""

    text: str
    language: str = ""

    def parts(self, limit: int) -> Iterator[str]:
        """Split the lines into texts of up to `limit` characters; longer lines are cut."""
        limit, left = max(limit, 1), self.text.strip("\n")
        while left.strip():
            end = left.rfind("\n", 0, limit + 1) if len(left) > limit else len(left)
            part = left[: end if end > 0 else limit]
            if part.strip():
                yield part
            left = left[len(part) :].removeprefix("\n")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table from somebody's notes: a row of headings, and rows with a cell for each."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[str]:
        """Write each row as a line that names its headings, for narrow screens and screen
        readers; empty cells are left out."""
        for row in self.rows:
            cells = zip(self.head, row, strict=True)
            yield " · ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)

    def draw(self, columns: int) -> str | None:
        """Draw it in columns of letters of one width, without backticks; None if it's wider."""
        rows = [[_fit_cell(cell) for cell in row] for row in (self.head, *self.rows)]
        widths = [max(map(measure_text, column)) for column in zip(*rows, strict=True)]
        if sum(widths) + len(COLUMN_GAP) * (len(widths) - 1) > columns:
            return None
        rows.insert(1, ["─" * width for width in widths])
        return "\n".join(
            COLUMN_GAP.join(
                cell + " " * (width - measure_text(cell))
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in rows
        )


COLUMN_GAP = "  "
PHONE_COLUMNS = 36
"""Letters of one width that fit beside each other on a phone."""


def _fit_cell(cell: str) -> str:
    return " ".join(cell.replace("`", "").split())


def measure_text(text: str) -> int:
    """How many columns a text takes: letters of some scripts take two, and accents none."""
    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(combining(char) > 0 for char in text)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list with its own button, whose label can be the same for all entries."""

    text: Text
    button: Button


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list with a title; one without it goes on after something between its items."""

    title: str
    items: tuple[str, ...]

    def __str__(self) -> str:
        head = (f"{self.title}:",) if self.title else ()
        return "\n".join((*head, *(f"• {item}" for item in self.items)))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its parts in a row, out of a `total`, with the figures as a `note`.

    `place` comes before the label; `own` marks the reader's bar: "you".
    """

    label: str
    parts: tuple[int, ...]
    total: int
    note: str
    place: str = ""
    own: str = ""

    def draw(self, width: int = BAR_WIDTH) -> str:
        """Draw the bar with characters. Only nothing is empty, and only all of it is full."""
        share = sum(self.parts) / self.total if self.total else 0
        filled = min(max(round(share * width), share > 0), width - (share < 1))
        return BAR_FULL * filled + BAR_EMPTY * (width - filled)


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars among the text, drawn with characters. The label and the note say the same in words, so
    screen readers can leave out the drawing."""

    bars: tuple[Bar, ...]

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """List each bar's place, words and drawing."""
        for bar in self.bars:
            yield bar.place, f"{bar.label} · {bar.note}", bar.draw()


Part = Text | Code | Table | Grid | Entry | Bullets | Bars
"""A block of a screen: a paragraph, code, a table, an entry, a list or bars."""


def list_texts(part: Part) -> Iterator[Text]:
    """List a paragraph, or the texts of a table, a list or bars; code isn't text."""
    match part:
        case Table(rows):
            for row in rows:
                yield from row
        case Bullets(title, items):
            yield from (title, *items)
        case Grid():
            yield from part.lines()
        case Bars():
            yield from (words for _, words, _ in part.lines())
        case Entry(text):
            yield text
        case Code():
            pass
        case _:
            yield part


def list_lines(part: Part) -> Iterator[Text]:
    """Write a block as lines without columns, lists and drawings, which all platforms can show and
    screen readers read well."""
    match part:
        case Code(text, language):
            # Nothing else says aloud where code begins and ends.
            yield f"Code in {language}:" if language else "Code:"
            yield text.strip("\n")
            yield "End of code."
        case Grid():
            yield from part.lines()
        case Table():
            yield from ((f"{place}. ", *line) for place, line in part.lines())
        case Entry(text):
            yield text
        case Bullets():
            yield str(part)
        case Bars():
            yield from (f"{place}. {words}" if place else words for place, words, _ in part.lines())
        case _:
            yield part


@dataclass(frozen=True, slots=True)
class BarChart:
    """A bar chart of what a screen says; `alt` says it in sentences, and `legend` names the parts
    of its bars if there are several."""

    title: str
    alt: str
    bars: tuple[Bar, ...]
    legend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """One view: a title, text with code and tables, named fields and controls.

    `spoiler` lines are hidden until pressed; platforms that can't do that leave them out. A
    `picture` says nothing that the text doesn't, so it can be left out. `mention` is a role that's
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

    @property
    def all_controls(self) -> tuple[Control, ...]:
        """The entries' buttons before the controls, for platforms that show buttons in rows."""
        return (*(part.button for part in self.text if isinstance(part, Entry)), *self.controls)


@dataclass(frozen=True, slots=True)
class File:
    """A file attached to a reply."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer to an event, which only its sender sees: what a channel sees is posted,
    never replied. It `updates` the private message whose control was used, or is a new message;
    `keeps_message` makes sure that it's a new one."""

    screen: Screen
    updates: bool = False
    keeps_message: bool = False
    data: Any = None
    """What the screen says, as plain data for `--json`; None if there's no data."""
    file: File | None = None
    cause: Exception | None = field(default=None, compare=False)
    """Why it failed, for people who run the bot themselves."""


def failure(reference: str, cause: Exception | None = None) -> Reply:
    """Say that something went wrong on our side, with a reference that's in the log."""
    told = notice(
        "Something went wrong. Please try again. "
        f"If it keeps happening, give an admin this reference: {reference}."
    )
    return replace(told, cause=cause)


def notice(text: Text, *, controls: tuple[Control, ...] = ()) -> Reply:
    """Say privately what's wrong and what to do."""
    return Reply(Screen(text=(text,), controls=controls, tone=Tone.PROBLEM), keeps_message=True)
