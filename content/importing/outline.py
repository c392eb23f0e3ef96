"""The outline of notes: chapters, units, topics and facts, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code, byte for byte."""

    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows with a cell for each."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the web."""

    alt: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: `group` is the heading of its list, `step` its number in an ordered list."""

    text: str
    line: int
    group: str = ""
    term: str = ""
    step: int | None = None
    list_line: int = 0
    """The line of its list, which tells two lists below one heading apart."""

    code: Code | None = None
    table: Table | None = None
    picture: Picture | None = None
    is_link: bool = False
    """Whether it's only links and pictures."""

    is_formula: bool = False


@dataclass(slots=True, eq=False)
class Topic:
    """A topic of the notes."""

    title: str
    line: int
    url: str | None = None
    facts: list[Fact] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Addresses of other notes."""

    aliases: list[str] = field(default_factory=list)
    related: list[Topic] = field(default_factory=list)
    file: str = ""


@dataclass(slots=True, eq=False)
class Unit:
    """A unit of the notes."""

    title: str
    line: int
    topics: list[Topic] = field(default_factory=list)
    file: str = ""


@dataclass(slots=True, eq=False)
class Chapter:
    """A chapter of the notes."""

    title: str
    line: int
    units: list[Unit] = field(default_factory=list)
    file: str = ""
    is_intro: bool = False
    """Whether it's what stands before the first heading of a chapter."""

    @property
    def topics(self) -> list[Topic]:
        """All its topics."""
        return [topic for unit in self.units for topic in unit.topics]


@dataclass(slots=True)
class Outline:
    """Everything found in the notes."""

    title: str = ""
    language: str = ""
    chapters: list[Chapter] = field(default_factory=list)
