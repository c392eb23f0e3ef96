"""Shared by both platforms' pages: markup rules, fonts and avatars."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FONTS = HERE / "node_modules" / "@fontsource"

Json = dict[str, Any]
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

BOT = "Studyhall"
NOW = datetime(2026, 3, 2, 16, 20, tzinfo=UTC)
"""The time on messages without one, so that the same payload gives the same screenshot."""

COLORS = ("#3f7d58", "#b5532a", "#7a4fa3", "#2d6f9f", "#a33f5e", "#8a6d1a")
BOOK = (
    '<path d="M6 10c5-2 9-1 12 1.5 3-2.5 7-3.5 12-1.5v15c-5-2-9-1-12 1.5-3-2.5-7-3.5'
    '-12-1.5zM18 11.5v15" fill="none" stroke="#fff" stroke-width="2.2" '
    'stroke-linejoin="round"/>'
)


def rule(pattern: str, write: Callable[[re.Match[str]], str]) -> Rule:
    """A rule that replaces what the pattern matches."""
    return re.compile(pattern, re.DOTALL | re.MULTILINE), write


def render_markup(text: str, rules: Sequence[Rule]) -> str:
    """The text as HTML: the first rule that matches applies, everything else is escaped."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        for pattern, write in rules:
            if found := pattern.match(text, at):
                parts.append(write(found))
                at = found.end()
                break
        else:
            parts.append(escape(text[at]))
            at += 1
    return "".join(parts)


def tag(name: str, content: str, kind: str = "") -> str:
    """An element around HTML content; nothing if there's no content."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{name}{attribute}>{content}</{name}>" if content else ""


def avatar(name: str, *, app: bool) -> str:
    """An avatar: the app's book, or a person's initial on a color derived from the name."""
    color = "#4453c4" if app else COLORS[sum(map(ord, name)) % len(COLORS)]
    picture = BOOK if app else f'<text x="18" y="24">{escape(name[:1].upper())}</text>'
    return (
        f'<svg class="avatar" viewBox="0 0 36 36"><rect width="36" height="36" fill="{color}"/>'
        f"{picture}</svg>"
    )


def icon(path: str, kind: str = "") -> str:
    """A 16 by 16 line drawing in the color of the text."""
    return f'<svg class="icon {kind}" viewBox="0 0 16 16"><path d="{path}"/></svg>'


EYE = icon("M1 8c3-5.3 11-5.3 14 0-3 5.3-11 5.3-14 0zM8 5.7a2.3 2.3 0 1 0 .01 0z")
CHEVRON = icon("M4 6l4 4 4-4", "chevron")
CROSS = icon("M3.5 3.5l9 9m0-9l-9 9", "cross")


def page(style: str, body: str, *fonts: str) -> str:
    """A whole page, with local fonts, so that nothing is fetched."""
    sheets = "".join(
        f'<link rel="stylesheet" href="{(FONTS / font).as_uri()}.css">'
        for font in (*fonts, "noto-color-emoji/emoji-400")
    )
    css = (HERE / style).read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{sheets}'
        f"<style>{css}</style></head><body>{body}</body></html>"
    )
