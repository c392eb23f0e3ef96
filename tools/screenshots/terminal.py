"""Takes the terminal pictures of the docs from real runs of the command."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect
from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).parents[2] / "docs"
WIDTH, HEIGHT = 92, 60

PICTURES: dict[str, tuple[list[str], list[str]]] = {
    "play": (["play", "--questions", "3"], ["2", "b", "/quit"]),
    "explain": (["explain", "blue green"], []),
    "check": (["pack", "check", "dp100"], []),
}
"""Name of a picture, the command's words, and what is typed at each prompt."""


def take(words: list[str], typed: list[str], folder: str) -> str:
    """What a terminal shows when the command is run and the lines are typed."""
    env = os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/studyhall.db",
        "TERM": "xterm-256color",
    }
    child = pexpect.spawn(
        sys.executable,
        ["-m", "bot", *words],
        env=env,
        encoding="utf-8",
        dimensions=(HEIGHT, WIDTH),
        timeout=30,
    )
    shown = ""
    for line in typed:
        child.expect("> ")
        shown += str(child.before) + "> "
        child.sendline(line)
    child.expect(pexpect.EOF)
    return (shown + str(child.before)).replace("\r\n", "\n").rstrip()


def main() -> None:
    """Take all pictures anew."""
    with TemporaryDirectory() as folder:
        for name, (words, typed) in PICTURES.items():
            console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
            console.print(Text.from_ansi(take(words, typed, folder)))
            svg = console.export_svg(title=" ".join(["studyhall", *words]))
            # A reader's own fixed-width font will do; nothing is fetched to show a picture.
            svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
            (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")
