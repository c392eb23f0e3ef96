"""Draws a chart as a card that can be read on a light and on a dark page.

The card is opaque with a border of its own, so that its contrasts do not hang on what is around
it. Its colours are from the palette of Okabe and Ito, which the colour-blind can tell apart; what
they mean is said in words or by a pattern, too.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from adapters.charts.lettering import Lettering
from bot.engine.screens import Bar, BarChart

SCALE = 2
"""Pixels of the picture for one on the screen."""

CARD, EDGE, TRACK, INK, SOFT = "#f8f8f9", "#858b94", "#e4e6ea", "#1c1d20", "#4d535b"
BLUE, SKY, VERMILION = "#0072b2", "#56b4e9", "#d55e00"

WIDTH, MARGIN, RADIUS = 720 * SCALE, 26 * SCALE, 12 * SCALE
"""Wide rather than high: clients show a picture only so high, and make a high one small."""

LABELS = 300 * SCALE
"""The most that labels take of the width; a longer one goes on in the next line."""

TITLE, LINE, THICK = 34 * SCALE, 21 * SCALE, 16 * SCALE
"""Heights: of a line of the title, of a line of text, and of a bar."""

GAP, SPACE, HATCH = 12 * SCALE, 9 * SCALE, 5 * SCALE
"""Between one column and the next, one row and the next, one stroke and the next."""

BASE = 16 * SCALE
"""From the top of a line of text to its baseline."""


def png(chart: BarChart) -> bytes:
    """The chart as a PNG: always the same bytes for the same chart."""
    return _Card(chart).png()


class _Card:
    """Measures everything first: the columns are as wide, and the card as high, as they need."""

    def __init__(self, chart: BarChart) -> None:
        self._chart = chart
        self._title = Lettering(20 * SCALE, 700)
        self._text, self._bold = Lettering(15 * SCALE), Lettering(15 * SCALE, 700)
        self._small = Lettering(13 * SCALE)
        self._heading = self._title.lines(chart.title, WIDTH - 2 * MARGIN)
        self._rows = [(bar, self._lines(bar)) for bar in chart.bars]
        places = max((self._bold.width(bar.place) for bar in chart.bars), default=0)
        labels = max((self._taken(bar, lines) for bar, lines in self._rows), default=0)
        notes = max((self._small.width(bar.note) for bar in chart.bars), default=0)
        self._label = round(MARGIN + (places and places + GAP))
        self._bar = round(self._label + labels + GAP)
        self._end = round(WIDTH - MARGIN - notes - GAP)

    def png(self) -> bytes:
        """The whole card."""
        rows = sum(len(lines) * LINE + SPACE for _, lines in self._rows)
        legend = TITLE if self._chart.legend else 0
        height = 2 * MARGIN + len(self._heading) * TITLE + rows - SPACE + legend
        image = Image.new("RGBA", (WIDTH, height))
        draw = ImageDraw.Draw(image)
        edge = (0, 0, WIDTH - 1, height - 1)
        draw.rounded_rectangle(edge, RADIUS, fill=CARD, outline=EDGE, width=SCALE)
        top = MARGIN - 4 * SCALE
        for line in self._heading:
            self._title.write(draw, MARGIN, top + 18 * SCALE, line, INK, self._chart.title)
            top += TITLE
        for bar, lines in self._rows:
            self._row(image, bar, lines, top)
            top += len(lines) * LINE + SPACE
        if self._chart.legend:
            self._legend(image, top + 8 * SCALE)
        out = BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def _row(self, image: Image.Image, bar: Bar, lines: list[str], top: int) -> None:
        draw, base = ImageDraw.Draw(image), top + BASE
        place = self._label - GAP - self._bold.width(bar.place)
        self._bold.write(draw, place, base, bar.place, INK)
        for number, line in enumerate(lines):
            here = base + number * LINE
            self._face(bar).write(draw, self._label, here, line, INK, bar.label)
        if bar.own:
            self._badge(draw, self._label + self._face(bar).width(lines[0]), top, bar.own)
        middle = top + LINE // 2
        track = (self._bar, middle - THICK // 2, self._end, middle + THICK // 2)
        _parts(image, track, bar)
        note = WIDTH - MARGIN - self._small.width(bar.note)
        self._small.write(draw, note, base, bar.note, SOFT)

    def _badge(self, draw: ImageDraw.ImageDraw, left: float, top: int, text: str) -> None:
        """Marks the own bar in a word."""
        left += 8 * SCALE
        right = left + self._small.width(text) + 14 * SCALE
        draw.rounded_rectangle((left, top + SCALE, right, top + LINE), 10 * SCALE, fill=INK)
        self._small.write(draw, left + 7 * SCALE, top + 15 * SCALE, text, CARD)

    def _legend(self, image: Image.Image, top: int) -> None:
        """What the parts of the bars are."""
        left = self._label
        for number, text in enumerate(self._chart.legend):
            key = Image.new("RGBA", (26 * SCALE, THICK))
            _fill(key, 0, key.width, number)
            image.paste(key, (left, top + 3 * SCALE))
            left += key.width + 8 * SCALE
            self._small.write(ImageDraw.Draw(image), left, top + BASE, text, SOFT)
            left += round(self._small.width(text)) + 24 * SCALE

    def _lines(self, bar: Bar) -> list[str]:
        return self._face(bar).lines(bar.label, LABELS - self._taken(bar, []))

    def _taken(self, bar: Bar, lines: list[str]) -> float:
        """The width of a label with its badge."""
        badge = self._small.width(bar.own) + 22 * SCALE if bar.own else 0
        return badge + max(map(self._face(bar).width, lines), default=0)

    def _face(self, bar: Bar) -> Lettering:
        return self._bold if bar.own else self._text


def _parts(image: Image.Image, box: tuple[int, int, int, int], bar: Bar) -> None:
    """The parts of a bar in its track."""
    left, top, right, bottom = box
    filled = Image.new("RGBA", (right - left, bottom - top), TRACK)
    start = 0
    for number, part in enumerate(bar.parts):
        end = round(filled.width * sum(bar.parts[: number + 1]) / bar.total)
        if part:
            _fill(filled, start, max(end, start + SCALE), number, own=bool(bar.own))
        start = end
    shape = Image.new("L", filled.size)
    corners = (0, 0, filled.width - 1, filled.height - 1)
    ImageDraw.Draw(shape).rounded_rectangle(corners, 4 * SCALE, fill=255)
    image.paste(filled, (left, top), shape)


def _fill(image: Image.Image, start: int, end: int, number: int, *, own: bool = False) -> None:
    """One part of a bar: the first one plain, the next one hatched."""
    part = Image.new("RGBA", (end - start, image.height), VERMILION if own else BLUE)
    if number:
        part.paste(SKY, (0, 0, *part.size))
        draw = ImageDraw.Draw(part)
        for x in range(-part.height, part.width, HATCH):
            draw.line((x, part.height, x + part.height, 0), fill=BLUE, width=SCALE)
    image.paste(part, (start, 0))
