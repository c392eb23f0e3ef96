"""YAML as people write it: lists indented below their keys, keys in their order, code in blocks.

PyYAML's emitter takes many times as long as reading the notes that a pack is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

WIDTH = 100
_PLAIN = re.compile(r"[^\W\d_](?:[^\n:#]|:(?=\S))*(?<![\s:])")
_AMBIGUOUS = re.compile(r"(?:true|false|yes|no|on|off|null|y|n)", re.IGNORECASE)
_ODD = re.compile(
    r" [-?:]|  |[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_UNPRINTABLE = re.compile(_ODD.pattern.partition("  |")[2])
_BREAKABLE = re.compile(r"(?<=\S) (?=\S)")


def dump(data: Any) -> str:
    """Write data as YAML text."""
    return "\n".join(_emit(data, "", "")) + "\n"


def parse(path: Path) -> Any:
    """Read a file that's known to be valid; content.loader is for all others."""
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)


def _emit(data: Any, first: str, indent: str) -> Iterator[str]:
    """The lines of a value: the first one after `first`, the others after `indent`."""
    match data:
        case dict() if data:
            for key, value in data.items():
                yield from _emit_value(f"{first}{_write(str(key), 0)}:", value, indent)
                first = indent
        case list() | tuple() if data:
            for value in data:
                if isinstance(value, dict | list | tuple) and value:
                    yield from _emit(value, f"{first}- ", f"{indent}  ")
                else:
                    yield from _emit_value(f"{first}-", value, indent)
                first = indent
        case _:
            yield f"{first}{_write(data, len(indent))}"


def _emit_value(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict | list | tuple) and value:
        yield start
        yield from _emit(value, f"{indent}  ", f"{indent}  ")
    elif (
        isinstance(value, str)
        and value.strip("\n")
        and "\n" in value
        and not _UNPRINTABLE.search(value)
    ):
        yield from _emit_block(start, value, indent)
    else:
        first, *more = _write(value, len(start)).split("\n")
        yield f"{start} {first}"
        yield from (f"{indent}  {line}" for line in more)


def _emit_block(start: str, text: str, indent: str) -> Iterator[str]:
    """Lines as they are, with what YAML must know of their first and last ones."""
    lines = text.split("\n")
    spaced = "2" if next(filter(None, lines)).startswith(" ") else ""
    ends = len(text) - len(text.rstrip("\n"))
    yield f"{start} |{spaced}{('-', '', '+')[min(ends, 2)]}"
    for line in lines[: -1 if ends else None]:
        yield f"{indent}  {line}" if line else ""


def _write(value: Any, column: int) -> str:
    """A scalar; long ones go on in further lines."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str() if "\n" in value or _UNPRINTABLE.search(value):
            return _fall_back(value, '"')
        case str():
            is_plain = _PLAIN.fullmatch(value) and not (
                _ODD.search(value) or _AMBIGUOUS.fullmatch(value)
            )
            return _wrap(value if is_plain else f"'{value.replace(chr(39), chr(39) * 2)}'", column)
        case [] | {} | ():
            return "{}" if isinstance(value, dict) else "[]"
    return _fall_back(value, None)


def _fall_back(value: Any, style: str | None) -> str:
    text = yaml.dump(
        value, Dumper=yaml.CSafeDumper, default_style=style, allow_unicode=False, width=1_000_000
    )
    return text.removesuffix("...\n").strip("\n")


def _wrap(text: str, column: int) -> str:
    if column + len(text) < WIDTH:
        return text
    lines: list[str] = []
    line, room = "", WIDTH - column - 1
    for word in _BREAKABLE.split(text):
        if line and len(line) + len(word) >= room:
            lines.append(line)
            line, room = word, WIDTH - min(column, WIDTH // 2)
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
