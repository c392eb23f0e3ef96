"""Takes the docs' terminal screenshots from real runs of the command."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.stand_ins.terminal import TerminalWindow

DOCS = Path(__file__).parents[2] / "docs"
WIDTH = 92

PICTURES: dict[str, tuple[list[str], list[str]]] = {
    "play": (["play", "--questions", "3"], ["pipelines-intro", "b", "/quit"]),
    "explain": (["explain", "blue green"], []),
    "check": (["pack", "check", "dp100"], []),
}
"""Screenshots by name: the command's arguments, and the input at each prompt."""


def run(arguments: list[str], lines: list[str], folder: str) -> Text:
    """Run the command, type the lines, and return what the terminal shows."""
    env = os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/studyhall.db",
        "TERM": "xterm-256color",
        "FORCE_HYPERLINK": "0",
    }
    with TerminalWindow(env, *arguments, columns=WIDTH) as window:
        for line in lines[:-1]:
            window.type(line)
        if lines:
            window.prompt()
        window.finish(f"{lines[-1]}\r" if lines else "")
        rows = [window.screen.buffer[row] for row in range(len(window.text.splitlines()))]
        return Text("\n").join(_draw(row[column] for column in range(WIDTH)) for row in rows)


def _draw(chars: Iterable[Char]) -> Text:
    runs = groupby(chars, lambda char: (char.fg, char.bold, char.underscore))
    line = Text.assemble(
        *(
            (
                "".join(char.data for char in run),
                Style(color=None if color == "default" else color, bold=bold, underline=underline),
            )
            for (color, bold, underline), run in runs
        )
    )
    line.rstrip()
    return line


def main() -> None:
    """Take all terminal screenshots."""
    with TemporaryDirectory() as folder:
        for name, (arguments, lines) in PICTURES.items():
            console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
            console.print(run(arguments, lines, folder))
            svg = console.export_svg(title=" ".join(["studyhall", *arguments]))
            # Nothing should be fetched to show the image, so readers get their own monospace font.
            svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
            (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")
