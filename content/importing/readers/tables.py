"""Tables as what they are: an outline, a list of facts, or a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process

from content.importing.outline import Table

ROLES = ("unit", "topic", "section", "notes")
MIN_LIKENESS = 75
"""Headings at least this similar to a role's name (0-100) mean it."""

_ASPECTS = re.compile(
    r"(?:|vs\.?|aspects?|attributes?|basis|categor(?:y|ies)|characteristics?|comparison|"
    r"criteri(?:a|on)|differences?|dimensions?|factors?|features?|parameters?|points?|"
    r"propert(?:y|ies)|traits?)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*+•]\s+|\d+[.)]\s+)")
_COUNTER = re.compile(r"#|no\.?|nr\.?|№|", re.IGNORECASE)

MAX_COLUMNS, MAX_ROWS, MAX_CELL_CHARS, MAX_TABLE_CHARS = 8, 40, 300, 3000
"""The limits of content.model."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row's statement, with its term and the table that it starts, if any."""

    text: str
    term: str
    place: int
    table: Table | None = None


def find_roles(headings: Sequence[str]) -> list[str]:
    """What each column of an outline holds, or nothing if the table isn't one."""
    roles = []
    for heading in headings:
        near = process.extractOne(heading.casefold(), ROLES, score_cutoff=MIN_LIKENESS)
        roles.append(near[0] if near else "")
    return roles if {"topic", "notes"} <= {*roles} else []


def read_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The statements of a table: one a row, or one a cell if it compares its columns.

    The first statement of every part that fits a screen holds the part as a table.
    """
    width = len(head)
    even = [(*row, *[""] * (width - len(row)))[:width] for row in rows]
    parts = dict(_split_into_tables(tuple(head), even))
    compares = width > 2 and _ASPECTS.fullmatch(head[0].strip()) and all(head[1:])  # noqa: PLR2004
    state = _describe_cells if compares else _describe_row
    for place, row in enumerate(even):
        table = parts.get(place)
        for text, term in state(head, row):
            yield Row(text, term, place, table)
            table = None


def _describe_row(head: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A row as one statement: the first two cells, then the named others."""
    named = [(name, cell) for name, cell in zip(head, row, strict=True) if cell]
    if len(named) > 2 and _COUNTER.fullmatch(named[0][0]) and named[0][1].rstrip(".").isdigit():  # noqa: PLR2004
        named = named[1:]
    if not named:
        return
    text = " – ".join(cell for _, cell in named[:2])
    for name, cell in named[2:]:
        text += f"; {name}: {cell}" if name else f"; {cell}"
    yield text, named[0][1]


def _describe_cells(head: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A row as a statement a cell, each with the headings of both its sides."""
    for name, cell in zip(head[1:], row[1:], strict=True):
        if cell:
            yield (f"{name} – {row[0]}: {cell}" if row[0] else f"{name}: {cell}"), name


def join_breaks(lines: Iterable[str]) -> str:
    """A cell's lines as one, without their bullets."""
    parts = (_BULLET.sub("", line).strip() for line in lines)
    return "; ".join(part.rstrip(";") for part in parts if part)


def _split_into_tables(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Iterator[tuple[int, Table]]:
    """Tables within the limits, each with the place of its first row."""
    fits = len(head) <= MAX_COLUMNS and all(
        len(cell) <= MAX_CELL_CHARS for row in (head, *rows) for cell in row
    )
    start, size = 0, 0
    headings = sum(map(len, head))
    for place, row in enumerate(rows if fits else ()):
        grown = size + sum(map(len, row))
        if place > start and (place - start == MAX_ROWS or headings + grown > MAX_TABLE_CHARS):
            yield start, Table(head, tuple(rows[start:place]))
            start, grown = place, sum(map(len, row))
        size = grown
    if fits and any(cell for row in rows[start:] for cell in row):
        yield start, Table(head, tuple(rows[start:]))
