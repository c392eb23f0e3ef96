"""Statements in lines of notes: what their term is, and which lines head the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from content.importing.lines import CELL_BREAK
from content.importing.outline import Fact
from content.importing.readers.markdown import Text, parse_inline, read_inline, to_plain_text

_BULLET = re.compile(r"\s*(?:[*+]\s+|[-–](?!\d)\s*|•\s*|[-–]\s+|(\d+)[.)](?!\d)\s*)(?=\S)")
MAX_HEADING_CHARS = 100
"""A longer line can't be the heading of the bullets below it."""

_ALL_BOLD = re.compile(r"(\*\*|__)(?!\s)((?:(?!\1).)+)\1\s*:?\s*")
_SHORT_NAME = re.compile(r"([A-Z][\w()/&+.-]*(?: [\w()/&+.-]+){0,3}): \S")
"""A short name and a colon: what follows describes it, even if it isn't bold."""


@dataclass(slots=True)
class Statement:
    """A fact with what its text can't hold."""

    fact: Fact
    text: Text = field(default_factory=Text)


def split_statements(
    source: str, line: int, group: str = "", env: dict[str, Any] | None = None
) -> Iterator[Statement]:
    """The statements in a cell or paragraph.

    A line without a bullet is a heading if it's all bold, or if it comes first or after an empty
    line, and before a bullet. An empty line ends its list.
    """
    env = {} if env is None else env
    parts = [" ".join(part.split()) for part in source.split(CELL_BREAK)]
    heading, unused = group, ""
    for place, part in enumerate(parts):
        bullet = _BULLET.match(part)
        if not part:
            heading = group
        elif not bullet and _is_heading(
            part, parts[place - 1] if place else "", parts[place + 1 :]
        ):
            if unused:
                yield make_statement(unused, line, group, env=env)
            title = to_plain_text(part, env=env).rstrip(":").strip()
            heading, unused = join_headings(group, title), part
            continue
        else:
            step = int(bullet[1]) if bullet and bullet[1] else None
            words = part[bullet.end() :] if bullet else part
            yield make_statement(words, line, heading, step, env=env)
            unused = "" if heading != group else unused
            continue
        if unused:
            yield make_statement(unused, line, group, env=env)
            unused = ""
    if unused:
        yield make_statement(unused, line, group, env=env)


def _is_heading(part: str, before: str, after: Sequence[str]) -> bool:
    if not after:
        return False
    heads = not before and _BULLET.match(next((each for each in after if each), ""))
    return bool(heads or is_all_bold(part)) and len(to_plain_text(part)) <= MAX_HEADING_CHARS


def is_all_bold(source: str) -> bool:
    """Whether a line is bold from end to end, as headings of lists are."""
    return bool(_ALL_BOLD.fullmatch(source))


def make_statement(
    source: str,
    line: int,
    group: str,
    step: int | None = None,
    *,
    tokens: Sequence[Token] | None = None,
    env: dict[str, Any],
    list_line: int = 0,
) -> Statement:
    """A statement from a line of Markdown; `tokens` are its tokens, if it's parsed already."""
    tokens = parse_inline(source, env) if tokens is None else tokens
    text = read_inline(tokens, addresses=True, env=env)
    words = re.sub(r"^=+>\s*", "", text.words)
    bold = re.match(r"\s*(\*\*|__)(?P<term>.+?)\1", source) or re.match(
        r"\s*(?P<term>`[^`]+`)", source
    )
    term = ""
    if bold and re.match(
        r"\s*[:–—-]\s*\S|\s*:", source[bold.end() :] or to_plain_text(bold["term"])[-1:]
    ):
        term = to_plain_text(bold["term"]).rstrip(":").strip()
    elif named := _SHORT_NAME.match(words):
        term = named[1]
    fact = Fact(
        words,
        line,
        group,
        term,
        step,
        list_line or line,
        is_link=text.is_link,
        is_formula=text.is_formula,
    )
    return Statement(fact, text)


def join_headings(*headings: str) -> str:
    """Headings of notes, the outer ones first."""
    return " – ".join(filter(None, headings))


def name_group(fact: Fact) -> str:
    """What a statement is called as the heading of what's below it."""
    name = (fact.term or fact.text).rstrip(" :.")
    if len(name) > MAX_HEADING_CHARS:
        name = name[:MAX_HEADING_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return name
