"""Text in any script: which font has a character, and where a line wraps.

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
"""Drawn as each font draws a missing glyph."""

PLACEHOLDER = "·"
"""Replaces a character that no font has."""

MAX_MARKS = 3
"""Combining marks per letter: no script needs more, and a tall stack would reach into the lines
around it."""

HAS_RAQM = features.check("raqm")
"""Whether libraqm shapes and orders letters; not every machine has it."""

_AFTER_JOINER = re.compile(f"(?<=[{JOINERS}])(?=.)")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3$")
_MIRRORED = str.maketrans("()[]{}", ")(][}{")
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u034f\u180b-\u180d\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters that are invisible, but change how their neighbors are drawn."""


class Face:
    """One font at one size."""

    def __init__(self, path: str, size: float, weight: int) -> None:
        self._path, self._size, self._weight = path, size, weight
        # With shaping, a missing mark is drawn on a dotted circle and would look like a glyph.
        self._unshaped = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font, at its weight."""
        font = ImageFont.truetype(self._path, self._size)
        if "[wght]" in self._path:
            font.set_variation_by_axes([self._weight])
        return font

    def can_draw(self, text: str) -> bool:
        """Whether the font has every visible character."""
        return all(self._glyph(char) != self._missing_glyph for char in _INVISIBLE.sub("", text))

    @cached_property
    def _missing_glyph(self) -> bytes:
        return self._glyph(NONCHARACTER)

    def _glyph(self, char: str) -> bytes:
        return bytes(self._unshaped.getmask(char))


class Lettering:
    """Writes in one size and weight. Faces are opened when a character needs them; don't share them
    between threads."""

    def __init__(self, size: float, weight: int = 400) -> None:
        self.size = size
        self._weight = weight
        self._paths = _font_paths()
        self._faces: list[Face] = []
        self._cache: dict[str, list[tuple[Face, str]]] = {}

    def width(self, text: str) -> float:
        """Width of a line, in pixels."""
        return sum(
            face.font.getlength(part, direction=way) for face, part, way in self.split_runs(text)
        )

    def write(
        self,
        draw: ImageDraw.ImageDraw,
        left: float,
        base: float,
        text: str,
        color: str,
        whole: str = "",
    ) -> None:
        """Write a line from a point on its baseline, in the direction of the `whole` text it's
        from."""
        for face, part, way in self.split_runs(text, whole):
            draw.text((left, base), part, fill=color, font=face.font, anchor="ls", direction=way)
            left += face.font.getlength(part, direction=way)

    def wrap(self, text: str, width: float) -> list[str]:
        """The text in lines of at most `width` pixels, broken between words; a word is only split
        if it's longer than a line."""
        lines = [""]
        for word in clean(text).split(" "):
            joined = f"{lines[-1]} {word}".strip()
            if self.width(joined) <= width:
                lines[-1] = joined
                continue
            if lines[-1]:
                lines.append("")
            for cluster in _split_clusters(word):
                if lines[-1] and self.width(lines[-1] + cluster) > width:
                    lines.append("")
                lines[-1] += cluster
        return lines

    def split_runs(self, text: str, whole: str = "") -> Iterator[tuple[Face, str, str | None]]:
        """The text from left to right, in runs of one font and direction each."""
        for turned, part in visual_runs(text, base_direction(whole or text)):
            runs = [*self._split_by_font(part)]
            for face, run in runs[::-1] if turned else runs:
                if HAS_RAQM:
                    yield face, run, "rtl" if turned else "ltr"
                else:
                    yield face, _reverse(run) if turned else run, None

    def _split_by_font(self, text: str) -> Iterator[tuple[Face, str]]:
        """The text in runs of one font each. A mark stays with its letter, and a sign or space with
        the letters before it if their font has it."""
        face, part = None, ""
        for cluster in _split_clusters(text):
            stays = (
                face and part[:1].isalpha() and not cluster[0].isalnum() and face.can_draw(cluster)
            )
            for fits, drawn in [(face, cluster)] if face and stays else self._fonts_for(cluster):
                if face and fits is not face:
                    yield face, part
                    part = ""
                face, part = fits, part + drawn
        if face:
            yield face, part

    def _fonts_for(self, cluster: str) -> list[tuple[Face, str]]:
        """The drawable parts of a cluster, each with the first font that has it."""
        if cluster not in self._cache:
            self._cache[cluster] = self._find_fonts(cluster)
        return self._cache[cluster]

    def _find_fonts(self, cluster: str) -> list[tuple[Face, str]]:
        # A styled letter, such as bold or script, is drawn plain if no font has it.
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
    """The text on one line, without invisible controls and direction overrides."""
    cleaned, marks = "", 0
    for char in _SPACE.sub(" ", text):
        kind = unicodedata.category(char)
        if kind == "Me" and not _KEYCAP.search(cleaned + char):
            continue  # A circle or a key drawn over a letter hides it and its neighbors.
        marks = marks + 1 if kind.startswith("M") else 0
        if marks <= MAX_MARKS and (char in JOINERS or kind not in ("Cc", "Cf", "Cs")):
            cleaned += char
    # The fonts have Hangul syllables, but not their parts.
    return unicodedata.normalize("NFC", cleaned.strip()) or PLACEHOLDER


def _split_clusters(text: str) -> Iterator[str]:
    """Characters, each with its combining marks and joined characters."""
    cluster = ""
    for char in text:
        belongs = unicodedata.category(char).startswith("M") or char in JOINERS
        if cluster and not belongs and cluster[-1] not in JOINERS:
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _reverse(text: str) -> str:
    return "".join([*_split_clusters(text)][::-1]).translate(_MIRRORED)


def _font_paths() -> list[str]:
    """The fonts, the most likely ones first."""
    noto, ours = files("manimgx_fonts"), files("adapters.charts")
    likely = ("NotoSans[wght].ttf", "wqy-microhei.ttc", "NotoEmoji[wght].ttf")
    rest = sorted(
        each.name
        for each in noto.iterdir()
        if each.name.endswith("[wght].ttf") and "Italic" not in each.name
    )
    names = dict.fromkeys((*likely, *rest))
    return [str((ours if name.endswith(".ttc") else noto) / name) for name in names]
