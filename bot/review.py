"""`studyhall pack review`: shows a pack's drafts one by one, to keep, edit or drop."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from content import reviewing
from content.reviewing import Draft

KEYS = "k keep, e edit, d drop, s skip, q quit"


def review(folder: Path, ask: Callable[[], str], console: Console) -> dict[str, int]:
    """Ask about each draft; every decision is saved before the next one.

    `ask` returns a typed line and raises EOFError at the end. Returns how many drafts were kept,
    edited, dropped and skipped.
    """
    counts = dict.fromkeys(("kept", "edited", "dropped", "skipped"), 0)
    waiting = list(reviewing.find_drafts(folder))
    for number, draft in enumerate(waiting, 1):
        console.print(Rule(f"{number} of {len(waiting)}", style="dim"))
        decision = _decide(draft, ask, console)
        if decision == "quit":
            break
        counts[decision] += 1
    console.print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return counts


def _decide(draft: Draft, ask: Callable[[], str], console: Console) -> str:
    console.print(Text(reviewing.to_yaml(draft)))
    while True:
        console.print(KEYS, style="dim")
        try:
            key = ask().strip().casefold()
        except (EOFError, KeyboardInterrupt):
            return "quit"
        match key:
            case "k" | "keep":
                reviewing.keep(draft)
                return "kept"
            case "d" | "drop":
                reviewing.drop(draft)
                return "dropped"
            case "s" | "skip":
                return "skipped"
            case "q" | "quit":
                return "quit"
            case "e" | "edit":
                if changed := _edit(draft, console):
                    reviewing.keep(changed)
                    return "edited"
            case _:
                pass


def _edit(draft: Draft, console: Console) -> Draft | None:
    """The draft as edited in the user's editor; None, after printing why, if it isn't valid."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{draft.id}.yaml"
        file.write_text(reviewing.to_yaml(draft), encoding="utf-8")
        try:
            subprocess.run([*editor, str(file)], check=True)  # noqa: S603 - the user's own editor
            return reviewing.apply_edit(draft, file.read_text(encoding="utf-8"))
        except (OSError, subprocess.CalledProcessError) as error:
            console.print(f"The editor failed ({error}). Set EDITOR to another one.")
        except ValueError as error:
            console.print(Text(f"Not saved: {error}", style="yellow"))
    return None
