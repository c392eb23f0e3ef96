"""Reading repaired notes: chapters, units, topics and facts, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from rapidfuzz import process

from content.importing.repairs import CELL_BREAK, Line

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_BULLET = re.compile(r"\s*(?:[*+]\s+|[-•–]\s*|(\d+)[.)]\s*)(?=\S)")
MAX_HEADING_CHARS = 100
"""A longer line can't be the heading of the bullets below it."""

_WORD = re.compile(r"\w")
_SHORT_NAME = re.compile(r"([A-Z][\w()/&+.-]*(?: [\w()/&+.-]+){0,3}): \S")
"""A short name and a colon: what follows describes it, even if it isn't bold."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: `group` is the heading of its list, `step` its number in an ordered list."""

    text: str
    line: int
    group: str = ""
    term: str = ""
    step: int | None = None


@dataclass(slots=True)
class Topic:
    """A topic of the notes."""

    title: str
    line: int
    url: str | None = None
    facts: list[Fact] = field(default_factory=list)


@dataclass(slots=True)
class Unit:
    """A unit of the notes."""

    title: str
    line: int
    topics: list[Topic] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """A chapter of the notes."""

    title: str
    line: int
    units: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True, order=True)
class Omission:
    """What didn't become a note, and why."""

    line: int
    what: str
    why: str


@dataclass(slots=True)
class Outline:
    """Everything found in the notes."""

    title: str = ""
    chapters: list[Chapter] = field(default_factory=list)
    left_out: list[Omission] = field(default_factory=list)


def read_outline(lines: Sequence[Line]) -> Outline:
    """Read repaired notes; whatever doesn't become a note is listed with the reason."""
    found = Outline()
    tree = SyntaxTreeNode(_MARKDOWN.parse("\n".join(line.text for line in lines)))
    reader = _Reader(found, lines, _assign_heading_roles(tree))
    for node in tree.children:
        reader.read(node)
    found.left_out.sort()
    return found


def _assign_heading_roles(tree: SyntaxTreeNode) -> dict[str, str]:
    """What each heading level means.

    A single heading above all others is the title. Of the levels below it, the first is chapters,
    the last is topics and one between them is units.
    """
    tags = [node.tag for node in tree.children if node.type == "heading"]
    levels = sorted(set(tags))
    title = {levels.pop(0): "title"} if len(levels) > 1 and tags.count(levels[0]) == 1 else {}
    roles = {1: ["chapter"], 2: ["chapter", "topic"]}.get(len(levels), ["chapter", "unit", "topic"])
    roles += ["group"] * (len(levels) - len(roles))
    return title | dict(zip(levels, roles, strict=False))


