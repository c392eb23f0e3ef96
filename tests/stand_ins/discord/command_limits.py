"""Discord's documented limits of commands and of what they suggest.

Source: Discord's documentation, "Application Commands".
"""

from __future__ import annotations

import re
from collections import Counter

from tests.stand_ins.discord.checks import Problems, at, items, number, text, wrong
from tests.stand_ins.discord.world import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
AT_MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}
"""What options with choices hold."""

_NAME = re.compile(r"[-_a-z0-9]{1,32}")


def commands(body: list[Json]) -> Problems:
    """All commands of the bot, or all that it has in one guild."""
    kinds = Counter(each.get("type", CHAT_INPUT) for each in body)
    for kind, count in kinds.items():
        if count > AT_MOST.get(kind, 0):
            yield wrong(f"{count} commands of type {kind}")
    for (kind, name), count in Counter(
        (each.get("type", CHAT_INPUT), each.get("name")) for each in body
    ).items():
        if count > 1:
            yield wrong(f"{name} of type {kind} is there {count} times")
    for place, command in enumerate(body):
        if command.get("type", CHAT_INPUT) == CHAT_INPUT:
            yield from at(place, _named(command))
            yield from at(place, _options(command))
            if (size := _size(command)) > 8000:
                yield wrong(f"Has {size} characters, allowed are 8000", place)
        else:
            yield from at(place, text(command, "name", 32, 1, required=True))
            if command.get("description") or command.get("options"):
                yield wrong("Has neither a description nor options", place)
        yield from at(place, _rights(command))


def _rights(command: Json) -> Problems:
    needed = command.get("default_member_permissions")
    if needed is not None and not str(needed).isdecimal():
        yield wrong("Not a set of permissions", "default_member_permissions")
    contexts = command.get("contexts")
    if contexts is not None and not (contexts and set(contexts) <= {0, 1, 2}):
        yield wrong("Must be among 0, 1, 2", "contexts")
    installs = command.get("integration_types")
    if installs is not None and not (installs and set(installs) <= {0, 1}):
        yield wrong("Must be among 0, 1", "integration_types")


def _named(thing: Json) -> Problems:
    if not _NAME.fullmatch(str(thing.get("name"))):
        yield wrong(f"{thing.get('name')} is no name", "name", code="REGEX_VALIDATE")
    yield from text(thing, "description", 100, 1, required=True)


def _options(parent: Json) -> Problems:
    options = yield from items(parent, "options", 25)
    if repeated := {
        name for name, n in Counter(each.get("name") for each in options).items() if n > 1
    }:
        yield wrong(f"The names {repeated} repeat", "options")
    nested = [each.get("type") in (SUB_COMMAND, GROUP) for each in options]
    if any(nested) and not all(nested):
        yield wrong("Sub-commands and options beside each other", "options")
    required = [bool(each.get("required")) for each in options]
    if required != sorted(required, reverse=True):
        yield wrong("Required options come first", "options")
    for place, option in enumerate(options):
        yield from at("options", at(place, _named(option)))
        yield from at("options", at(place, _option(option, parent)))


def _option(option: Json, parent: Json) -> Problems:
    kind = int(option.get("type") or 0)
    if kind not in range(1, 12):
        yield wrong("Must be one of 1 to 11", "type")
    if kind in (SUB_COMMAND, GROUP):
        if kind == GROUP and parent.get("type", CHAT_INPUT) != CHAT_INPUT:
            yield wrong("A group inside a group", "type")
        if kind == GROUP and not option.get("options"):
            yield wrong("A group has sub-commands", "options")
        yield from _options(option)
        return
    typed = TYPES.get(kind)
    if option.get("choices"):
        yield from choices(option)
        if option.get("autocomplete"):
            yield wrong("Choices or autocomplete, not both", "autocomplete")
        if typed and not all(isinstance(each.get("value"), typed) for each in option["choices"]):
            yield wrong("Values of another type", "choices")
    if (option.get("choices") or option.get("autocomplete")) and typed is None:
        yield wrong("No choices for this type", "choices")
    least, most = option.get("min_value"), option.get("max_value")
    if (least is not None or most is not None) and kind not in (INTEGER, NUMBER):
        yield wrong("Only numbers have a range", "min_value")
    if least is not None and most is not None and least > most:
        yield wrong("More than max_value", "min_value")
    yield from number(option, "min_length", 0, 6000)
    yield from number(option, "max_length", 1, 6000)
    if (option.get("min_length") or 0) > (option.get("max_length") or 6000):
        yield wrong("More than max_length", "min_length")


def choices(body: Json) -> Problems:
    """What can be chosen for an option."""
    offered = yield from items(body, "choices", 25)
    for place, choice in enumerate(offered):
        yield from at("choices", at(place, text(choice, "name", 100, 1, required=True)))
        if isinstance(choice.get("value"), str):
            yield from at("choices", at(place, text(choice, "value", 100)))
        elif not isinstance(choice.get("value"), (int, float)):
            yield wrong("Neither a text nor a number", "choices", place, "value")


def _size(thing: Json) -> int:
    """Characters of names, descriptions and values, as Discord counts a command."""
    own = len(str(thing.get("name") or "")) + len(str(thing.get("description") or ""))
    values = sum(
        len(str(each.get("name"))) + len(str(each.get("value")))
        for each in thing.get("choices") or ()
    )
    return own + values + sum(map(_size, thing.get("options") or ()))
