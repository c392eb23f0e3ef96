"""The fields of a form as they come back: checked, and read as what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.engine.commands.team_roles import complete_role
from bot.engine.commands.times import Said, time_of
from bot.engine.commands.zones import complete_zone
from bot.engine.events import Channel, FieldValue, IncomingFile, Mention, Role
from bot.engine.screens import Button, Field, Form, Reply, notice
from bot.engine.zones.finding import find_zones
from bot.engine.zones.labels import label

EMPTY: Mapping[str, Any] = {"text": "", "choices": ()}
"""What a field holds that was left empty, by its kind; None if it isn't here."""

COMPLETERS = {"role": complete_role, "zone": complete_zone}
"""What offers choices for a half-typed field, by its kind."""


class BadField(ValueError):
    """A field doesn't hold what it asks for; the message says what would be right."""


def read(
    form: Form, given: Mapping[str, FieldValue], now: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields' values by their names, and what is wrong with those that can't be read."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in form.fields:
        try:
            values[field.name] = read_field(field, given.get(field.name, ""), now)
        except BadField as problem:
            problems[field.name] = str(problem)
    return values, problems


def read_field(field: Field, given: FieldValue, now: datetime) -> Any:
    """What a field holds. Raises BadField."""
    given = given.strip() if isinstance(given, str) else given
    if not given:
        if field.required:
            raise BadField("This can't be empty.")
        return EMPTY.get(field.kind)
    offered = {choice.value for choice in field.choices}
    match field.kind, given:
        case "text", str(text):
            if len(text) > field.max_chars:
                raise BadField(f"Use at most {field.max_chars} characters. You have {len(text)}.")
            return text
        case "choice", str(value) | (str(value),) if value in offered:
            return value
        case "choices", tuple(values) if offered.issuperset(values):
            return values
        case "choice" | "choices", _:
            raise BadField("Choose from what is offered.")
        case "time", str(text):
            match time_of(text):
                case Said(at=at, rest=""):
                    return at
            raise BadField("Use a format like 09:00, 17:30 or 9am.")
        case "zone", str(text):
            match find_zones(text, now).zones:
                case ():
                    raise BadField("There's no such time zone. Try a city, like Berlin.")
                case (zone,):
                    return zone
                case several:
                    choices = ", ".join(map(label, several))
                    raise BadField(f"This can mean several time zones. Choose one: {choices}.")
        case (
            ("member", str() | Mention())
            | ("role", str() | Role())
            | ("channel", str() | Channel())
            | ("file", IncomingFile())
        ):
            return given
    raise BadField(f"This isn't a {field.kind}.")


def misfit(form: Form, problems: Mapping[str, str], action: str) -> Reply:
    """Says what is wrong with a form that was sent, and offers it once more."""
    said = [
        f"{field.label}: {problems[field.name]}" for field in form.fields if field.name in problems
    ]
    return notice(
        "\n".join(("Nothing was saved yet.", *said)), controls=(Button("Try again", action),)
    )
