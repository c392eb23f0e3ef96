"""Reading mended notes: chapters, units, topics and facts, each with the line it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from rapidfuzz import process

from content.importing.repairs import BREAK, Line

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_BULLET = re.compile(r"\s*(?:[*+]\s+|[-•–]\s*|(\d+)[.)]\s*)(?=\S)")
HEADING_LENGTH = 100
"""A line of at most so many characters can be a heading of the bullets below it."""

_WORDS = re.compile(r"\w")
_NAMED = re.compile(r"([A-Z][\w()/&+.-]*(?: [\w()/&+.-]+){0,3}): \S")
"""A short name and a colon: what follows describes it, even without bold type."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: `group` is what it was listed under, `step` its number in an ordered list."""

    text: str
    line: int
    group: str = ""
    term: str = ""
    step: int | None = None


@dataclass(slots=True)
class Topic:
    """A topic as found."""

    title: str
    line: int
    url: str | None = None
    facts: list[Fact] = field(default_factory=list)


@dataclass(slots=True)
class Unit:
    """A unit as found."""

    title: str
    line: int
    topics: list[Topic] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """A chapter as found."""

    title: str
    line: int
    units: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """What did not become a note, and why."""

    line: int
    what: str
    why: str


@dataclass(slots=True)
class Outline:
    """Everything that was found in some notes."""

    title: str = ""
    chapters: list[Chapter] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def outline(lines: Sequence[Line]) -> Outline:
    """Everything that mended notes hold; what makes no note is listed with its reason."""
    found = Outline()
    tree = SyntaxTreeNode(_MARKDOWN.parse("\n".join(line.text for line in lines)))
    reader = _Reader(found, lines, _heading_roles(tree))
    for node in tree.children:
        reader.take(node)
    found.left_out.sort()
    return found


def _heading_roles(tree: SyntaxTreeNode) -> dict[str, str]:
    """What each level of heading stands for.

    A single heading above all others is the title. Of the levels below it the first is chapters;
    where headings alone make the outline the last is topics, and one between them units.
    """
    tags = [node.tag for node in tree.children if node.type == "heading"]
    levels = sorted(set(tags))
    title = {levels.pop(0): "title"} if len(levels) > 1 and tags.count(levels[0]) == 1 else {}
    roles = {1: ["chapter"], 2: ["chapter", "topic"]}.get(len(levels), ["chapter", "unit", "topic"])
    roles += ["group"] * (len(levels) - len(roles))
    return title | dict(zip(levels, roles, strict=False))


