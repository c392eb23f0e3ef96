"""Commands as typed lines, for platforms whose commands are text: words and `name:value`."""

from __future__ import annotations

import re

from bot.engine.commands import COMMANDS
from bot.engine.events import Call, Value

_QUOTED = r'["“”]([^"“”]*)["“”]'
_MENTION = r"<@[^>]*>"


def parse(line: str) -> Call:
    """The call that a line means; an empty line asks for help.

    `name:value` sets a declared option, with quotes around a value of several words; plain words
    go to the option that the command names for them, and a mention, `<@...>`, to the option that
    is a member. Checking the values is the desk's work.
    """
    words = line.split()
    for count in (3, 2, 1):
        name = " ".join(words[:count]).casefold() or "help"
        if command := COMMANDS.get(name):
            break
    else:
        return Call(" ".join(words[:2]), {})
    rest = " ".join(words[count:])
    names = "|".join(re.escape(option.name) for option in command.options)
    options: dict[str, Value] = {}
    if names:
        pattern = re.compile(rf"(?:^|\s)({names}):(?:{_QUOTED}|({_MENTION}|\S+))", re.IGNORECASE)
        options = {key.casefold(): several or one for key, several, one in pattern.findall(rest)}
        rest = pattern.sub(" ", rest)
    for option in command.options:
        if option.type == "member" and (found := re.search(_MENTION, rest)):
            options.setdefault(option.name, found.group())
            rest = rest.replace(found.group(), " ", 1)
    if command.rest and rest.strip():
        options.setdefault(command.rest, " ".join(rest.split()))
    return Call(command.name, options)
