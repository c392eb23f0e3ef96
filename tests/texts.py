"""Screens as plain text for tests, and a check for texts that name commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.engine.commands import LISTED
from bot.engine.lines import format_line
from bot.engine.screens import (
    Button,
    Link,
    Menu,
    Part,
    Screen,
    Text,
    Write,
    list_texts,
    render_text,
)

HOLE = "…"
"""Stands for the parts of a text that platforms fill in."""


def to_plain_text(part: Part) -> str:
    """Return a text with people as ids, and commands as typed."""
    return "".join(
        render_text(
            text,
            lambda who: f"<{who.user}>",
            lambda when: "<time>",
            lambda say: f"`{format_line(say)}`",
        )
        for text in list_texts(part)
    )


def _any_of(names: Iterator[str]) -> str:
    return "|".join(sorted(map(re.escape, set(names)), key=len, reverse=True))


_ONE_WORD = _any_of(name for name in LISTED if " " not in name)
_SEVERAL = _any_of(name for name in LISTED if " " in name)
_FIRST = _any_of(name.split()[0] for name in LISTED)
_OPTION = _any_of(option.name for each in LISTED.values() for option in each.options)
_BARE = re.compile(
    rf"""
    \b(?:{_SEVERAL})\b                      # resume it with daily resume
    | (?<!\w)/(?:quiz|{_FIRST})\b           # start with /drill
    | `(?:(?:{_ONE_WORD})`|(?:{_FIRST})\ )  # undo it with `unlink`
    | (?::\s*|\b(?:with|use|call|type|say|try|run)\s+)(?:{_ONE_WORD})(?:$|[\s.,;:])  # try: drill
    | (?<![\w-])(?:{_OPTION}):(?=\S)        # choose zone:Berlin
    """,
    re.VERBOSE | re.IGNORECASE,
)


def find_bare_command(text: str) -> str | None:
    """Find a command in a text, or an option with its value, written as if to be typed."""
    found = _BARE.search(text)
    return found.group() if found else None


def list_screen_texts(screen: Screen) -> Iterator[str]:
    """List a screen's texts, without properly mentioned commands and members' own words."""
    texts: list[Text] = [screen.title, *screen.spoiler, screen.note]
    texts += [text for part in screen.text for text in list_texts(part)]
    texts += [each for field in screen.fields for each in field]
    texts += [c.label for c in screen.controls if isinstance(c, Button | Link | Menu | Write)]
    texts += [b.label for c in screen.controls if isinstance(c, Menu) for b in c.buttons]
    for text in texts:
        yield render_text(
            text, lambda _: HOLE, lambda _: HOLE, lambda _: HOLE, quote=lambda _: HOLE
        )
