"""Writes what an encoding lacks in plain signs, instead of failing."""

from __future__ import annotations

import codecs
import unicodedata

PLAIN_SIGNS = "studyhall.plain"
"""The name of the error handler, for streams."""

SIGNS = {
    "✔": "+",
    "✘": "x",
    "◐": "~",
    "•": "*",
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "‑": "-",
    "─": "-",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "→": "->",
    "×": "x",
    "÷": "/",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "█": "#",
    "▒": "+",
    "░": ".",
}
"""Replacements for signs; letters lose their accents."""


def replace_signs(problem: UnicodeError) -> tuple[str, int]:
    """Replace characters that can't be encoded, as codecs ask for it."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lacking = problem.object[problem.start : problem.end]
    return "".join(map(_replace, lacking)), problem.end


def _replace(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return SIGNS.get(char) or plain or "?"


codecs.register_error(PLAIN_SIGNS, replace_signs)
