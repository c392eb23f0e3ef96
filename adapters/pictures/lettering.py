"""Text in any script: which font has a character, and where a line is broken.

The Noto fonts come as a package; `wqy-microhei.ttc` beside this file (WenQuanYi Micro Hei, Apache
2.0) adds Chinese, Japanese and Korean in a fraction of the size.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files

from PIL import ImageDraw, ImageFont

NOBODY_HAS = "\U0010fffe"
"""Not a character: drawn as a font draws what it lacks."""

UNKNOWN = "·"
"""Stands for a character that no font has."""

MARKS = 3
"""Marks that a letter may carry: no script needs more, and a tower of them would reach into the
lines around it."""

JOINERS = "\u200c\u200d"
_SPACE = re.compile(r"\s+")


class Face:
    """One font at one size."""

    def __init__(self, path: str, size: float, weight: int) -> None:
        self.font = ImageFont.truetype(path, size)
        if "[wght]" in path:
            self.font.set_variation_by_axes([weight])

    def has(self, char: str) -> bool:
        """Whether the font can draw a character."""
        return bytes(self.font.getmask(char)) != self._lacking

    @cached_property
    def _lacking(self) -> bytes:
        return bytes(self.font.getmask(NOBODY_HAS))


class Lettering:
    """Writes in one size and weight. Faces are opened when a character asks for them; they are not
    to be shared by threads."""

    def __init__(self, size: float, weight: int = 400) -> None:
        self.size = size
        self._weight = weight
        self._paths = _paths()
        self._faces: list[Face] = []
        self._known: dict[str, Face | None] = {}

    def width(self, text: str) -> float:
        """How many pixels a line takes."""
        return sum(face.font.getlength(part) for face, part in self._runs(text))

    def write(
        self, draw: ImageDraw.ImageDraw, left: float, base: float, text: str, colour: str
    ) -> None:
        """Write a line from a point on its baseline."""
        for face, part in self._runs(text):
            draw.text((left, base), part, fill=colour, font=face.font, anchor="ls")
            left += face.font.getlength(part)

    def lines(self, text: str, width: float) -> list[str]:
        """The text in lines of at most so many pixels, broken between words, and within one only
        where it is longer than a line."""
        found = [""]
        for word in clean(text).split(" "):
            joined = f"{found[-1]} {word}".strip()
            if self.width(joined) <= width:
                found[-1] = joined
                continue
            if found[-1]:
                found.append("")
            for cluster in _clusters(word):
                if found[-1] and self.width(found[-1] + cluster) > width:
                    found.append("")
                found[-1] += cluster
        return found

    def _runs(self, text: str) -> Iterator[tuple[Face, str]]:
        """The text in parts of one font each. A mark stays with its letter, and a sign or space
        with the letters before it where their font has it, so that what is written from right to
        left stays together."""
        face, part = None, ""
        for cluster in _clusters(text):
            char = cluster[0]
            stays = face and part[:1].isalnum() and not char.isalnum() and face.has(char)
            fits = face if stays else self._face(char)
            shown = cluster if fits else UNKNOWN
            fits = fits or self._opened(0)
            if face and fits is not face:
                yield face, part
                part = ""
            face, part = fits, part + shown
        if face:
            yield face, part

    def _face(self, char: str) -> Face | None:
        """The first font that has a character."""
        if char not in self._known:
            faces = (self._opened(number) for number in range(len(self._paths)))
            self._known[char] = next((face for face in faces if face.has(char)), None)
        return self._known[char]

    def _opened(self, number: int) -> Face:
        if number == len(self._faces):
            self._faces.append(Face(self._paths[number], self.size, self._weight))
        return self._faces[number]


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen: controls, and what turns text around."""
    shown, marks = "", 0
    for char in _SPACE.sub(" ", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind.startswith("M") else 0
        if marks <= MARKS and (char in JOINERS or kind not in ("Cc", "Cf", "Cs")):
            shown += char
    return shown.strip() or UNKNOWN


def _clusters(text: str) -> Iterator[str]:
    """Characters with the marks and joined characters that belong to them."""
    found = ""
    for char in text:
        belongs = unicodedata.category(char).startswith("M") or char in JOINERS
        if found and not belongs and found[-1] not in JOINERS:
            yield found
            found = ""
        found += char
    if found:
        yield found


def _paths() -> list[str]:
    """The fonts, those likeliest to be needed first."""
    noto, ours = files("manimgx_fonts"), files("adapters.pictures")
    likely = ("NotoSans[wght].ttf", "wqy-microhei.ttc", "NotoEmoji[wght].ttf")
    rest = sorted(
        each.name
        for each in noto.iterdir()
        if each.name.endswith("[wght].ttf") and "Italic" not in each.name
    )
    names = dict.fromkeys((*likely, *rest))
    return [str((ours if name.endswith(".ttc") else noto) / name) for name in names]
