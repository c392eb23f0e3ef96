"""Pictures of charts, for the platforms that can show them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import lru_cache

from bot.engine.screens import BarChart, Screen, join_texts

KEPT = 64
"""Pictures remembered: a board that many look at is drawn once."""

NO_PICTURE = "The picture could not be shown this time. The text says the same."


class Pictures:
    """Draws charts off the event loop, and remembers the latest."""

    def __init__(self) -> None:
        self._drawn = lru_cache(maxsize=KEPT)(_drawn)

    async def png(self, chart: BarChart) -> bytes:
        """The chart as a PNG."""
        return await asyncio.to_thread(self._drawn, chart)


def in_words(screen: Screen) -> Screen:
    """A screen whose picture could not be drawn or sent, and says so."""
    notes = (screen.note, NO_PICTURE) if screen.note else (NO_PICTURE,)
    return replace(screen, picture=None, note=join_texts(notes, " · "))


def _drawn(chart: BarChart) -> bytes:
    # Pillow is big, and a bot of which nobody wants a picture starts without it.
    from adapters.charts.drawing import png

    return png(chart)
