"""Reading one file of notes: its blocks become the parts of an outline, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from content.importing.ledger import Ledger
from content.importing.lines import CELL_BREAK, Repair
from content.importing.outline import Chapter, Code, Fact, Outline, Picture, Topic, Unit
from content.importing.packing import MAX_TITLE_CHARS
from content.importing.readers import markdown
from content.importing.readers.front_matter import FrontMatter
from content.importing.readers.markdown import PARSER, Text, read_inline, to_plain_text
from content.importing.readers.statements import (
    MAX_HEADING_CHARS,
    is_all_bold,
    join_headings,
    make_statement,
    name_group,
    split_statements,
)
from content.importing.readers.tables import find_roles, join_breaks, read_rows
from content.importing.repairs import Repaired

MAX_CODE_CHARS, MAX_LANG_CHARS, MAX_ALT_CHARS, MAX_URL_CHARS = 3000, 20, 300, 500
"""The limits of content.model."""

_WORD = re.compile(r"\w")
_LANG = re.compile(r"[A-Za-z0-9_+.#-]+")
_WEB_PICTURE = re.compile(r"https?://[^\s<>\"]+")
_CALLOUT = re.compile(r"\[!([\w -]+)\][+-]?[ \t]*([^\n]*)\n?")
_BULLET_SIGNS = re.compile(r"\n[ \t]*(?=[•▪◦●‣·]\s)")
ROLES = ("chapter", "unit", "topic")


@dataclass(frozen=True, slots=True)
class Place:
    """How a file stands among the others: what its headings can be, and which links lead on."""

    name: str = ""
    title: str = ""
    is_chapter: bool = False
    """Whether the file is a chapter, so that its headings are units and topics."""

    is_index: bool = False
    is_known: Callable[[str], bool] = lambda _: False
    """Whether a link leads to another file of the notes."""


class FileReader:
    """Walks through a file's blocks and keeps track of the place in the outline."""

    def __init__(self, found: Outline, repaired: Repaired, place: Place) -> None:
        self.ledger = Ledger(repaired.lines, place.name)
        self.title = ""
        self.repairs: list[Repair] = []
        self._found = found
        self._repaired = repaired
        self._place = place
        self._env: dict[str, Any] = {"used": set()}
        self._roles: dict[str, str] = {}
        self._headings: list[tuple[str, str, int]] = []
        self._unused: set[int] = set()
        self._chapter: Chapter | None = None
        self._unit: Unit | None = None
        self._topic: Topic | None = None
        self._intro: Chapter | None = None
        self._last: Topic | None = None
        self._started = len(found.chapters)
        self._added = 0
        self._heads_nothing: dict[int, str] = {}
        self._footnotes: list[SyntaxTreeNode] = []
        self._defined: dict[str, SyntaxTreeNode] = {}

    def read(self) -> None:
        """Read the file into the outline."""
        tree = SyntaxTreeNode(PARSER.parse(self._repaired.text, self._env))
        self._define_footnotes(tree)
        front = next((node for node in tree.children if node.type == "front_matter"), None)
        matter = FrontMatter.read(front.content if front else "", self._repaired.originals)
        self.title = matter.title
        self._assign_heading_roles(tree)
        titles = [
            self._read_heading(node).words
            for node in tree.children
            if self._roles.get(node.tag) == "title"
        ]
        self.title = matter.title or next(filter(None, titles), "") or self._place.title
        if self._place.is_chapter:
            self._chapter = self._start_chapter(self.title, 1)
        elif not self._found.title:
            self._found.title = self.title
            if len(self.title) > MAX_TITLE_CHARS:
                rest = self.title[MAX_TITLE_CHARS - 1 :]
                self.ledger.leave_out(1, 1, rest, "end of a title that's too long")
        self._found.language = self._found.language or matter.language
        if front:
            self._account_for_front_matter(front, matter)
        self._read_blocks(tree.children, "")
        self._end_headings(None)
        self._account_for_footnotes()
        self._drop_intro()
        self._name(matter.aliases)

    # Where things are

    def _first(self, node: SyntaxTreeNode) -> int:
        return self._repaired.lines[node.map[0]].number if node.map else 1

    def _last_line(self, node: SyntaxTreeNode) -> int:
        first, end = node.map or (0, 1)
        end = min(max(end, first + 1), len(self._repaired.lines))
        while end > first + 1 and not self._repaired.lines[end - 1].text.strip():
            end -= 1
        return self._repaired.lines[end - 1].number

    def _leave_out(self, node: SyntaxTreeNode, what: str, why: str) -> None:
        self.ledger.leave_out(self._first(node), self._last_line(node), what, why)

    def _touches(self, node: SyntaxTreeNode, after: SyntaxTreeNode | None) -> bool:
        """Whether a block starts on the line after another's end."""
        return bool(node.map and after and after.map and node.map[1] == after.map[0])

    def _define_footnotes(self, tree: SyntaxTreeNode) -> None:
        """Footnotes that something refers to; the others are read where they stand."""
        refs = self._env.get("footnotes", {}).get("refs", {})
        for node in reversed(tree.children):
            if (
                node.type == "footnote_reference"
                and refs.get(f":{node.meta['label']}", -1) >= 0
                and all(child.type == "paragraph" for child in node.children)
            ):
                # The first of several definitions counts.
                self._defined[node.meta["label"]] = node
        self._env["definitions"] = {
            label: " ".join(map(_source, node.children)) for label, node in self._defined.items()
        }

    def _account_for_front_matter(self, node: SyntaxTreeNode, matter: FrontMatter) -> None:
        self.ledger.keep(
            self._first(node), self._last_line(node), "front matter", matter.shown, is_whole=True
        )
        if matter.shown:
            self.repairs.append(Repair(self._first(node), f"front matter read: {matter.shown}"))
        for line, last, what in matter.left_out:
            self.ledger.leave_out(line, last, what, "front matter")

    # Headings

    def _assign_heading_roles(self, tree: SyntaxTreeNode) -> None:
        """What each heading level means.

        A single heading above all others is the title. Of the levels below it, the first is
        chapters, the last is topics and one between them is units. If the file is a chapter, the
        levels are units and topics.
        """
        headings = [node for node in tree.children if node.type == "heading"]
        tags = [node.tag for node in headings]
        levels = sorted(set(tags))
        top = levels[0] if levels else ""
        is_title = tags.count(top) == 1 and tags[0] == top if tags else False
        if is_title and (len(levels) > 1 or self._place.is_chapter):
            self._roles[levels.pop(0)] = "title"
        roles = {
            False: {1: ["chapter"], 2: ["chapter", "topic"]}.get(len(levels), [*ROLES]),
            True: {1: ["topic"]}.get(len(levels), ["unit", "topic"]),
        }[self._place.is_chapter]
        roles += ["group"] * (len(levels) - len(roles))
        self._roles |= dict(zip(levels, roles, strict=False))

    def _read_heading(self, node: SyntaxTreeNode) -> Text:
        return read_inline(_tokens(node), addresses=False, env=self._env)

    def _start_heading(self, node: SyntaxTreeNode) -> None:
        text, line = self._read_heading(node), self._first(node)
        role = self._roles.get(node.tag, "group")
        title = text.words.rstrip("#").strip() if _WORD.search(text.words) else ""
        self._end_headings(node.tag)
        if not title:
            self._leave_out_pictures(text, line)
        fate = {"group": "heading"}.get(role, role) if title else "empty heading"
        self.ledger.keep(line, self._last_line(node), fate, text.words)
        self._last = None
        match role:
            case "title" if title != self.title:
                self.ledger.leave_out(line, line, title, "the front matter has another title")
            case "title":
                pass
            case "chapter":
                self._chapter = self._start_chapter(title or self.title, line)
            case "unit":
                chapter = self._get_chapter(line)
                self._unit = Unit(title or chapter.title, line, file=self._place.name)
                chapter.units.append(self._unit)
                self._topic = None
            case "topic":
                unit = self._get_unit(line)
                self._topic = Topic(title or unit.title, line, text.url, file=self._place.name)
                unit.topics.append(self._topic)
            case _ if title:
                self._headings.append((node.tag, title, line))
                self._unused.add(line)
        if title and self._topic and role == "topic":
            self._topic.links += text.links

    def _end_headings(self, tag: str | None) -> None:
        """Forget the headings of notes that another one ends, and list those without notes."""
        while self._headings and (tag is None or self._headings[-1][0] >= tag):
            _, title, line = self._headings.pop()
            if line in self._unused:
                self.ledger.leave_out(line, line, title, "heading without notes")

    @property
    def _heading(self) -> str:
        return " – ".join(title for _, title, _ in self._headings)

    def _start_chapter(self, title: str, line: int) -> Chapter:
        chapter = Chapter(title, line, file=self._place.name)
        self._found.chapters.append(chapter)
        self._unit = self._topic = None
        return chapter

    def _get_chapter(self, line: int) -> Chapter:
        if self._chapter is None:
            self._intro = self._chapter = self._start_chapter(self.title, line)
            self._intro.is_intro = True
        return self._chapter

    def _get_unit(self, line: int) -> Unit:
        chapter = self._get_chapter(line)
        if self._unit is None:
            self._unit = Unit(chapter.title, chapter.line, file=self._place.name)
            chapter.units.append(self._unit)
        return self._unit

    def _get_topic(self, line: int) -> Topic:
        unit = self._get_unit(line)
        if self._topic is None:
            self._topic = Topic(unit.title, unit.line, file=self._place.name)
            unit.topics.append(self._topic)
        return self._topic

    def _drop_intro(self) -> None:
        """Leave out an introduction of nothing but links."""
        chapters = self._found.chapters[self._started :]
        if self._intro is None or len(chapters) == 1:
            return
        facts = [fact for topic in self._intro.topics for fact in topic.facts]
        if facts and all(fact.is_link for fact in facts):
            self._found.chapters.remove(self._intro)
            following = min(each.line for each in chapters if each is not self._intro)
            self.ledger.leave_out_between(1, following, "nothing but links")

    def _name(self, aliases: Sequence[str]) -> None:
        """Give the file's other names to its main topic."""
        topics = [t for chapter in self._found.chapters[self._started :] for t in chapter.topics]
        main = next((t for t in topics if t.title == self.title), None)
        if main:
            main.aliases += aliases
        else:
            for alias in aliases:
                self.ledger.leave_out(1, 1, alias, "other name of no topic")

    # Blocks

    def _read_blocks(self, nodes: Sequence[SyntaxTreeNode], group: str) -> None:
        lead = ""
        for node, after in zip(nodes, chain(nodes[1:], [None]), strict=False):
            is_lead = node.type == "paragraph" and after is not None and after.type in LISTS
            source = _source(node) if is_lead else ""
            words = to_plain_text(source, env=self._env).rstrip(" :") if source else ""
            line = self._first(node)
            if node.type == "heading" and node.level == 0:
                self._start_heading(node)
            elif is_lead and is_all_bold(source):
                self.ledger.keep(line, self._last_line(node), "heading", words)
                self._heads_nothing[line] = words
                self._last = None
                lead = words
                continue
            else:
                added = self._added
                self._read_block(node, join_headings(group, lead))
                if self._added > added:
                    self._heads_nothing.clear()
                for line, unused in self._heads_nothing.items():
                    self.ledger.leave_out(line, line, unused, "heading without notes")
                self._heads_nothing.clear()
            heads = bool(source) and len(words) <= MAX_HEADING_CHARS
            if heads and not source.rstrip().endswith((":", "：")):
                heads = self._touches(node, after) and not source.rstrip().endswith(_STOPS)
            lead = words if heads else ""

    def _read_block(self, node: SyntaxTreeNode, group: str) -> None:
        match node.type:
            case "paragraph" | "heading":
                self._read_paragraph(node, group)
            case "bullet_list" | "ordered_list":
                self._read_list(node, group)
            case "table":
                self._read_table(node, group)
            case "fence" | "code_block":
                self._read_code(node, group)
            case "blockquote":
                self._read_quotation(node, group)
            case "dl":
                self._read_definitions(node, group)
            case "math_block" | "math_block_label":
                text = " ".join(f"$${node.content}$$".split())
                self._add(Fact(text, self._first(node), group, is_formula=True), node)
            case "footnote_reference":
                self._read_footnote(node, group)
            case "hr":
                self.ledger.keep(self._first(node), self._last_line(node), "line")
            case _ if node.type != "front_matter":
                self._leave_out(node, node.content or node.type, "not text")

    def _add(self, fact: Fact, node: SyntaxTreeNode, text: Text | None = None) -> None:
        """Add a fact to the current topic, and account for its lines."""
        self._add_to(self._get_topic(fact.line), fact, node, text)

    def _add_to(
        self, topic: Topic, fact: Fact, node: SyntaxTreeNode, text: Text | None = None
    ) -> None:
        first, last = self._first(node), self._last_line(node)
        if text:
            topic.links += text.links
            if text.tags:
                self.ledger.leave_out(first, first, text.tags, "tags")
        if not _WORD.search(fact.text) and not (fact.code or fact.table or fact.picture):
            if fact.text.strip():
                self.ledger.leave_out(first, last, fact.text, "no words")
            if not topic.facts:
                return
        else:
            heading = self._heading
            self._unused.clear()
            fact = replace(fact, group=join_headings(heading, fact.group))
            topic.facts.append(fact)
            self._last = topic
            self._added += 1
            self.ledger.keep(first, last, "note", _show(fact))
        if text:
            self._add_pictures(topic, text, first, fact.group)

    def _add_pictures(self, topic: Topic, text: Text, first: int, group: str = "") -> None:
        for picture in text.pictures:
            line = self._find_line(picture.address, first)
            shown = f"{picture.alt} ({picture.address})" if picture.alt else picture.address
            if not _is_showable(picture):
                self.ledger.leave_out(line, line, shown, "picture not kept: it isn't on the web")
                continue
            alt = (picture.alt.strip() or picture.address.rsplit("/", 1)[-1])[:MAX_ALT_CHARS]
            self._attach(topic, line, group, picture=Picture(alt, picture.address))
            self.ledger.keep(line, line, "picture", shown)

    def _find_line(self, words: str, first: int) -> int:
        """The line of a paragraph that has these words."""
        for number, line in enumerate(self._repaired.originals[first - 1 :], first):
            if words in line:
                return number
            if not line.strip():
                break
        return first

    def _leave_out_pictures(self, text: Text, line: int) -> None:
        for picture in text.pictures:
            self.ledger.leave_out(line, line, picture.address, "picture not kept: in a heading")

    def _attach(self, topic: Topic, line: int, group: str, **shown: Any) -> None:
        """Show something with the note that it follows, or by itself."""
        (kind, value), *_ = shown.items()
        last = topic.facts[-1] if topic.facts and self._last is topic else None
        if last and getattr(last, kind) is None:
            topic.facts[-1] = replace(last, **{kind: value})
            return
        # What was headed otherwise stays under its own heading.
        group = join_headings(self._heading, group) or (last.group if last else "")
        topic.facts.append(Fact("", line, group, list_line=line, **{kind: value}))
        self._last = topic
        self._added += 1
        self._unused.clear()

    def _read_paragraph(self, node: SyntaxTreeNode, group: str) -> None:
        source, line = _source(node), self._first(node)
        if "\n" in source:
            source = _BULLET_SIGNS.sub(CELL_BREAK, source)
        if CELL_BREAK in source:
            for statement in split_statements(source, line, group, self._env):
                self._add(statement.fact, node, statement.text)
            return
        statement = make_statement(source, line, group, tokens=_tokens(node), env=self._env)
        text = statement.text
        if self._leads_elsewhere(text):
            self._leave_out(node, text.words, "link within the notes")
        elif text.is_picture:
            self._add_pictures(self._get_topic(line), text, line, group)
        elif statement.fact.text or text.tags:
            self._add(replace(statement.fact, text=_drop_bullet(statement.fact.text)), node, text)

    def _read_list(self, node: SyntaxTreeNode, group: str) -> None:
        if self._is_contents(node):
            self._leave_out(node, self._list_words(node), "table of contents")
            return
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for number, item in enumerate(node.children):
            step = None if start is None else start + number
            self._read_item(item, group, step, self._first(node))

    def _read_item(
        self, item: SyntaxTreeNode, group: str, step: int | None, list_line: int
    ) -> None:
        head = item.children[0] if item.children else None
        rest = item.children[1:]
        below = group
        if head is not None and head.type == "paragraph":
            statement = make_statement(
                _source(head),
                self._first(head),
                group,
                step,
                tokens=_tokens(head),
                env=self._env,
                list_line=list_line,
            )
            if statement.text.is_picture:
                topic = self._get_topic(statement.fact.line)
                self._add_pictures(topic, statement.text, list_line, group)
            else:
                self._add(statement.fact, head, statement.text)
                below = name_group(statement.fact) if _WORD.search(statement.fact.text) else group
        elif head is not None:
            rest = item.children
        self._read_blocks(rest, below)

    def _is_contents(self, node: SyntaxTreeNode) -> bool:
        """Whether a list is nothing but links to other places in the notes."""
        inlines = [each for each in node.walk() if each.type == "inline"]
        if not inlines or any(each.type in ("fence", "table") for each in node.walk()):
            return False
        return all(self._is_inner(each) for each in inlines)

    def _is_inner(self, inline: SyntaxTreeNode) -> bool:
        tokens = _tokens_of(inline)
        if not any(token.type in ("link_open", "wikilink") for token in tokens):
            return False
        return self._leads_elsewhere(read_inline(tokens, addresses=False, env=self._env))

    def _leads_elsewhere(self, text: Text) -> bool:
        """Whether a text only leads to other places. A wikilink is also a name, unless it stands in
        an index."""
        named = [link for link in text.links if link.startswith("[[") and "[[#" not in link]
        in_index = self._place.is_index and any(map(self._place.is_known, named))
        return text.is_contents and (not named or in_index)

    def _list_words(self, node: SyntaxTreeNode) -> str:
        return " ".join(
            read_inline(_tokens_of(each), addresses=False, env=self._env).words
            for each in node.walk()
            if each.type == "inline"
        )

    def _read_quotation(self, node: SyntaxTreeNode, group: str) -> None:
        first = node.children[0] if node.children else None
        source = _source(first) if first is not None and first.type == "paragraph" else ""
        callout = _CALLOUT.match(source)
        if first is None or not callout:
            self._read_blocks(node.children, group)
            return
        title = to_plain_text(callout[2], env=self._env)
        body, line = source[callout.end() :], self._first(first)
        has_more = bool(body.strip()) or len(node.children) > 1
        if title and not has_more:
            self._add(make_statement(callout[2], line, group, env=self._env).fact, first)
        self.ledger.keep(line, line, "heading" if title else "mark", f"{callout[1]} {title}")
        group = join_headings(group, title) if has_more else group
        if body.strip():
            for statement in split_statements(body, line, group, self._env):
                self._add(statement.fact, first, statement.text)
        self._read_blocks(node.children[1:], group)

    def _read_definitions(self, node: SyntaxTreeNode, group: str) -> None:
        term = ""
        for child in node.children:
            if child.type == "dt":
                term = to_plain_text(_source(child), env=self._env)
                line = self._first(child)
                self.ledger.keep(line, line, "heading", term)
                continue
            head = child.children[0] if child.children else None
            rest = child.children[1:]
            if head is not None and head.type == "paragraph":
                statement = make_statement(
                    _source(head), self._first(head), group, tokens=_tokens(head), env=self._env
                )
                words = f"{term}: {statement.fact.text}"
                fact = replace(statement.fact, text=words, term=term)
                self._add(fact, head, statement.text)
            elif head is not None:
                rest = child.children
            self._read_blocks(rest, term)

    def _read_footnote(self, node: SyntaxTreeNode, group: str) -> None:
        if self._defined.get(node.meta["label"]) is not node:
            self._read_blocks(node.children, group)
            return
        self._footnotes.append(node)

    def _account_for_footnotes(self) -> None:
        """Footnotes are part of the notes that refer to them."""
        used = {*self._env["used"]}
        for node in self._footnotes:
            words = " ".join(to_plain_text(_source(each), env=self._env) for each in node.children)
            if node.meta["label"] in used:
                self.ledger.keep(self._first(node), self._last_line(node), "footnote", words)
            else:
                self._leave_out(node, words, "footnote of nothing that was read")

    # Code and tables

    def _read_code(self, node: SyntaxTreeNode, group: str) -> None:
        first, last = self._first(node), self._last_line(node)
        text = self._restore(node)
        topic = self._get_topic(first)
        before = topic.facts[-1].text if topic.facts and self._last is topic else ""
        info = _LANG.match(node.info.strip().lstrip("{.")) if node.type == "fence" else None
        lang = info[0][:MAX_LANG_CHARS] if info else ""
        for part in _split_code(text):
            if part.strip():
                self._attach(topic, first, group, code=Code(lang, part))
        self.ledger.keep(first, last, "code", text, is_whole=True)
        if text.strip() and not lang and not before.endswith(":") and node.level == 0 and not group:
            self.ledger.leave_out(
                first, last, text, "code without a language, only shown with the note above it"
            )

    def _restore(self, node: SyntaxTreeNode) -> str:
        """The code as it's written, before repairs."""
        first = (node.map or (0, 0))[0] + (node.type == "fence")
        shown = []
        for place, text in enumerate(node.content.split("\n"), first):
            line = self._repaired.lines[min(place, len(self._repaired.lines) - 1)]
            original = self._repaired.originals[line.number - 1]
            if line.text.endswith(text) and original != line.text and text:
                text = original[len(line.text) - len(text) :]  # noqa: PLW2901
            shown.append(text)
        return "\n".join(shown)

    def _read_table(self, node: SyntaxTreeNode, group: str) -> None:
        rows = [row for part in node.children for row in part.children]
        head = [to_plain_text(_source(cell), env=self._env) for cell in rows[0].children]
        if roles := find_roles(head):
            self.ledger.keep(self._first(rows[0]), self._first(rows[0]), "head", " ".join(head))
            for row in rows[1:]:
                self._read_outline_row(row, roles)
            return
        cells = [[self._read_cell(cell) for cell in row.children] for row in rows[1:]]
        words = [[text.words for text in row] for row in cells]
        topic, line = self._get_topic(self._first(node)), self._first(node)
        found = list(read_rows(head, words))
        for said in found:
            place = rows[said.place + 1]
            table = said.table
            fact = Fact(
                said.text, self._first(place), group, said.term, list_line=line, table=table
            )
            self._add_to(topic, fact, place)
        unsaid = [
            name for name in head if not any(said.table or name in said.text for said in found)
        ]
        self.ledger.keep(line, line, "head", " ".join(head))
        if any(unsaid):
            why = "heading of a table that's too large to show"
            self.ledger.leave_out(line, line, ", ".join(filter(None, unsaid)), why)
        for place, texts in zip(rows[1:], cells, strict=True):
            for text in texts:
                topic.links += text.links
                self._add_pictures(topic, text, self._first(place))

    def _read_cell(self, cell: SyntaxTreeNode) -> Text:
        text = read_inline(_tokens(cell), addresses=True, env=self._env)
        if CELL_BREAK in (source := _source(cell)):
            parts = source.split(CELL_BREAK)
            text.words = join_breaks(
                to_plain_text(part, addresses=True, env=self._env) for part in parts
            )
        return text

    def _read_outline_row(self, row: SyntaxTreeNode, roles: Sequence[str]) -> None:
        line = self._first(row)
        text: dict[str, str] = {}
        for role, cell in zip(roles, row.children, strict=False):
            if role:
                text[role] = _source(cell)
            elif words := to_plain_text(_source(cell), env=self._env):
                self.ledger.leave_out(line, line, words, "not a notes column")
        chapter = self._get_chapter(line)
        if unit := to_plain_text(text.get("unit", ""), env=self._env):
            chapter.units.append(Unit(unit, line, file=self._place.name))
            self.ledger.keep(line, line, "unit", unit)
        parent = chapter.units[-1] if chapter.units else self._get_unit(line)
        title = to_plain_text(text.get("topic", ""), env=self._env)
        if title:
            url = markdown.find_link(text["topic"])
            parent.topics.append(Topic(title, line, url, file=self._place.name))
            self.ledger.keep(line, line, "topic", title)
        topic = parent.topics[-1] if parent.topics else self._get_topic(line)
        notes = list(split_statements(text.get("notes", ""), line, env=self._env))
        sections = text.get("section", "")
        found = notes or list(split_statements(sections, line, env=self._env))
        for statement in found:
            self._add_to(topic, statement.fact, row, statement.text)
        if notes and (words := to_plain_text(sections, env=self._env)):
            self.ledger.leave_out(line, line, words, "list of the page's sections")


