"""One YAML file of a pack, read safely, with the position of everything in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from content.files import Problem

MAX_DEPTH = 50
"""Levels of nesting; a pack needs ten."""

MAX_SCALAR_CHARS = 40
"""The longest number or date; parsing huge numbers takes quadratic time."""

MAX_VALUES = 500_000
"""Keys, values and lists per file; a real file of the maximum size has fewer."""

MAX_PROBLEMS = 1000
"""Problems reported per file; a hostile file has a million."""

# What YAML forbids, and the rare line breaks that YAML counts as lines but editors don't.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"
_TEXT = "tag:yaml.org,2002:str"

MAX_MESSAGE_CHARS = 400
"""Only an absurdly long id or key would exceed this."""

KeyPath = tuple[int | str, ...]
"""Keys and indices that lead to a value in a document."""


@dataclass
class Document:
    """A file's data, or None, with its problems and the positions of its keys and values."""

    file: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    _values: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    _source_texts: dict[KeyPath, str] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether the limit of problems is reached, so no more are added."""
        return len(self.problems) > MAX_PROBLEMS

    def report(self, at: KeyPath, message: str, *, key: bool = False) -> None:
        """Add a problem at a path, or at its nearest ancestor that exists."""
        self._add_problem(self._keys[at] if key and at in self._keys else self.locate(at), message)

    def locate(self, at: KeyPath) -> tuple[int, int]:
        """The line and column of a path, or of its nearest ancestor that exists."""
        while at and at not in self._values:
            at = at[:-1]
        return self._values.get(at, (1, 1))

    def source_text(self, at: KeyPath) -> str | None:
        """The source text of a value that YAML doesn't read as text."""
        return self._source_texts.get(at)

    def _add_problem(self, place: tuple[int, int], message: str) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            message = f"more than {MAX_PROBLEMS:,} problems; fix these to see the rest"
        if not self.is_full:
            self.problems.append(Problem(self.file, *place, _to_one_line(message)))

    def parse(self, raw: bytes) -> None:
        """Read the data from the file's bytes, as far as possible."""
        text = self._decode(raw)
        try:
            safe = self._is_safe(text)
        except yaml.YAMLError as error:
            tabs = list(islice(_find_all(_TAB_INDENT, text), MAX_PROBLEMS + 1))
            for (line, column), found in tabs:
                at = line, column + len(found) - 1
                self._add_problem(at, "this line is indented with a tab; use spaces")
            if not tabs:
                self._add_problem(*_describe_syntax_error(error))
                return
            text = text.expandtabs(2)
            try:
                safe = self._is_safe(text)
            except yaml.YAMLError as other:
                place, message = _describe_syntax_error(other)
                if place[0] not in {line for (line, _), _ in tabs}:
                    self._add_problem(place, message)
                return
        if not safe:
            return
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is None or node.tag == "tag:yaml.org,2002:null":
            self._add_problem((1, 1), "the file is empty; docs/packs.md shows what goes here")
            return
        self.data = self._build(node, (), yaml.constructor.SafeConstructor())

    def _is_safe(self, text: str) -> bool:
        """Whether it is safe to build the document; raises YAMLError.

        Aliases, which can expand without end, are rejected before they expand, and so is nesting
        that would overflow the C composer's stack.
        """
        depth, documents, safe = 0, 0, True
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        for count, event in enumerate(events):
            mark = event.start_mark.line + 1, event.start_mark.column + 1
            if getattr(event, "anchor", None):
                self._add_problem(mark, "anchors and aliases aren't supported; write the text out")
                safe = False
            if getattr(event, "tag", None):
                self._add_problem(mark, f"the tag `{event.tag}` isn't supported; remove it")
                safe = False
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._add_problem(mark, "a second document starts here; keep one per file")
                    return False
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    self._add_problem(
                        mark, f"this is nested more than {MAX_DEPTH} levels deep; flatten it"
                    )
                    return False
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if count > MAX_VALUES:
                self._add_problem(mark, f"more than {MAX_VALUES:,} values; split the chapter here")
            if self.is_full or count > MAX_VALUES:
                return False
        return safe

    def _decode(self, raw: bytes) -> str:
        """The text of a file, with anything that isn't text reported and replaced by spaces."""
        raw = raw.removeprefix(_BOM)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode()
            line = before.count("\n") + 1
            column = error.start and len(before) - before.rfind("\n") - 1
            byte = raw[error.start]
            self._add_problem(
                (line, column + 1), f"byte 0x{byte:02x} isn't UTF-8; save the file as UTF-8"
            )
            # Text in another encoding looks full of control characters, so they aren't reported.
            return _CONTROL.sub(" ", raw.decode(errors="replace"))
        for place, found in islice(_find_all(_CONTROL, text), MAX_PROBLEMS + 1):
            self._add_problem(place, _describe_control(found))
        return _CONTROL.sub(" ", text)

    def _build(self, node: yaml.Node, at: KeyPath, constructor: Any) -> Any:
        mark = node.start_mark.line + 1, node.start_mark.column + 1
        self._values[at] = mark
        match node:
            case yaml.SequenceNode():
                return [
                    self._build(each, (*at, n), constructor) for n, each in enumerate(node.value)
                ]
            case yaml.MappingNode():
                return self._build_mapping(node, at, constructor)
            case _:
                if found := _CONTROL.search(node.value):
                    self._add_problem(mark, _describe_control(found[0]))
                return (
                    node.value if node.tag == _TEXT else self._build_scalar(node, at, constructor)
                )

    def _build_mapping(
        self, node: yaml.MappingNode, at: KeyPath, constructor: Any
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._add_problem(mark, "a key must be plain text, like `name:`")
                continue
            key = key_node.value
            if key in result:
                first = self._keys[(*at, key)][0]
                self._add_problem(mark, f"`{key}` is duplicated, first on line {first}; keep one")
                continue
            self._keys[(*at, key)] = mark
            result[key] = self._build(value_node, (*at, key), constructor)
        return result

    def _build_scalar(self, node: yaml.Node, at: KeyPath, constructor: Any) -> Any:
        """A value that YAML doesn't read as text: a number, a date, yes or no, or nothing."""
        if len(node.value) <= MAX_SCALAR_CHARS:
            try:
                data = constructor.construct_object(node)
            except yaml.constructor.ConstructorError:
                return node.value
            except (ValueError, OverflowError):
                pass
            else:
                self._source_texts[at] = node.value
                return data
        self.report(
            at, "YAML can't read this as a number or date; put it in quotes to make it text"
        )
        return node.value


def _find_all(pattern: re.Pattern[str], text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Each match with its line and column, line by line, since recounting is quadratic."""
    for number, line in enumerate(text.split("\n"), 1):
        whole = line.removesuffix("\r")
        for found in pattern.finditer(whole):
            yield (number, found.start() + 1), found[0]


def _to_one_line(message: str) -> str:
    """A message that quotes the file, made safe to print: a file may hold anything."""
    printable = "".join(each if each.isprintable() else " " for each in message[:MAX_MESSAGE_CHARS])
    return " ".join(printable.split())


def _describe_control(found: str) -> str:
    return f"control character U+{ord(found):04X}; remove it"


def _describe_syntax_error(error: yaml.YAMLError) -> tuple[tuple[int, int], str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    parts: Iterable[str | None] = (getattr(error, "problem", None), getattr(error, "context", None))
    details = ", ".join(part for part in parts if part) or str(error)
    return place, f"this isn't valid YAML: {details}; check indentation, colons and quotes"