class _Reader:
    """Walks the blocks in order and keeps the place in the outline."""

    def __init__(self, found: Outline, lines: Sequence[Line], roles: dict[str, str]) -> None:
        self._found = found
        self._lines = lines
        self._roles = roles
        self._group = ""

    def take(self, node: SyntaxTreeNode) -> None:
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
                self._leave_out(node, node.content, "a block of code")
            case "blockquote":
                for child in node.children:
                    self.take(child)
            case "hr":
                pass
            case _:
                self._leave_out(node, node.content or node.type, "not text")

    def _line(self, node: SyntaxTreeNode) -> int:
        return self._lines[node.map[0]].number if node.map else 0

    def _leave_out(self, node: SyntaxTreeNode, what: str, why: str) -> None:
        self._found.left_out.append(LeftOut(self._line(node), _shortened(what), why))

    def _heading(self, node: SyntaxTreeNode) -> None:
        text, line = plain(_inline(node)), self._line(node)
        self._group = ""
        match self._roles.get(node.tag):
            case "title":
                self._found.title = text
            case "chapter":
                self._found.chapters.append(Chapter(text, line))
            case "unit":
                self._chapter(line).units.append(Unit(text, line))
            case "topic":
                self._unit(line).topics.append(Topic(text, line, _first_link(_inline(node))))
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
            self._leave_out(node, plain(_inline(node)), "stands before the first chapter")
            return
        self._add(
            self._topic(self._line(node)), _facts(_inline(node), self._line(node), self._group)
        )

    def _list(self, node: SyntaxTreeNode, group: str, under: tuple[str, ...]) -> None:
        for number, item in enumerate(node.children, 1):
            head = next((c for c in item.children if c.type == "paragraph"), None)
            lists = [c for c in item.children if c.type in ("bullet_list", "ordered_list")]
            text = plain(_inline(head)) if head else ""
            line = self._line(item)
            if not self._found.chapters:
                self._leave_out(item, text, "stands before the first chapter")
                continue
            if text:
                step = number if node.type == "ordered_list" else None
                self._add(
                    self._topic(line), [_fact(_inline(head), line, group, step)] if head else []
                )
            for inner in lists:
                self._list(inner, text.rstrip(":") or group, (*under, text))

    def _add(self, topic: Topic, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if _WORDS.search(fact.text):
                topic.facts.append(fact)
            else:
                self._found.left_out.append(LeftOut(fact.line, fact.text, "has no words"))

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [row for part in node.children for row in part.children]
        head, body = rows[0], rows[1:]
        roles = _columns([plain(_inline(cell)) for cell in head.children])
        for row in body:
            line = self._line(row)
            text = {
                role: _inline(cell) for role, cell in zip(roles, row.children, strict=False) if role
            }
            for role, cell in zip(roles, row.children, strict=False):
                if not role and plain(_inline(cell)):
                    self._leave_out(row, plain(_inline(cell)), "a column that is not notes")
            self._row(row, line, text)

    def _row(self, row: SyntaxTreeNode, line: int, text: dict[str, str]) -> None:
        if unit := plain(text.get("unit", "")):
            self._chapter(line).units.append(Unit(unit, line))
        title = plain(text.get("topic", ""))
        if title:
            topic = Topic(title, line, _first_link(text["topic"]))
            self._unit(line).topics.append(topic)
        else:
            topic = self._topic(line)
        notes, sections = text.get("notes", ""), text.get("section", "")
        facts = _facts(notes, line) or _facts(sections, line)
        self._add(topic, facts)
        if not facts:
            self._leave_out(row, title or unit, "a topic without notes")
        elif _facts(notes, line) and plain(sections):
            self._leave_out(row, plain(sections), "the list of the page's sections")


def _columns(headings: Sequence[str]) -> list[str]:
    """What each column holds, by its heading, or by its place where headings do not tell."""
    names = ("unit", "topic", "section", "notes")
    told = []
    for heading in headings:
        near = process.extractOne(heading.casefold(), names, score_cutoff=75)
        told.append(near[0] if near else "")
    if "notes" in told:
        return told
    usual = {1: ("notes",), 2: ("topic", "notes"), 3: ("unit", "topic", "notes")}
    return [*usual.get(len(headings), names), *[""] * max(0, len(headings) - len(names))]


def _facts(cell: str, line: int, group: str = "") -> list[Fact]:
    """The statements of a cell or paragraph.

    A line without a bullet is a heading where it is all bold, or stands first or after an empty
    line and before a bullet; an empty line ends what stands under it.
    """
    parts = [" ".join(part.split()) for part in cell.split(BREAK)]
    facts: list[Fact] = []
    heading = group
    for place, part in enumerate(parts):
        if not plain(part):
            heading = group
            continue
        bullet = _BULLET.match(part)
        if not bullet and _is_heading(part, parts[place - 1] if place else "", parts[place + 1 :]):
            heading = plain(part).rstrip(":").strip()
            continue
        step = int(bullet[1]) if bullet and bullet[1] else None
        facts.append(_fact(part[bullet.end() :] if bullet else part, line, heading, step))
    return facts


def _is_heading(part: str, before: str, after: Sequence[str]) -> bool:
    if len(plain(part)) > HEADING_LENGTH or not after:
        return False
    if re.fullmatch(r"\*\*[^*]+\*\*:?", part):
        return True
    return not before and bool(_BULLET.match(next((each for each in after if each), "")))


def _fact(source: str, line: int, group: str, step: int | None) -> Fact:
    text = re.sub(r"^=+>\s*", "", plain(source, addresses=True))
    bold = re.match(r"\s*(\*\*|__)(?P<term>.+?)\1", source) or re.match(
        r"\s*(?P<term>`[^`]+`)", source
    )
    term = ""
    if bold and re.match(r"\s*[:–—-]\s*\S|\s*:", source[bold.end() :] or plain(bold["term"])[-1:]):
        term = plain(bold["term"]).rstrip(":").strip()
    elif named := _NAMED.match(text):
        term = named[1]
    return Fact(text, line, group, term, step)


def plain(source: str, *, addresses: bool = False) -> str:
    """Inline Markdown as plain text; code keeps its backticks, links keep `addresses` if asked."""
    tokens = _MARKDOWN.parseInline(source.replace(BREAK, " "))[0].children or []
    return " ".join("".join(_texts(tokens, addresses)).split())


def _texts(tokens: Sequence[Token], addresses: bool) -> Iterator[str]:
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


def _first_link(source: str) -> str | None:
    for token in _MARKDOWN.parseInline(source)[0].children or []:
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            return address if address.startswith(("http://", "https://")) else None
    return None


def _inline(node: SyntaxTreeNode | None) -> str:
    if node is None:
        return ""
    return next((child.content for child in node.children if child.type == "inline"), "")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - a line of a report
