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

from PIL import ImageDraw, ImageFont, features

from adapters.charts.order import base_direction, visual_runs
from bot.engine.text import JOINERS

NONCHARACTER = "\U0010fffe"
"""Not a character: drawn as a font draws what it lacks."""

PLACEHOLDER = "·"
"""Stands for a character that no font has."""

MAX_MARKS = 3
"""Marks that a letter may carry: no script needs more, and a tower of them would reach into the
lines around it."""

HAS_RAQM = features.check("raqm")
"""Whether letters are joined and put in order by a library, which is not on every machine."""

_AFTER_JOINER = re.compile(f"(?<=[{JOINERS}])(?=.)")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3$")
_MIRRORED = str.maketrans("()[]{}", ")(][}{")
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u034f\u180b-\u180d\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What is not seen itself, but says how the characters beside it are drawn."""


class Face:
    """One font at one size."""

    def __init__(self, path: str, size: float, weight: int) -> None:
        self._path, self._size, self._weight = path, size, weight
        # Shaped, a mark that the font lacks comes on a circle, and would look like one it has.
        self._unshaped = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """What writes."""
        font = ImageFont.truetype(self._path, self._size)
        if "[wght]" in self._path:
            font.set_variation_by_axes([self._weight])
        return font

    def can_draw(self, text: str) -> bool:
        """Whether the font can draw every character that is seen."""
        return all(self._glyph(char) != self._missing_glyph for char in _INVISIBLE.sub("", text))

    @cached_property
    def _missing_glyph(self) -> bytes:
        return self._glyph(NONCHARACTER)

    def _glyph(self, char: str) -> bytes:
        return bytes(self._unshaped.getmask(char))


class Lettering:
    """Writes in one size and weight. Faces are opened when a character asks for them; they are not
    to be shared by threads."""

    def __init__(self, size: float, weight: int = 400) -> None:
        self.size = size
        self._weight = weight
        self._paths = _font_paths()
        self._faces: list[Face] = []
        self._cache: dict[str, list[tuple[Face, str]]] = {}

    def width(self, text: str) -> float:
        """How many pixels a line takes."""
        return sum(
            face.font.getlength(part, direction=way) for face, part, way in self.split_runs(text)
        )

    def write(
        self,
        draw: ImageDraw.ImageDraw,
        left: float,
        base: float,
        text: str,
        colour: str,
        whole: str = "",
    ) -> None:
        """Write a line from a point on its baseline: in the direction of the whole that it is a
        line of."""
        for face, part, way in self.split_runs(text, whole):
            draw.text((left, base), part, fill=colour, font=face.font, anchor="ls", direction=way)
            left += face.font.getlength(part, direction=way)

    def wrap(self, text: str, width: float) -> list[str]:
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
            for cluster in _split_clusters(word):
                if found[-1] and self.width(found[-1] + cluster) > width:
                    found.append("")
                found[-1] += cluster
        return found

    def split_runs(self, text: str, whole: str = "") -> Iterator[tuple[Face, str, str | None]]:
        """The text in parts of one font and direction each, from left to right."""
        for turned, part in visual_runs(text, base_direction(whole or text)):
            found = [*self._split_by_font(part)]
            for face, run in found[::-1] if turned else found:
                if HAS_RAQM:
                    yield face, run, "rtl" if turned else "ltr"
                else:
                    yield face, _reverse(run) if turned else run, None

    def _split_by_font(self, text: str) -> Iterator[tuple[Face, str]]:
        """The text in parts of one font each. A mark stays with its letter, and a sign or space
        with the letters before it where their font has it."""
        face, part = None, ""
        for cluster in _split_clusters(text):
            stays = (
                face and part[:1].isalpha() and not cluster[0].isalnum() and face.can_draw(cluster)
            )
            for fits, shown in [(face, cluster)] if face and stays else self._fonts_for(cluster):
                if face and fits is not face:
                    yield face, part
                    part = ""
                face, part = fits, part + shown
        if face:
            yield face, part

    def _fonts_for(self, cluster: str) -> list[tuple[Face, str]]:
        """What is drawn of a cluster, each part by the first font that has it."""
        if cluster not in self._cache:
            self._cache[cluster] = self._find_fonts(cluster)
        return self._cache[cluster]

    def _find_fonts(self, cluster: str) -> list[tuple[Face, str]]:
        # A letter in another style, as bold or script, is drawn plain where no font has it.
        for form in dict.fromkeys((cluster, unicodedata.normalize("NFKC", cluster))):
            for number in range(len(self._paths)):
                if self._open_face(number).can_draw(form):
                    return [(self._open_face(number), form)]
        if len(cluster) == 1:
            return [(self._open_face(0), PLACEHOLDER)]
        if len(joined := _AFTER_JOINER.split(cluster)) > 1:
            return [run for part in joined for run in self._fonts_for(part)]
        [(face, letter)] = self._fonts_for(cluster[0])
        return [(face, letter + "".join(mark for mark in cluster[1:] if face.can_draw(mark)))]

    def _open_face(self, number: int) -> Face:
        if number == len(self._faces):
            self._faces.append(Face(self._paths[number], self.size, self._weight))
        return self._faces[number]


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen: controls, and what turns text around."""
    shown, marks = "", 0
    for char in _SPACE.sub(" ", text):
        kind = unicodedata.category(char)
        if kind == "Me" and not _KEYCAP.search(shown + char):
            continue  # A circle or a key drawn over a letter hides it, and its neighbours.
        marks = marks + 1 if kind.startswith("M") else 0
        if marks <= MAX_MARKS and (char in JOINERS or kind not in ("Cc", "Cf", "Cs")):
            shown += char
    # The fonts have the syllables of Hangul, and not what they are made of.
    return unicodedata.normalize("NFC", shown.strip()) or PLACEHOLDER


def _split_clusters(text: str) -> Iterator[str]:
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


def _reverse(text: str) -> str:
    return "".join([*_split_clusters(text)][::-1]).translate(_MIRRORED)


def _font_paths() -> list[str]:
    """The fonts, those likeliest to be needed first."""
    noto, ours = files("manimgx_fonts"), files("adapters.charts")
    likely = ("NotoSans[wght].ttf", "wqy-microhei.ttc", "NotoEmoji[wght].ttf")
    rest = sorted(
        each.name
        for each in noto.iterdir()
        if each.name.endswith("[wght].ttf") and "Italic" not in each.name
    )
    names = dict.fromkeys((*likely, *rest))
    return [str((ours if name.endswith(".ttc") else noto) / name) for name in names]
