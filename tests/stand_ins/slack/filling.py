"""What Slack's own apps let people put into the fields of a view.

Source: Slack's documentation, "Block elements".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from tests.stand_ins.slack.blocks import JSON, VALUE_KEYS, is_empty
from tests.stand_ins.slack.limits import MOST_FILES

if TYPE_CHECKING:
    from tests.stand_ins.slack.files import File
    from tests.stand_ins.slack.workspace import Channel, Team

FILE_SIZE = 10_000_000
"""Bytes of a file in a file input."""
TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


def unfit(element: JSON, value: JSON, team: Team) -> Iterator[str]:
    """What is wrong with a value that is put into an element."""
    if is_empty(value):
        return
    held = value[VALUE_KEYS[element["type"]]]
    several = held if isinstance(held, list) else [held]
    most = element.get("max_selected_items")
    if most is not None and len(several) > most:
        yield f"{len(several)} where {most} can be chosen"
    match element["type"]:
        case "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if not least <= len(held) <= most:
                yield f"{len(held)} characters where {least} to {most} can be typed"
        case "number_input":
            least, most = (element.get(f"{end}_value") for end in ("min", "max"))
            if not held.lstrip("-").isdecimal() and not element["is_decimal_allowed"]:
                yield f"{held!r} is no whole number"
            elif not float(least or held) <= float(held) <= float(most or held):
                yield f"{held} where {least} to {most} can be typed"
        case "timepicker" if not TIME.fullmatch(held):
            yield f"{held!r} is no time of day"
        case "datepicker":
            try:
                date.fromisoformat(held)
            except ValueError:
                yield f"{held!r} is no date"
        case "users_select" | "multi_users_select":
            yield from (f"{each!r} is nobody" for each in several if each not in team.people)
        case "channels_select" | "multi_channels_select":
            yield from _strange(several, team, ["public"])
        case "conversations_select" | "multi_conversations_select":
            kinds = element.get("filter", {}).get("include", ["public", "private", "im"])
            yield from _strange(several, team, kinds)


def unfit_files(element: JSON, files: list[File]) -> Iterator[str]:
    """What is wrong with files that are put into a file input."""
    most = element.get("max_files", MOST_FILES)
    if len(files) > most:
        yield f"{len(files)} files where {most} can be uploaded"
    kinds = [each.lower() for each in element.get("filetypes") or ()]
    for file in files:
        if kinds and PurePath(file.name).suffix.lstrip(".").lower() not in kinds:
            yield f"{file.name} is none of {kinds}"
        if len(file.content) > FILE_SIZE:
            yield f"{file.name} has {len(file.content)} bytes"


def _strange(wanted: list[str], team: Team, kinds: list[str]) -> Iterator[str]:
    for each in wanted:
        channel = team.channels.get(each)
        if channel is None or _kind(channel) not in kinds:
            yield f"{each!r} cannot be chosen"


def _kind(channel: Channel) -> str:
    if channel.dm_with:
        return "im"
    return "private" if channel.private else "public"
