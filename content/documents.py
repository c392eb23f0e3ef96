"""One YAML file of a pack, read safely, with the place of everything in it."""

from __future__ import annotations

import re
import stat
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 5_000_000
"""Bytes of one file; a chapter with a thousand questions has less than a third of it."""

DEEPEST = 50
"""Levels of nesting; a pack needs ten."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)

At = tuple[Hashable, ...]
"""A path of keys and indices into a document."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, where it is (from 1), and what would be right."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass
class Document:
    """A file's data, or None, with its problems and the positions of its keys and values."""

    file: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    _values: dict[At, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[At, tuple[int, int]] = field(default_factory=dict)

    def report(self, at: At, message: str, *, key: bool = False) -> None:
        """Note a problem at a path, or at the nearest thing above it that is there."""
        self._add(self._keys[at] if key and at in self._keys else self.place(at), message)

    def place(self, at: At) -> tuple[int, int]:
        """Line and column of a path, or of the nearest thing above it that is there."""
        while at and at not in self._values:
            at = at[:-1]
        return self._values.get(at, (1, 1))

    def has(self, at: At) -> bool:
        """Whether something stands at a path."""
        return at in self._values

    def _add(self, place: tuple[int, int], message: str) -> None:
        self.problems.append(Problem(self.file, *place, message))

    def parse(self, raw: bytes) -> None:
        """Fill in the data from the file's bytes, as far as they can be understood."""
        text = self._decode(raw)
        try:
            safe = self._scan(text)
        except yaml.YAMLError as error:
            tabs = list(_TAB_INDENT.finditer(text))
            for tab in tabs:
                self._add(
                    _place(text, tab.end() - 1), "a tab indents this line; indent with spaces"
                )
            if not tabs:
                self._add(*_syntax(error))
                return
            text = text.expandtabs(2)
            try:
                safe = self._scan(text)
            except yaml.YAMLError:
                return
        if not safe:
            return
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        self.data = self._build(node, ()) if node else None
        if self.data is None:
            self._add((1, 1), "the file is empty; docs/packs.md shows what belongs here")

    def _scan(self, text: str) -> bool:
        """Whether it is safe to build the document; raises YAMLError.

        What could be expanded without end is refused before it is, and so is nesting that would
        overflow the C composer's stack.
        """
        depth, documents, safe = 0, 0, True
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        for event in events:
            mark = event.start_mark.line + 1, event.start_mark.column + 1
            if getattr(event, "anchor", None):
                self._add(mark, "anchors and aliases are not read here; write the text out")
                safe = False
            if getattr(event, "tag", None):
                self._add(mark, f"the tag `{event.tag}` is not read here; leave it out")
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
        return safe

    def _decode(self, raw: bytes) -> str:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode("utf-8", "replace")
            self._add(
                _place(before, len(before)),
                f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8",
            )
            text = raw.decode("utf-8-sig", "replace")
        for found in _CONTROL.finditer(text):
            self._add(
                _place(text, found.start()),
                f"control character U+{ord(found[0]):04X}; remove it",
            )
        return _CONTROL.sub(" ", text)

    def _build(self, node: yaml.Node, at: At) -> Any:
        mark = node.start_mark.line + 1, node.start_mark.column + 1
        self._values.setdefault(at, mark)
        match node:
            case yaml.SequenceNode():
                return [self._build(each, (*at, n)) for n, each in enumerate(node.value)]
            case yaml.MappingNode():
                return self._mapping(node, at)
            case _:
                return self._scalar(node, mark)

    def _mapping(self, node: yaml.MappingNode, at: At) -> dict[str, Any]:
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
            result[key] = self._build(value_node, (*at, key))
        return result

    def _scalar(self, node: yaml.Node, mark: tuple[int, int]) -> Any:
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except yaml.constructor.ConstructorError:
            return node.value
        except (ValueError, OverflowError):
            self._add(mark, "this value cannot be read; put it in quotes to make it text")
            return None


def read(path: Path, root: Path, shown: str) -> tuple[bytes | None, Problem | None]:
    """The bytes of a pack's file, or why they may not be read. Nothing outside `root` is."""

    def refused(message: str) -> tuple[None, Problem]:
        return None, Problem(shown, 1, 1, message)

    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            return refused("the link leads out of the pack; copy the file into it")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return refused("this is not a file; put a YAML file here")
        if status.st_size > MAX_BYTES:
            return refused(
                f"the file has {status.st_size:,} bytes; at most {MAX_BYTES:,} are read: "
                "split the chapter"
            )
        return path.read_bytes(), None
    except FileNotFoundError:
        return refused("the file is missing; create it")
    except (OSError, RuntimeError) as error:
        return refused(f"the file cannot be read: {error}")


def _place(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def _syntax(error: yaml.YAMLError) -> tuple[tuple[int, int], str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    parts: Iterable[str | None] = (getattr(error, "problem", None), getattr(error, "context", None))
    said = ", ".join(part for part in parts if part) or str(error)
    return place, f"this is not YAML: {said}; check indentation, colons and quotes"
