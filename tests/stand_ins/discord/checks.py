"""What all checks of what the bot sends are made of, and how Discord answers what they find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from tests.stand_ins.discord.world import Json

EMPTY = "EMPTY_MESSAGE"


class Problem(NamedTuple):
    """What is wrong, and where in the request's body."""

    path: tuple[str | int, ...]
    code: str
    text: str


Problems = Iterator[Problem]


def at(place: str | int, problems: Iterable[Problem]) -> Problems:
    """The problems of a part, named from the whole."""
    for problem in problems:
        yield problem._replace(path=(place, *problem.path))


def wrong(text: str, *path: str | int, code: str = "BASE_TYPE_INVALID") -> Problem:
    return Problem(path, code, text)


def tree(problems: Iterable[Problem]) -> Json:
    """The problems as Discord answers them."""
    errors: Json = {}
    for path, code, text in problems:
        place = errors
        for step in path:
            place = place.setdefault(str(step), {})
        place.setdefault("_errors", []).append({"code": code, "message": text})
    return errors


def text(body: Json, key: str, most: int, least: int = 0, *, required: bool = False) -> Problems:
    """A text's length. Spaces around it do not count."""
    value = body.get(key)
    if value is None:
        if required:
            yield wrong("This field is required", key, code="BASE_TYPE_REQUIRED")
    elif not isinstance(value, str):
        yield wrong("Not a string", key)
    elif not least <= len(value.strip()) or len(value) > most:
        yield wrong(
            f"Must be between {least} and {most} in length, has {len(value)}",
            key,
            code="BASE_TYPE_BAD_LENGTH",
        )


def items(body: Json, key: str, most: int, least: int = 0) -> Generator[Problem, None, list[Json]]:
    """A list of objects, and how many they may be."""
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        yield wrong("Not a list of objects", key)
        return []
    if not least <= len(found) <= most:
        yield wrong(
            f"Must be between {least} and {most} in length, has {len(found)}",
            key,
            code="BASE_TYPE_BAD_LENGTH",
        )
    return found


def number(body: Json, key: str, low: float, high: float) -> Problems:
    value = body.get(key)
    if value is not None and not (isinstance(value, (int, float)) and low <= value <= high):
        yield wrong(f"Must be between {low} and {high}", key, code="NUMBER_TYPE_RANGE")


def unique(things: Iterable[Json], key: str, place: str) -> Problems:
    counted = Counter(str(each[key]) for each in things if each.get(key) is not None)
    for value, count in counted.items():
        if count > 1:
            yield wrong(f"{key} {value} is there {count} times", place, code="DUPLICATED")
