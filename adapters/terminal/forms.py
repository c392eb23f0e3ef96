"""Forms in a terminal: one field after the other."""

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

from adapters.terminal.render import clean, numbered
from bot.engine.commands.fields import BadField, read_field
from bot.engine.events import FieldValue, FileRefused, IncomingFile
from bot.engine.screens import Field, Form

HOW = {
    "choice": "Type a number",
    "choices": "Type numbers, as in 1 3",
    "time": "Type a time, like 09:00",
    "zone": "Type a city",
    "file": "Type the path of a file",
}
"""How to fill in a field, by its kind."""

NO_FILE = "There's no file to read at that path."


def ask(form: Form, lines: Iterator[str], console: Console) -> dict[str, FieldValue] | None:
    """What is typed into the form's fields; None where the form is given up."""
    _say(console, form.title, "bold")
    given: dict[str, FieldValue] = {}
    for field in form.fields:
        value = _asked(field, lines, console)
        if value is None:
            _say(console, "Canceled. Nothing was sent.", "dim")
            return None
        given[field.name] = value
    return given


def _asked(field: Field, lines: Iterator[str], console: Console) -> FieldValue | None:
    """One field, asked for until it's right; None where it must be filled in and isn't."""
    _say(console, f"{field.label} ({field.hint})" if field.hint else field.label)
    if field.choices:
        console.print(numbered((choice.label for choice in field.choices), console))
    _say(console, _how(field), "dim")
    for line in lines:
        if not line.strip():
            return _left(field)
        try:
            value = _value(field, line.strip(), lines)
            read_field(field, value, datetime.now(UTC))
        except BadField as problem:
            _say(console, str(problem), "yellow")
        else:
            return value
    return None


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(clean(text), style))


def _how(field: Field) -> str:
    how = HOW.get(
        field.kind, "Type lines, and an empty one to end" if field.multiline else "Type a line"
    )
    if field.initial:
        return f"{how}, or Enter to keep: {', '.join(_labels(field))}"
    return f"{how}, or Enter to {'cancel' if field.required else 'skip'}"


def _labels(field: Field) -> list[str]:
    """What is filled in, as it's shown."""
    labels = {choice.value: choice.label for choice in field.choices}
    return [labels.get(value, value) for value in field.initial]


def _left(field: Field) -> FieldValue | None:
    """What a field holds that's left as it opened."""
    if field.initial:
        return field.initial if field.kind == "choices" else field.initial[0]
    return None if field.required else ""


def _value(field: Field, line: str, lines: Iterator[str]) -> FieldValue:
    match field.kind:
        case "choice":
            return _chosen(field, line)
        case "choices":
            return tuple(_chosen(field, part) for part in re.split(r"[\s,;]+", line))
        case "file":
            return _file(Path(line.strip("'\"")).expanduser())
        case _ if field.multiline:
            return "\n".join((line, *takewhile(str.strip, lines)))
        case _:
            return line


def _chosen(field: Field, number: str) -> str:
    """The value of the choice with a number; what is none goes on as it is, to be refused."""
    place = int(number) - 1 if number.isdecimal() else -1
    return field.choices[place].value if 0 <= place < len(field.choices) else number


def _file(path: Path) -> IncomingFile:
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
