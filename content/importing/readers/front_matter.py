"""Front matter: what notes say about themselves, in YAML or TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import yaml

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_COMMENT = re.compile(r"(?<=\s)#\s.*$")
_KEY = re.compile(r"([\w-]+)\s*[:=]")
TITLE, LANGUAGE, ALIASES = ("title",), ("lang", "language"), ("aliases", "alias")
MAX_ALIAS_CHARS = 300


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The title, language and other names, and the keys that a pack has no place for."""

    title: str = ""
    language: str = ""
    aliases: tuple[str, ...] = ()
    shown: str = ""
    """The keys that were read, for the report."""

    left_out: tuple[tuple[int, int, str], ...] = ()
    """The others, each with its first and last line."""

    @classmethod
    def read(cls, content: str, lines: Sequence[str]) -> Self:
        """Read front matter; what's no mapping is left out whole."""
        try:
            is_toml = bool(lines) and lines[0].startswith("+++")
            data = tomllib.loads(content) if is_toml else yaml.load(content, yaml.CBaseLoader)  # noqa: S506 - makes only texts
        except (ValueError, yaml.YAMLError):
            data = None
        if not isinstance(data, Mapping):
            words = " ".join(content.split())
            return cls(left_out=((1, 2 + content.count("\n"), words),) if words else ())
        return cls._sort(data, content)

    @classmethod
    def _sort(cls, data: Mapping[Any, Any], content: str) -> Self:
        title = _first_text(data, TITLE)
        language = _first_text(data, LANGUAGE).replace("_", "-")
        language = language if _LANGUAGE.fullmatch(language) else ""
        names = next((data[key] for key in ALIASES if data.get(key)), ())
        aliases = (
            tuple(
                str(name).strip()[:MAX_ALIAS_CHARS]
                for name in (names if isinstance(names, list) else [names])
                if str(name).strip()
            )
            if names
            else ()
        )
        used = [
            *(key for key in TITLE if title),
            *(key for key in LANGUAGE if language and data.get(key)),
            *(key for key in ALIASES if aliases and data.get(key)),
        ]
        return cls(title, language, aliases, ", ".join(used), tuple(_list_rest(content, used)))


def _first_text(data: Mapping[Any, Any], keys: Sequence[str]) -> str:
    found = next((data[key] for key in keys if data.get(key)), "")
    return " ".join(str(found).split()) if isinstance(found, str | int | float) else ""


def _list_rest(content: str, used: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The keys that weren't used, with their lines and their values as they're written."""
    parts: list[tuple[int, list[str]]] = []
    for number, line in enumerate(content.split("\n"), 2):
        if _KEY.match(line) or not parts:
            parts.append((number, [line]))
        else:
            parts[-1][1].append(line.strip())
    for first, lines in parts:
        key, text = _KEY.match(lines[0]), " ".join(filter(None, lines))
        if key and key[1] in used:
            text = " ".join(found[0] for line in lines if (found := _COMMENT.search(line)))
        if text.strip():
            yield first, first + len(lines) - 1, text.strip()
