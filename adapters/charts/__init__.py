"""Charts as pictures, for platforms that can show them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import lru_cache

from bot.engine.screens import BarChart, Screen, join_texts

CACHED_PICTURES = 64
"""A leaderboard that many people open is drawn once."""

PICTURE_MISSING = "Couldn't show the picture this time. The text has the same figures."


class Pictures:
    """Draws charts off the event loop, and caches the latest."""

    def __init__(self) -> None:
        self._draw_cached = lru_cache(maxsize=CACHED_PICTURES)(_draw)

    async def png(self, chart: BarChart) -> bytes:
        """The chart as a PNG."""
        return await asyncio.to_thread(self._draw_cached, chart)


def drop_picture(screen: Screen) -> Screen:
    """The screen without its picture, and with a note that says so."""
    notes = (screen.note, PICTURE_MISSING) if screen.note else (PICTURE_MISSING,)
    return replace(screen, picture=None, note=join_texts(notes, " · "))


def _draw(chart: BarChart) -> bytes:
    # Pillow is big: a bot that nobody asks for a picture starts without it.
    from adapters.charts.drawing import png

    return png(chart)