_STOPS = (".", "!", "?", ";", ",", "。", "！", "？")
"""The ends of sentences, which don't head a list right below them."""

LISTS = ("bullet_list", "ordered_list")


def _show(fact: Fact) -> str:
    """Everything that a fact says, for the account of its lines."""
    tables = fact.table.rows if fact.table else ()
    number = "" if fact.step is None else str(fact.step)
    return " ".join((fact.group, number, fact.text, *(cell for row in tables for cell in row)))


def _is_showable(picture: markdown.Picture) -> bool:
    address = picture.address
    return len(address) <= MAX_URL_CHARS and bool(_WEB_PICTURE.fullmatch(address))


def _drop_bullet(text: str) -> str:
    return re.sub(r"^[•▪◦●‣·]\s+", "", text)


def _split_code(text: str) -> Iterable[str]:
    """Code in parts that a note can hold, split at the ends of lines where there are any."""
    part = ""
    for line in text.splitlines(keepends=True):
        if part and len(part) + len(line) > MAX_CODE_CHARS:
            yield part.removesuffix("\n")
            part = ""
        part += line
        while len(part) > MAX_CODE_CHARS:
            yield part[:MAX_CODE_CHARS]
            part = part[MAX_CODE_CHARS:]
    yield part.removesuffix("\n")


def _tokens_of(inline: SyntaxTreeNode) -> Sequence[Any]:
    return inline.token.children or [] if inline.token else []


def _tokens(node: SyntaxTreeNode) -> Sequence[Any]:
    return list(chain.from_iterable(_tokens_of(c) for c in node.children if c.type == "inline"))


def _source(node: SyntaxTreeNode) -> str:
    return next((child.content for child in node.children if child.type == "inline"), "")
