"""Check and parse the fields of a form that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from bot.engine.commands.base import complete_scope
from bot.engine.commands.roles import complete_role
from bot.engine.commands.times import ParsedTime, parse_time
from bot.engine.commands.zones import complete_zone
from bot.engine.events import Channel, FieldValue, IncomingFile, Mention, Role
from bot.engine.screens import Control, Field, Form, Reply, notice
from bot.engine.zones.finding import find_zones
from bot.engine.zones.labels import label

EMPTY_VALUES: Mapping[str, Any] = {"text": "", "topic": "", "choices": (), "members": ()}
"""The value of an empty field by its kind; None for all others."""

COMPLETERS = {"role": complete_role, "topic": complete_scope, "zone": complete_zone}
"""Suggests values for a field while typing, by its kind."""


class BadField(ValueError):
    """A field's value is wrong; the message says what would be right."""


def read(
    form: Form, given: Mapping[str, FieldValue], now: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Parse the fields: values by name, and problems by name."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in form.fields:
        try:
            values[field.name] = read_field(field, given.get(field.name, ""), now)
        except BadField as problem:
            problems[field.name] = str(problem)
    if form.distinct:
        problems |= _find_repeats(form, values)
    return values, problems


def _find_repeats(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """Find fields with the value of an earlier one."""
    first: dict[Any, Field] = {}
    repeats: dict[str, str] = {}
    for field in form.fields:
        earlier = first.setdefault(values.get(field.name, field.name), field)
        if earlier is not field:
            left = [each.label for each in field.choices if each.value not in values.values()]
            repeats[field.name] = (
                f"You've already used this for “{earlier.label}”. Not used yet: {'; '.join(left)}."
            )
    return repeats


def read_field(field: Field, given: FieldValue, now: datetime) -> Any:
    """Parse a field. Raises BadField."""
    given = given.strip() if isinstance(given, str) else given
    if not given:
        if field.required:
            raise BadField("This can't be empty.")
        return EMPTY_VALUES.get(field.kind)
    offered = {choice.value for choice in field.choices}
    match field.kind, given:
        case "text", str(text):
            return _read_text(field, text)
        case "number", str(text):
            return _read_number(field, text)
        case "choice", str(value) | (str(value),) if value in offered:
            return value
        case "choices", tuple(values) if offered.issuperset(values):
            return values
        case "choice" | "choices", _:
            raise BadField("Choose one of the options.")
        case "time", str(text):
            return _read_time(text)
        case "zone", str(text):
            match find_zones(text, now).zones:
                case ():
                    raise BadField("There's no such time zone. Try a city, like Berlin.")
                case (zone,):
                    return zone
                case several:
                    choices = ", ".join(map(label, several))
                    raise BadField(f"This could mean several time zones. Choose one: {choices}.")
        case "members", tuple(people) if all(isinstance(each, Mention) for each in people):
            return people
        case (
            ("topic", str())
            | ("member", str() | Mention())
            | ("role", str() | Role())
            | ("channel", str() | Channel())
            | ("file", IncomingFile())
        ):
            return given
    raise BadField(f"This isn't a {field.kind}.")


def _read_text(field: Field, text: str) -> str:
    if len(text) > field.max_chars:
        raise BadField(f"Use at most {field.max_chars} characters. You have {len(text)}.")
    return text


def _read_time(text: str) -> time:
    match parse_time(text):
        case ParsedTime(at=at, rest=""):
            return at
    raise BadField("Use a format like 09:00, 17:30 or 9am.")


def _read_number(field: Field, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadField("Use a whole number.") from None
    if not field.minimum <= number <= field.maximum:
        raise BadField(f"Use a number from {field.minimum} to {field.maximum}.")
    return number


def explain_problems(form: Form, problems: Mapping[str, str], again: Control) -> Reply:
    """Say what is wrong with a form, with a control to try again."""
    said = [
        f"{field.label}: {problems[field.name]}" for field in form.fields if field.name in problems
    ]
    return notice("\n".join(("Nothing has been saved yet.", *said)), controls=(again,))
