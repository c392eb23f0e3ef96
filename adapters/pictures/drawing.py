"""Draws a chart as a card that can be read on a light and on a dark page.

The card is opaque with a border of its own, so that its contrasts do not hang on what is around
it. Its colours are from the palette of Okabe and Ito, which the colour-blind can tell apart; what
they mean is said in words or by a pattern, too.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from adapters.pictures.lettering import Lettering, clean
from bot.engine.screens import Bar, BarChart

SCALE = 2
"""Pixels of the picture for one on the screen."""

CARD, EDGE, TRACK, INK, SOFT = "#f8f8f9", "#858b94", "#e4e6ea", "#1c1d20", "#4d535b"
BLUE, SKY, VERMILION = "#0072b2", "#56b4e9", "#d55e00"

WIDTH, MARGIN, RADIUS = 600 * SCALE, 28 * SCALE, 12 * SCALE
LINE, THICK, GAP, SPACE = 24 * SCALE, 12 * SCALE, 5 * SCALE, 14 * SCALE
"""Heights: of a line of text, of a bar, between the two, and between one bar and the next."""

HATCH = 5 * SCALE


def png(chart: BarChart) -> bytes:
    """The chart as a PNG: always the same bytes for the same chart."""
    return _Card(chart).png()


class _Card:
    """Measures everything first, so that the card is as high as its text needs."""

    def __init__(self, chart: BarChart) -> None:
        self._chart = chart
        self._title = Lettering(20 * SCALE, 700)
        self._text, self._bold = Lettering(15 * SCALE), Lettering(15 * SCALE, 700)
        self._small = Lettering(13 * SCALE)
        places = [self._bold.width(bar.place) for bar in chart.bars]
        self._indent = max(places, default=0) and max(places) + 10 * SCALE
        room = WIDTH - 2 * MARGIN
        self._heading = self._title.lines(chart.title, room)
        self._labels = [self._lines(bar, room - self._indent) for bar in chart.bars]

    def _lines(self, bar: Bar, room: float) -> list[str]:
        taken = self._small.width(bar.note) + 16 * SCALE
        if bar.own:
            taken += self._badge(bar.own) + 8 * SCALE
        return self._face(bar).lines(bar.label, room - taken)

    def _face(self, bar: Bar) -> Lettering:
        return self._bold if bar.own else self._text

    def _badge(self, text: str) -> float:
        return self._small.width(text) + 14 * SCALE

    def png(self) -> bytes:
        """The whole card."""
        rows = sum(len(lines) * LINE + GAP + THICK + SPACE for lines in self._labels) - SPACE
        heading = len(self._heading) * 30 * SCALE + 10 * SCALE
        legend = 34 * SCALE if self._chart.legend else 0
        height = 2 * MARGIN - 8 * SCALE + heading + rows + legend
        image = Image.new("RGBA", (WIDTH, height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(image)
        box = (0, 0, WIDTH - 1, height - 1)
        draw.rounded_rectangle(box, RADIUS, fill=CARD, outline=EDGE, width=SCALE)
        top = MARGIN - 8 * SCALE
        for line in self._heading:
            self._title.write(draw, MARGIN, top + 22 * SCALE, line, INK)
            top += 30 * SCALE
        top += 10 * SCALE
        for bar, lines in zip(self._chart.bars, self._labels, strict=True):
            top = self._row(image, bar, lines, top)
        if self._chart.legend:
            self._legend(image, top + 6 * SCALE)
        out = BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def _row(self, image: Image.Image, bar: Bar, lines: list[str], top: int) -> int:
        """A bar under its label; the top of the next one."""
        draw = ImageDraw.Draw(image)
        left, base = MARGIN + self._indent, top + 17 * SCALE
        place = self._bold.width(bar.place)
        self._bold.write(draw, left - 10 * SCALE - place, base, bar.place, INK)
        note = WIDTH - MARGIN - self._small.width(bar.note)
        self._small.write(draw, note, base, bar.note, SOFT)
        face = self._face(bar)
        for number, line in enumerate(lines):
            face.write(draw, left, base + number * LINE, line, INK)
        if bar.own:
            end = left + face.width(lines[0]) + 8 * SCALE
            pill = (end, top + 3 * SCALE, end + self._badge(bar.own), top + 22 * SCALE)
            draw.rounded_rectangle(pill, 10 * SCALE, fill=INK)
            self._small.write(draw, end + 7 * SCALE, base, bar.own, CARD)
        top += len(lines) * LINE + GAP
        self._bar(image, (left, top, WIDTH - MARGIN, top + THICK), bar)
        return top + THICK + SPACE

    def _bar(self, image: Image.Image, box: tuple[float, float, float, float], bar: Bar) -> None:
        """The parts of a bar in its track."""
        left, top, right, bottom = (round(edge) for edge in box)
        size = right - left, bottom - top
        filled = Image.new("RGBA", size, TRACK)
        start = 0
        for number, part in enumerate(bar.parts):
            end = round(size[0] * sum(bar.parts[: number + 1]) / bar.most)
            if part:
                _fill(filled, start, max(end, start + SCALE), number, own=bool(bar.own))
            start = end
        shape = Image.new("L", size)
        ImageDraw.Draw(shape).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), THICK // 2, 255)
        image.paste(filled, (left, top), shape)

    def _legend(self, image: Image.Image, top: float) -> None:
        """What the parts of the bars are."""
        draw = ImageDraw.Draw(image)
        left = float(MARGIN)
        for number, text in enumerate(self._chart.legend):
            key = Image.new("RGBA", (26 * SCALE, THICK))
            _fill(key, 0, key.width, number)
            image.paste(key, (round(left), round(top + 4 * SCALE)))
            self._small.write(draw, left + 34 * SCALE, top + 15 * SCALE, text, SOFT)
            left += 34 * SCALE + self._small.width(clean(text)) + 24 * SCALE


def _fill(image: Image.Image, start: int, end: int, number: int, *, own: bool = False) -> None:
    """One part of a bar: the first one plain, the next one hatched."""
    part = Image.new("RGBA", (end - start, image.height), VERMILION if own else BLUE)
    if number:
        part.paste(SKY, (0, 0, *part.size))
        draw = ImageDraw.Draw(part)
        for x in range(-part.height, part.width, HATCH):
            draw.line((x, part.height, x + part.height, 0), fill=BLUE, width=SCALE)
    image.paste(part, (start, 0))
