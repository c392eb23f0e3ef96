"""Takes the docs' terminal screenshots from real runs of the command."""

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
"""Screenshots by name: the command's arguments, and the input at each prompt."""


def run(arguments: list[str], lines: list[str], folder: str) -> str:
    """Run the command, type the lines, and return what the terminal shows."""
    env = os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/studyhall.db",
        "TERM": "xterm-256color",
    }
    child = pexpect.spawn(
        sys.executable,
        ["-m", "bot", *arguments],
        env=env,
        encoding="utf-8",
        dimensions=(HEIGHT, WIDTH),
        timeout=30,
    )
    output = ""
    for line in lines:
        child.expect("> ")
        output += str(child.before) + "> "
        child.sendline(line)
    child.expect(pexpect.EOF)
    return (output + str(child.before)).replace("\r\n", "\n").rstrip()


def main() -> None:
    """Take all terminal screenshots."""
    with TemporaryDirectory() as folder:
        for name, (arguments, lines) in PICTURES.items():
            console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
            console.print(Text.from_ansi(run(arguments, lines, folder)))
            svg = console.export_svg(title=" ".join(["studyhall", *arguments]))
            # Nothing should be fetched to show the image, so readers get their own monospace font.
            svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
            (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")
