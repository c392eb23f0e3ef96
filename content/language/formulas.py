"""Formulas in texts, as chats can show them: in Unicode where that's exact, else as code."""

from __future__ import annotations

import re
from functools import lru_cache

_FORMULA = re.compile(
    r"`[^`]*`|\$\$(?P<block>[^$`]+)\$\$|(?<![$\\\w])\$(?P<line>[^\s$`](?:[^$`]*[^\s$`])?)\$(?![$\w])"
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_FUNCTION = re.compile(
    r"\\(arccos|arcsin|arctan|arg|cos|cosh|cot|deg|det|dim|exp|gcd|inf|ker|lim|ln|log|max|min|mod|"
    r"sin|sinh|sup|tan|tanh)(?![A-Za-z])"
)
_WORDS = re.compile(r"\\(?:text|mathrm|operatorname|textrm)\{([\w .,-]*)\}")
_SPACE = re.compile(r"\\(?:[,;:! ]|quad(?![A-Za-z])|qquad(?![A-Za-z]))")
_BRACES = str.maketrans({"\x01": "{", "\x02": "}"})


def show_formulas(text: str) -> str:
    """The text with its formulas readable; what's in backticks stays."""
    return _FORMULA.sub(_show, text) if "$" in text else text


def _show(found: re.Match[str]) -> str:
    latex = (found["block"] or found["line"] or "").strip()
    return (to_unicode(latex) or f"`{latex}`") if latex else found[0]


def to_unicode(latex: str) -> str:
    """A formula in Unicode, or nothing if that would lose something of it."""
    import unicodeit

    plain = latex.replace(r"\{", "\x01").replace(r"\}", "\x02")
    plain = _FUNCTION.sub(_write_function, _SPACE.sub(" ", _WORDS.sub(r"\1", plain)))
    if not _known_commands().issuperset(_COMMAND.findall(plain)):
        return ""
    shown = str(unicodeit.replace(plain))
    return "" if re.search(r"[\\^_{}&]", shown) else shown.translate(_BRACES)


def _write_function(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    return f" {found[1]}" if before.isalnum() or before == ")" else found[1]


@lru_cache(maxsize=1)
def _known_commands() -> frozenset[str]:
    from unicodeit.data import COMBININGMARKS, REPLACEMENTS

    # A combining mark stands over one letter at most, so a word's isn't exact.
    marks = {latex for latex, _ in COMBININGMARKS}
    return frozenset(_COMMAND.findall(" ".join(latex for latex, _ in REPLACEMENTS))) - marks
