"""Files that go with Discord's messages."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

from discord import File

from adapters.charts import Pictures, in_words
from adapters.discord.markdown import shortened
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

ALT = 1024
"""Characters that may describe a picture. Source: Discord's documentation, "Attachment"."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to go with a message, and what it shows in words."""

    name: str
    content: bytes
    alt: str | None = None

    def file(self) -> File:
        """As it is sent, which can be done once."""
        return File(io.BytesIO(self.content), self.name, description=self.alt)


async def draw(screen: Screen, pictures: Pictures) -> tuple[Screen, tuple[Upload, ...]]:
    """The screen with its picture, if it has one; in words where that can't be drawn."""
    if screen.picture is None:
        return screen, ()
    try:
        png = await pictures.png(screen.picture)
    except Exception:
        log.exception("a picture could not be drawn")
        return in_words(screen), ()
    return screen, (Upload("picture.png", png, shortened(screen.picture.alt, ALT)),)
