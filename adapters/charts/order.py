"""The visual order of text that's written from right to left, entirely or in part.

The Unicode bidirectional algorithm (UAX 9), with its rule names, but without explicit direction
characters: they are stripped from names.
"""

from __future__ import annotations

import re
from itertools import groupby
from unicodedata import bidirectional

_KINDS = {"L": "L", "R": "R", "AL": "A", "EN": "E", "AN": "N", "ES": "S", "CS": "C", "ET": "T"}
_KINDS |= {"NSM": "M", "BN": "M"}
_OTHER = "O"

_WEAK = (
    (r"(?<=A)[^LRA]+", "E", "N"),  # W2
    (r"A+", "A", "R"),  # W3
    (r"(?<=E)[SC](?=E)", "SC", "E"),  # W4
    (r"(?<=N)C(?=N)", "C", "N"),
    (r"(?<=E)T+|T+(?=E)", "T", "E"),  # W5
    (r"[SCT]+", "SCT", _OTHER),  # W6
    (r"(?<=L)[^LR]+", "E", "L"),  # W7
)
"""Where; the kinds to replace; their new kind."""

_DIRECTIONS = str.maketrans("EN", "RR")
_OPENING = {")": "(", "]": "[", "}": "{"}


def base_direction(text: str) -> str:
    """The direction of the first letter that has one: L or R."""
    kinds = map(bidirectional, text)
    return next((kind[:1].replace("A", "R") for kind in kinds if kind in ("L", "R", "AL")), "L")


def visual_runs(text: str, base: str) -> list[tuple[bool, str]]:
    """The text in runs of one direction each, in visual order from left to right: whether the run
    is written from right to left, and its text."""
    levels = _resolve_levels(text, base)
    runs = [
        (level, "".join(char for _, char in run))
        for level, run in groupby(zip(levels, text, strict=True), lambda each: each[0])
    ]
    groups = groupby(runs, lambda run: run[0] > 0)  # L2
    seen = [run for turned, each in groups for run in ([*each][::-1] if turned else each)]
    return [(level == 1, part) for level, part in seen]


def _resolve_levels(text: str, base: str) -> list[int]:
    """The embedding level of each character; odd levels run from right to left."""
    # The base direction is added at both ends, so that every character has neighbors.
    kinds = base + "".join(_KINDS.get(bidirectional(char), _OTHER) for char in text)
    if not set(kinds) & set("RAN"):
        return [0] * len(text)
    kinds = re.sub(r"(.)M+", lambda found: found[1] * len(found[0]), kinds)  # W1
    for where, old, new in _WEAK:
        kinds = _replace_kinds(kinds, where, old, new)
    kinds = _resolve_brackets(text, kinds, base) + base
    kinds = re.sub(f"{_OTHER}+", lambda found: _resolve_neutral(found, base), kinds)  # N1, N2
    above = {"L": 2, "R": 1} if base == "R" else {"L": 0, "R": 1}
    return [above.get(kind, 2) for kind in kinds[1:-1]]


def _replace_kinds(kinds: str, where: str, old: str, new: str) -> str:
    return re.sub(where, lambda found: re.sub(f"[{old}]", new, found[0]), kinds)


def _resolve_brackets(text: str, kinds: str, base: str) -> str:
    """Brackets take the direction of what they enclose (N0)."""
    found, pairs, opened = list(kinds), [], []
    for at, char in enumerate(text, 1):
        if char in _OPENING.values():
            opened.append((char, at))
        while char in _OPENING and any(_OPENING[char] == each for each, _ in opened):
            each, start = opened.pop()
            if each == _OPENING[char]:
                pairs.append((start, at))
                break
    for start, end in sorted(pairs):
        now = "".join(found).translate(_DIRECTIONS)
        sides = set(now[start:end]) & {"L", "R"}
        before = re.findall("[LR]", now[:start])[-1]
        if sides:
            found[start] = found[end] = base if base in sides else before
    return "".join(found)


def _resolve_neutral(found: re.Match[str], base: str) -> str:
    """Neutral characters take the direction of their neighbors if those agree, else the base (N1,
    N2)."""
    sides = {found.string[at].translate(_DIRECTIONS) for at in (found.start() - 1, found.end())}
    return (sides.pop() if len(sides) == 1 else base) * len(found[0])