class _Reader:
    """Walks through the blocks and keeps track of the place in the outline."""

    def __init__(self, found: Outline, lines: Sequence[Line], roles: dict[str, str]) -> None:
        self._found = found
        self._lines = lines
        self._roles = roles
        self._group = ""

    def read(self, node: SyntaxTreeNode) -> None:
        """Read one block."""
        match node.type:
            case "heading":
                self._heading(node)
            case "table":
                self._table(node)
            case "bullet_list" | "ordered_list":
                self._list(node, self._group, under=())
            case "paragraph":
                self._paragraph(node)
            case "fence" | "code_block":
                self._leave_out(node, node.content, "code block")
            case "blockquote":
                for child in node.children:
                    self.read(child)
            case "hr":
                pass
            case _:
                self._leave_out(node, node.content or node.type, "not text")

    def _line(self, node: SyntaxTreeNode) -> int:
        return self._lines[node.map[0]].number if node.map else 0

    def _leave_out(self, node: SyntaxTreeNode, what: str, why: str) -> None:
        self._found.left_out.append(Omission(self._line(node), _shorten(what), why))

    def _heading(self, node: SyntaxTreeNode) -> None:
        text, line = to_plain_text(_inline_source(node)), self._line(node)
        self._group = ""
        match self._roles.get(node.tag):
            case "title":
                self._found.title = text
            case "chapter":
                self._found.chapters.append(Chapter(text, line))
            case "unit":
                self._chapter(line).units.append(Unit(text, line))
            case "topic":
                self._unit(line).topics.append(Topic(text, line, _find_link(_inline_source(node))))
            case _:
                self._group = text

    def _chapter(self, line: int) -> Chapter:
        if not self._found.chapters:
            self._found.chapters.append(Chapter(self._found.title or "Notes", line))
        return self._found.chapters[-1]

    def _unit(self, line: int) -> Unit:
        chapter = self._chapter(line)
        if not chapter.units:
            chapter.units.append(Unit(chapter.title, chapter.line))
        return chapter.units[-1]

    def _topic(self, line: int) -> Topic:
        unit = self._unit(line)
        if not unit.topics:
            unit.topics.append(Topic(unit.title, unit.line))
        return unit.topics[-1]

    def _paragraph(self, node: SyntaxTreeNode) -> None:
        if not self._found.chapters:
            self._leave_out(node, to_plain_text(_inline_source(node)), "before the first chapter")
            return
        self._add(
            self._topic(self._line(node)),
            _split_facts(_inline_source(node), self._line(node), self._group),
        )

    def _list(self, node: SyntaxTreeNode, group: str, under: tuple[str, ...]) -> None:
        for number, item in enumerate(node.children, 1):
            head = next((c for c in item.children if c.type == "paragraph"), None)
            lists = [c for c in item.children if c.type in ("bullet_list", "ordered_list")]
            text = to_plain_text(_inline_source(head)) if head else ""
            line = self._line(item)
            if not self._found.chapters:
                self._leave_out(item, text, "before the first chapter")
                continue
            if text:
                step = number if node.type == "ordered_list" else None
                self._add(
                    self._topic(line),
                    [_make_fact(_inline_source(head), line, group, step)] if head else [],
                )
            for inner in lists:
                self._list(inner, text.rstrip(":") or group, (*under, text))

    def _add(self, topic: Topic, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if _WORD.search(fact.text):
                topic.facts.append(fact)
            else:
                self._found.left_out.append(Omission(fact.line, fact.text, "no words"))

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [row for part in node.children for row in part.children]
        head, body = rows[0], rows[1:]
        roles = _assign_column_roles(
            [to_plain_text(_inline_source(cell)) for cell in head.children]
        )
        for row in body:
            line = self._line(row)
            text = {
                role: _inline_source(cell)
                for role, cell in zip(roles, row.children, strict=False)
                if role
            }
            for role, cell in zip(roles, row.children, strict=False):
                if not role and to_plain_text(_inline_source(cell)):
                    self._leave_out(row, to_plain_text(_inline_source(cell)), "not a notes column")
            self._row(row, line, text)

    def _row(self, row: SyntaxTreeNode, line: int, text: dict[str, str]) -> None:
        if unit := to_plain_text(text.get("unit", "")):
            self._chapter(line).units.append(Unit(unit, line))
        title = to_plain_text(text.get("topic", ""))
        if title:
            topic = Topic(title, line, _find_link(text["topic"]))
            self._unit(line).topics.append(topic)
        else:
            topic = self._topic(line)
        notes, sections = text.get("notes", ""), text.get("section", "")
        facts = _split_facts(notes, line) or _split_facts(sections, line)
        self._add(topic, facts)
        if not facts:
            self._leave_out(row, title or unit, "topic without notes")
        elif _split_facts(notes, line) and to_plain_text(sections):
            self._leave_out(row, to_plain_text(sections), "list of the page's sections")


def _assign_column_roles(headings: Sequence[str]) -> list[str]:
    """What each column holds, by its heading, or by its position if headings don't say."""
    names = ("unit", "topic", "section", "notes")
    roles = []
    for heading in headings:
        near = process.extractOne(heading.casefold(), names, score_cutoff=75)
        roles.append(near[0] if near else "")
    if "notes" in roles:
        return roles
    usual = {1: ("notes",), 2: ("topic", "notes"), 3: ("unit", "topic", "notes")}
    return [*usual.get(len(headings), names), *[""] * max(0, len(headings) - len(names))]


def _split_facts(cell: str, line: int, group: str = "") -> list[Fact]:
    """The statements in a cell or paragraph.

    A line without a bullet is a heading if it's all bold, or if it comes first or after an empty
    line, and before a bullet. An empty line ends its list.
    """
    parts = [" ".join(part.split()) for part in cell.split(CELL_BREAK)]
    facts: list[Fact] = []
    heading = group
    for place, part in enumerate(parts):
        if not to_plain_text(part):
            heading = group
            continue
        bullet = _BULLET.match(part)
        if not bullet and _is_heading(part, parts[place - 1] if place else "", parts[place + 1 :]):
            heading = to_plain_text(part).rstrip(":").strip()
            continue
        step = int(bullet[1]) if bullet and bullet[1] else None
        facts.append(_make_fact(part[bullet.end() :] if bullet else part, line, heading, step))
    return facts


def _is_heading(part: str, before: str, after: Sequence[str]) -> bool:
    if len(to_plain_text(part)) > MAX_HEADING_CHARS or not after:
        return False
    if re.fullmatch(r"\*\*[^*]+\*\*:?", part):
        return True
    return not before and bool(_BULLET.match(next((each for each in after if each), "")))


def _make_fact(source: str, line: int, group: str, step: int | None) -> Fact:
    text = re.sub(r"^=+>\s*", "", to_plain_text(source, addresses=True))
    bold = re.match(r"\s*(\*\*|__)(?P<term>.+?)\1", source) or re.match(
        r"\s*(?P<term>`[^`]+`)", source
    )
    term = ""
    if bold and re.match(
        r"\s*[:–—-]\s*\S|\s*:", source[bold.end() :] or to_plain_text(bold["term"])[-1:]
    ):
        term = to_plain_text(bold["term"]).rstrip(":").strip()
    elif named := _SHORT_NAME.match(text):
        term = named[1]
    return Fact(text, line, group, term, step)


def to_plain_text(source: str, *, addresses: bool = False) -> str:
    """Inline Markdown as plain text; code keeps its backticks, links keep `addresses` if set."""
    tokens = _MARKDOWN.parseInline(source.replace(CELL_BREAK, " "))[0].children or []
    return " ".join("".join(_render_tokens(tokens, addresses)).split())


def _render_tokens(tokens: Sequence[Token], addresses: bool) -> Iterator[str]:
    address = ""
    for token in tokens:
        match token.type:
            case "link_open":
                address = str(token.attrGet("href") or "")
            case "link_close":
                yield f" ({address})" if addresses else ""
            case "code_inline":
                yield f"`{token.content}`"
            case "softbreak" | "hardbreak":
                yield " "
            case "image":
                yield token.content
            case _:
                yield token.content


def _find_link(source: str) -> str | None:
    for token in _MARKDOWN.parseInline(source)[0].children or []:
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            return address if address.startswith(("http://", "https://")) else None
    return None


def _inline_source(node: SyntaxTreeNode | None) -> str:
    if node is None:
        return ""
    return next((child.content for child in node.children if child.type == "inline"), "")


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - a line of a report
