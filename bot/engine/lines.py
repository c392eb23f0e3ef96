"""Commands as typed lines, for platforms whose commands are text: words and `name:value`."""

from __future__ import annotations

import re

from bot.engine.commands import COMMANDS
from bot.engine.events import Call, Value
from bot.engine.screens import Say

_QUOTED = r'["“”]([^"“”]*)["“”]'
_MENTION = r"<@[^>]*>"


def parse(line: str) -> Call:
    """The call that a line means; an empty line asks for help.

    `name:value` sets a declared option, with quotes around a value of several words; plain words
    go to the option that the command names for them, and a mention, `<@...>`, to the option that
    is a member. Checking the values is the desk's work.
    """
    words = line.split() or ["help"]
    longest = max(name.count(" ") + 1 for name in COMMANDS)
    for count in range(longest, 0, -1):
        if command := COMMANDS.get(" ".join(words[:count]).casefold()):
            break
    else:
        return Call(" ".join(words[:longest]), {})
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


def format_line(say: Say) -> str:
    """The line that means a command with its options: what `parse` reads. It has no backticks, so
    that it can be shown as code."""
    options = dict(say.options)
    words = [say.command]
    if plain := options.pop(COMMANDS[say.command].rest, ""):
        words.append(plain)
    words += [f'{key}:"{one}"' if " " in one else f"{key}:{one}" for key, one in options.items()]
    return " ".join(words).replace("`", "'")
