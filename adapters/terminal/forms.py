"""Forms in a terminal: one field at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from mimetypes import guess_type
from pathlib import Path

from rich.console import Console
from rich.text import Text

from adapters.terminal.render import clean, render_numbered
from adapters.typed import read_number
from bot.engine.commands.fields import BadField, read_field
from bot.engine.events import FieldValue, FileRefused, IncomingFile
from bot.engine.screens import Field, Form

HINTS = {
    "choice": "Type a number",
    "choices": "Type numbers, like 1 3",
    "time": "Type a time, like 09:00",
    "zone": "Type a city",
    "file": "Type a file path",
}
"""How to fill in a field, by kind."""

NO_FILE = "There's no readable file at that path."


def fill_in(
    form: Form, lines: Iterator[str], console: Console, *, plain: bool = False
) -> dict[str, FieldValue] | None:
    """What's typed into the form's fields; None if the form is canceled."""
    _print_line(console, form.title, "bold")
    values: dict[str, FieldValue] = {}
    for field in form.fields:
        value = _ask_field(field, lines, console, plain=plain)
        if value is None:
            _print_line(console, "Canceled. Nothing was sent.")
            return None
        values[field.name] = value
    return values


def _ask_field(
    field: Field, lines: Iterator[str], console: Console, *, plain: bool
) -> FieldValue | None:
    """Ask for one field until it's valid; None if it's required and left empty."""
    _print_line(console, f"{field.label} ({field.hint})" if field.hint else field.label)
    if field.choices:
        labels = (choice.label for choice in field.choices)
        console.print(render_numbered(labels, console, plain=plain))
    _print_line(console, _hint(field))
    for line in lines:
        if not line.strip():
            return _unchanged_value(field)
        try:
            value = _read_value(field, line.strip(), lines)
            read_field(field, value, datetime.now(UTC))
        except BadField as problem:
            _print_line(console, str(problem))
        else:
            return value
    return None


def _print_line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(clean(text), style))


def _hint(field: Field) -> str:
    how = HINTS.get(
        field.kind, "Type your text, then an empty line" if field.multiline else "Type your text"
    )
    if field.initial:
        return f"{how}, or Enter to keep: {', '.join(_filled_labels(field))}"
    return f"{how}, or Enter to {'cancel' if field.required else 'skip'}"


def _filled_labels(field: Field) -> list[str]:
    """The prefilled values, as shown."""
    labels = {choice.value: choice.label for choice in field.choices}
    return [labels.get(value, value) for value in field.initial]


def _unchanged_value(field: Field) -> FieldValue | None:
    """The value of a field that wasn't changed; None if it's required and has none."""
    if field.initial:
        return field.initial if field.kind == "choices" else field.initial[0]
    return None if field.required else ""


def _read_value(field: Field, line: str, lines: Iterator[str]) -> FieldValue:
    match field.kind:
        case "choice":
            return _choice_value(field, line)
        case "choices":
            return tuple(_choice_value(field, part) for part in re.split(r"[\s,;]+", line))
        case "file":
            return _open_file(Path(line.strip("'\"")).expanduser())
        case _ if field.multiline:
            return "\n".join((line, *takewhile(str.strip, lines)))
        case _:
            return line


def _choice_value(field: Field, number: str) -> str:
    """The value of a numbered choice. An unknown number is passed on and refused later."""
    place = read_number(number) - 1
    return field.choices[place].value if 0 <= place < len(field.choices) else number


def _open_file(path: Path) -> IncomingFile:
    """Raises BadField."""
    if not path.is_file():
        raise BadField(NO_FILE)

    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(limit + 1)
        except OSError:
            raise FileRefused(NO_FILE) from None

    async def fetch(limit: int) -> bytes:
        return await asyncio.to_thread(read, limit)

    return IncomingFile(path.name, path.stat().st_size, guess_type(path.name)[0] or "", fetch)
