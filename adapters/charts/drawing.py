"""Draws a chart as a card that's readable on light and dark backgrounds.

The card is opaque and has its own border, so its contrast doesn't depend on what's around it. Its
colors are from the palette of Okabe and Ito, which color-blind people can distinguish; words or a
pattern say what they mean, too.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from adapters.charts.lettering import Lettering
from bot.engine.screens import Bar, BarChart

SCALE = 2
"""Pixels in the picture per pixel on the screen."""

CARD, EDGE, TRACK, INK, SOFT = "#f8f8f9", "#858b94", "#e4e6ea", "#1c1d20", "#4d535b"
BLUE, SKY, VERMILION = "#0072b2", "#56b4e9", "#d55e00"

WIDTH, MARGIN, RADIUS = 720 * SCALE, 26 * SCALE, 12 * SCALE
"""Wide rather than tall: clients limit a picture's height, and shrink a tall one."""

MAX_LABEL_WIDTH = 300 * SCALE
"""A longer label wraps."""

TITLE_HEIGHT, LINE_HEIGHT, BAR_HEIGHT = 34 * SCALE, 21 * SCALE, 16 * SCALE
COLUMN_GAP, ROW_GAP, HATCH_GAP = 12 * SCALE, 9 * SCALE, 5 * SCALE
BASELINE = 16 * SCALE
"""From the top of a text line to its baseline."""


def png(chart: BarChart) -> bytes:
    """The chart as a PNG: always the same bytes for the same chart."""
    return _Card(chart).png()


class _Card:
    """Measures everything first, so columns are as wide and the card as tall as they need to be."""

    def __init__(self, chart: BarChart) -> None:
        self._chart = chart
        self._title = Lettering(20 * SCALE, 700)
        self._regular, self._bold = Lettering(15 * SCALE), Lettering(15 * SCALE, 700)
        self._small = Lettering(13 * SCALE)
        self._heading = self._title.wrap(chart.title, WIDTH - 2 * MARGIN)
        self._rows = [(bar, self._wrap_label(bar)) for bar in chart.bars]
        places = max((self._bold.width(bar.place) for bar in chart.bars), default=0)
        labels = max((self._label_width(bar, lines) for bar, lines in self._rows), default=0)
        notes = max((self._small.width(bar.note) for bar in chart.bars), default=0)
        self._label_left = round(MARGIN + (places and places + COLUMN_GAP))
        self._bar_left = round(self._label_left + labels + COLUMN_GAP)
        self._bar_right = round(WIDTH - MARGIN - notes - COLUMN_GAP)

    def png(self) -> bytes:
        """The whole card as a PNG."""
        rows = sum(len(lines) * LINE_HEIGHT + ROW_GAP for _, lines in self._rows)
        legend = TITLE_HEIGHT if self._chart.legend else 0
        height = 2 * MARGIN + len(self._heading) * TITLE_HEIGHT + rows - ROW_GAP + legend
        image = Image.new("RGBA", (WIDTH, height))
        draw = ImageDraw.Draw(image)
        edge = (0, 0, WIDTH - 1, height - 1)
        draw.rounded_rectangle(edge, RADIUS, fill=CARD, outline=EDGE, width=SCALE)
        top = MARGIN - 4 * SCALE
        for line in self._heading:
            self._title.write(draw, MARGIN, top + 18 * SCALE, line, INK, self._chart.title)
            top += TITLE_HEIGHT
        for bar, lines in self._rows:
            self._draw_row(image, bar, lines, top)
            top += len(lines) * LINE_HEIGHT + ROW_GAP
        if self._chart.legend:
            self._draw_legend(image, top + 8 * SCALE)
        out = BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def _draw_row(self, image: Image.Image, bar: Bar, lines: list[str], top: int) -> None:
        draw, base = ImageDraw.Draw(image), top + BASELINE
        place = self._label_left - COLUMN_GAP - self._bold.width(bar.place)
        self._bold.write(draw, place, base, bar.place, INK)
        for number, line in enumerate(lines):
            here = base + number * LINE_HEIGHT
            self._lettering(bar).write(draw, self._label_left, here, line, INK, bar.label)
        if bar.own:
            self._draw_badge(
                draw, self._label_left + self._lettering(bar).width(lines[0]), top, bar.own
            )
        middle = top + LINE_HEIGHT // 2
        track = (
            self._bar_left,
            middle - BAR_HEIGHT // 2,
            self._bar_right,
            middle + BAR_HEIGHT // 2,
        )
        _draw_bar(image, track, bar)
        note = WIDTH - MARGIN - self._small.width(bar.note)
        self._small.write(draw, note, base, bar.note, SOFT)

    def _draw_badge(self, draw: ImageDraw.ImageDraw, left: float, top: int, text: str) -> None:
        """Mark the reader's own bar with a word."""
        left += 8 * SCALE
        right = left + self._small.width(text) + 14 * SCALE
        draw.rounded_rectangle((left, top + SCALE, right, top + LINE_HEIGHT), 10 * SCALE, fill=INK)
        self._small.write(draw, left + 7 * SCALE, top + 15 * SCALE, text, CARD)

    def _draw_legend(self, image: Image.Image, top: int) -> None:
        """Explain the parts of the bars."""
        left = self._label_left
        for number, text in enumerate(self._chart.legend):
            key = Image.new("RGBA", (26 * SCALE, BAR_HEIGHT))
            _draw_part(key, 0, key.width, number)
            image.paste(key, (left, top + 3 * SCALE))
            left += key.width + 8 * SCALE
            self._small.write(ImageDraw.Draw(image), left, top + BASELINE, text, SOFT)
            left += round(self._small.width(text)) + 24 * SCALE

    def _wrap_label(self, bar: Bar) -> list[str]:
        return self._lettering(bar).wrap(bar.label, MAX_LABEL_WIDTH - self._label_width(bar, []))

    def _label_width(self, bar: Bar, lines: list[str]) -> float:
        """The width of a label with its badge."""
        badge = self._small.width(bar.own) + 22 * SCALE if bar.own else 0
        return badge + max(map(self._lettering(bar).width, lines), default=0)

    def _lettering(self, bar: Bar) -> Lettering:
        return self._bold if bar.own else self._regular


def _draw_bar(image: Image.Image, box: tuple[int, int, int, int], bar: Bar) -> None:
    """Draw the parts of a bar in its track."""
    left, top, right, bottom = box
    filled = Image.new("RGBA", (right - left, bottom - top), TRACK)
    start = 0
    for number, part in enumerate(bar.parts):
        end = round(filled.width * sum(bar.parts[: number + 1]) / bar.total)
        if part:
            _draw_part(filled, start, max(end, start + SCALE), number, own=bool(bar.own))
        start = end
    shape = Image.new("L", filled.size)
    corners = (0, 0, filled.width - 1, filled.height - 1)
    ImageDraw.Draw(shape).rounded_rectangle(corners, 4 * SCALE, fill=255)
    image.paste(filled, (left, top), shape)


def _draw_part(image: Image.Image, start: int, end: int, number: int, *, own: bool = False) -> None:
    """Draw one part of a bar: the first one plain, later ones hatched."""
    part = Image.new("RGBA", (end - start, image.height), VERMILION if own else BLUE)
    if number:
        part.paste(SKY, (0, 0, *part.size))
        draw = ImageDraw.Draw(part)
        for x in range(-part.height, part.width, HATCH_GAP):
            draw.line((x, part.height, x + part.height, 0), fill=BLUE, width=SCALE)
    image.paste(part, (start, 0))
