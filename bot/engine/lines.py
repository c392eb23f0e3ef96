"""Commands as typed lines, for platforms whose commands are text: words and `name:value`."""

from __future__ import annotations

import re

from bot.engine.commands import COMMANDS
from bot.engine.events import Call


def parse(line: str) -> Call:
    """The call that a line means; an empty line asks for help.

    `name:value` sets a declared option, plain words go to the option that the command names for
    them. Checking the values is the desk's work.
    """
    words = line.split()
    for count in (2, 1):
        name = " ".join(words[:count]).casefold() or "help"
        if command := COMMANDS.get(name):
            break
    else:
        return Call(" ".join(words[:2]), {})
    rest = " ".join(words[count:])
    names = "|".join(re.escape(option.name) for option in command.options)
    options: dict[str, str | int] = {}
    if names:
        pattern = re.compile(rf"(?:^|\s)({names}):(\S+)", re.IGNORECASE)
        options = {key.casefold(): value for key, value in pattern.findall(rest)}
        rest = pattern.sub(" ", rest)
    if command.rest and rest.strip():
        options.setdefault(command.rest, " ".join(rest.split()))
    return Call(command.name, options)
