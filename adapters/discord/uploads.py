"""Files attached to Discord messages."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import Any

from discord import File, MediaGalleryItem, ui

from adapters.charts import Pictures, drop_picture
from adapters.discord.markdown import shorten
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

MAX_ALT = 1024
"""Characters in a picture's description. Source: Discord's documentation, "Attachment"."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach to a message, with its alt text."""

    name: str
    content: bytes
    alt: str | None = None

    def file(self) -> File:
        """The file as discord.py sends it; it can be sent only once."""
        return File(io.BytesIO(self.content), self.name, description=self.alt)

    def component(self) -> ui.MediaGallery[Any] | ui.File[Any]:
        """What shows the file in a layout, which hides files that it doesn't name."""
        url = f"attachment://{self.name}"
        if self.alt is None:
            return ui.File(url)
        return ui.MediaGallery(MediaGalleryItem(url, description=self.alt))


async def draw(screen: Screen, pictures: Pictures) -> tuple[Screen, tuple[Upload, ...]]:
    """The screen and its picture, if it has one. If drawing fails, the screen without it."""
    if screen.picture is None:
        return screen, ()
    try:
        png = await pictures.png(screen.picture)
    except Exception:
        log.exception("could not draw a picture")
        return drop_picture(screen), ()
    return screen, (Upload("picture.png", png, shorten(screen.picture.alt, MAX_ALT)),)
