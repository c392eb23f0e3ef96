"""One YAML file of a pack, read safely, with the place of everything in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from content.files import Problem

DEEPEST = 50
"""Levels of nesting; a pack needs ten."""

LONGEST_NUMBER = 40
"""Characters of what is not text; longer numbers cost time without end to read."""

MOST_VALUES = 500_000
"""Keys, values and lists of one file; a real one of the greatest size has fewer."""

MOST_PROBLEMS = 1000
"""Problems of one file that are told; a hostile file has a million."""

# Besides what YAML forbids, the rarer line breaks: YAML counts lines by them, editors do not.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"
_TEXT = "tag:yaml.org,2002:str"

LONGEST_MESSAGE = 400
"""Characters; only an id or a key of absurd length makes one longer."""

At = tuple[int | str, ...]
"""A path of keys and indices into a document."""


@dataclass
class Document:
    """A file's data, or None, with its problems and the positions of its keys and values."""

    file: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    _values: dict[At, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[At, tuple[int, int]] = field(default_factory=dict)
    _written: dict[At, str] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether so much is wrong that no more will be told."""
        return len(self.problems) > MOST_PROBLEMS

    def report(self, at: At, message: str, *, key: bool = False) -> None:
        """Note a problem at a path, or at the nearest thing above it that is there."""
        self._add(self._keys[at] if key and at in self._keys else self.place(at), message)

    def place(self, at: At) -> tuple[int, int]:
        """Line and column of a path, or of the nearest thing above it that is there."""
        while at and at not in self._values:
            at = at[:-1]
        return self._values.get(at, (1, 1))

    def written(self, at: At) -> str | None:
        """How a value that YAML does not read as text stands in the file."""
        return self._written.get(at)

    def _add(self, place: tuple[int, int], message: str) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            message = f"more than {MOST_PROBLEMS} problems; the rest is told when these are mended"
        if not self.full:
            self.problems.append(Problem(self.file, *place, _one_line(message)))

    def parse(self, raw: bytes) -> None:
        """Fill in the data from the file's bytes, as far as they can be understood."""
        text = self._decode(raw)
        try:
            safe = self._scan(text)
        except yaml.YAMLError as error:
            tabs = list(islice(_places(_TAB_INDENT, text), MOST_PROBLEMS + 1))
            for (line, column), found in tabs:
                at = line, column + len(found) - 1
                self._add(at, "a tab indents this line; indent with spaces")
            if not tabs:
                self._add(*_syntax(error))
                return
            text = text.expandtabs(2)
            try:
                safe = self._scan(text)
            except yaml.YAMLError as other:
                place, message = _syntax(other)
                if place[0] not in {line for (line, _), _ in tabs}:
                    self._add(place, message)
                return
        if not safe:
            return
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is None or node.tag == "tag:yaml.org,2002:null":
            self._add((1, 1), "the file is empty; docs/packs.md shows what belongs here")
            return
        self.data = self._build(node, (), yaml.constructor.SafeConstructor())

    def _scan(self, text: str) -> bool:
        """Whether it is safe to build the document; raises YAMLError.

        What could be expanded without end is refused before it is, and so is nesting that would
        overflow the C composer's stack.
        """
        depth, documents, safe = 0, 0, True
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        for count, event in enumerate(events):
            mark = event.start_mark.line + 1, event.start_mark.column + 1
            if getattr(event, "anchor", None):
                self._add(mark, "anchors and aliases are not read here; write the text out")
                safe = False
            if getattr(event, "tag", None):
                self._add(mark, f"the tag `{event.tag}` is not read here; leave it out")
                safe = False
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._add(mark, "a second document begins here; keep one a file")
                    return False
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    self._add(mark, f"this is nested more than {DEEPEST} deep; lay it out flat")
                    return False
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if count > MOST_VALUES:
                self._add(mark, f"more than {MOST_VALUES:,} values; split the chapter here")
            if self.full or count > MOST_VALUES:
                return False
        return safe

    def _decode(self, raw: bytes) -> str:
        """The text of a file, with what is no text in it reported and made harmless."""
        raw = raw.removeprefix(_BOM)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode()
            line = before.count("\n") + 1
            column = error.start and len(before) - before.rfind("\n") - 1
            byte = raw[error.start]
            self._add((line, column + 1), f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8")
            # In another encoding anything may look like control characters: not told.
            return _CONTROL.sub(" ", raw.decode(errors="replace"))
        for place, found in islice(_places(_CONTROL, text), MOST_PROBLEMS + 1):
            self._add(place, _control(found))
        return _CONTROL.sub(" ", text)

    def _build(self, node: yaml.Node, at: At, constructor: Any) -> Any:
        mark = node.start_mark.line + 1, node.start_mark.column + 1
        self._values[at] = mark
        match node:
            case yaml.SequenceNode():
                return [
                    self._build(each, (*at, n), constructor) for n, each in enumerate(node.value)
                ]
            case yaml.MappingNode():
                return self._mapping(node, at, constructor)
            case _:
                if found := _CONTROL.search(node.value):
                    self._add(mark, _control(found[0]))
                return node.value if node.tag == _TEXT else self._scalar(node, at, constructor)

    def _mapping(self, node: yaml.MappingNode, at: At, constructor: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(mark, "a key is plain text; begin with `name:`")
                continue
            key = key_node.value
            if key in result:
                first = self._keys[(*at, key)][0]
                self._add(mark, f"`{key}` stands here twice, first in line {first}; keep one")
                continue
            self._keys[(*at, key)] = mark
            result[key] = self._build(value_node, (*at, key), constructor)
        return result

    def _scalar(self, node: yaml.Node, at: At, constructor: Any) -> Any:
        """What YAML reads as something else than text: a number, a date, yes or no, nothing."""
        if len(node.value) <= LONGEST_NUMBER:
            try:
                data = constructor.construct_object(node)
            except yaml.constructor.ConstructorError:
                return node.value
            except (ValueError, OverflowError):
                pass
            else:
                self._written[at] = node.value
                return data
        self.report(at, "YAML reads no number or date in this; put it in quotes to make it text")
        return node.value


def _places(pattern: re.Pattern[str], text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Where a pattern is found, and what: line by line, because counting afresh is quadratic."""
    for number, line in enumerate(text.split("\n"), 1):
        whole = line.removesuffix("\r")
        for found in pattern.finditer(whole):
            yield (number, found.start() + 1), found[0]


def _one_line(message: str) -> str:
    """A message that repeats what a file holds, made safe to print: the file may hold anything."""
    shown = "".join(each if each.isprintable() else " " for each in message[:LONGEST_MESSAGE])
    return " ".join(shown.split())


def _control(found: str) -> str:
    return f"control character U+{ord(found):04X}; remove it"


def _syntax(error: yaml.YAMLError) -> tuple[tuple[int, int], str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    parts: Iterable[str | None] = (getattr(error, "problem", None), getattr(error, "context", None))
    said = ", ".join(part for part in parts if part) or str(error)
    return place, f"this is not YAML: {said}; check indentation, colons and quotes"
