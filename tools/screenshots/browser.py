"""Takes a picture of a page with a Chromium that shows no window."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from PIL import Image

from tools.screenshots.page import FONTS

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--force-device-scale-factor=2",
    "--virtual-time-budget=5000",
)
COLOURS = 256
MEASURE = (
    "<script>document.fonts.ready.then(() => {"
    "document.body.dataset.height = Math.floor(document.body.getBoundingClientRect().height)"
    "})</script>"
)


def shoot(html: str, png: Path, width: int) -> None:
    """Write the picture of a page of so many CSS pixels, as high as what is on it."""
    # A window is never narrower than 500 pixels, so the body is; the picture is cut to it.
    sized = html.replace("</head>", f"<style>body {{ width: {width}px }}</style></head>", 1)
    with TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(sized.replace("</body>", f"{MEASURE}</body>", 1), encoding="utf-8")
        dom = chromium(folder, "--dump-dom", f"--window-size={width},600", source.as_uri())
        height = re.search(r'data-height="(\d+)"', dom)
        if height is None:
            sys.exit(f"Chromium showed nothing of {png.name}.")
        size = f"--window-size={width},{height[1]}"
        taken = Path(folder) / "page.png"
        chromium(folder, f"--screenshot={taken}", size, source.as_uri())
        with Image.open(taken) as picture:
            # A third of the size in bytes, and no difference to the eye.
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(png, optimize=True)


def chromium(folder: str, *flags: str) -> str:
    """What Chromium prints when run with a profile of its own."""
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium", "apt install chromium")
    if not FONTS.exists():
        missing("fonts", "npm install --no-package-lock --prefix tools/screenshots")
    profile = f"--user-data-dir={folder}/profile"
    done = subprocess.run(
        [program, *FLAGS, profile, *flags], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def missing(what: str, command: str) -> NoReturn:
    """Say what to install, and stop."""
    print(f"Pictures of chats need {what}, which this installs: {command}", file=sys.stderr)
    sys.exit(2)
