"""Takes a screenshot of a page with headless Chromium."""

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
COLORS = 256
MEASURE = (
    "<script>document.fonts.ready.then(() => {"
    "document.body.dataset.height = Math.floor(document.body.getBoundingClientRect().height)"
    "})</script>"
)


def shoot(html: str, png: Path, width: int) -> None:
    """Write a screenshot of a page, `width` CSS pixels wide and as high as its content."""
    # Windows are at least 500 pixels wide, so set the body's width, and cut the screenshot to it.
    sized = html.replace("</head>", f"<style>body {{ width: {width}px }}</style></head>", 1)
    with TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(sized.replace("</body>", f"{MEASURE}</body>", 1), encoding="utf-8")
        dom = chromium(folder, "--dump-dom", f"--window-size={width},600", source.as_uri())
        height = re.search(r'data-height="(\d+)"', dom)
        if height is None:
            sys.exit(f"Chromium didn't render {png.name}.")
        size = f"--window-size={width},{height[1]}"
        taken = Path(folder) / "page.png"
        chromium(folder, f"--screenshot={taken}", size, source.as_uri())
        with Image.open(taken) as picture:
            # This cuts the file to a third without a visible difference.
            reduced = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
            reduced.save(png, optimize=True)


def chromium(folder: str, *flags: str) -> str:
    """Run Chromium with its own profile, and return what it prints."""
    program = shutil.which("chromium")
    if program is None:
        require("Chromium", "apt install chromium")
    if not FONTS.exists():
        require("fonts", "npm install --no-package-lock --prefix tools/screenshots")
    profile = f"--user-data-dir={folder}/profile"
    done = subprocess.run(
        [program, *FLAGS, profile, *flags], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def require(what: str, command: str) -> NoReturn:
    """Print what to install, and exit."""
    print(f"Screenshots of chats need {what}. Install it with: {command}", file=sys.stderr)
    sys.exit(2)
