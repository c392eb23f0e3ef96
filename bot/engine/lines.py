"""Parse and format commands as typed lines: words and `name:value`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from bot.engine.commands import COMMANDS, Command
from bot.engine.events import Call, Value
from bot.engine.screens import CommandMention

MAX_UNKNOWN = 300
"""How much to keep of a line without a command: enough for a question."""

_MENTION = r"<@[^<>]*>"
_DASHES = r"\-\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"

QUOTES = ('"“”„‟″＂', "'‘’‚‛", "«»", "‹›", "「」", "『』", "`")
"""Marks that open and close a quotation, in any order: keyboards and languages differ."""

_QUOTED = "|".join(
    # Each way on inside excludes the others, so that a long line with many marks is read in one go.
    rf"(?<![^\s:：])[{marks}](?:[^\s{marks}]|\s(?![{marks}])|[{marks}](?=\S))*[{marks}](?!\S)"
    for marks in QUOTES
)
_OPENED = re.compile(rf"(?<![^\s:：])[{''.join(QUOTES)}]")
_KEY = re.compile(rf"{_QUOTED}|(?<!\S)(?P<name>[\w{_DASHES}]+)[:：](?P<joined>(?=\S))?\s*")
_OPTIONS = frozenset(option.name for command in COMMANDS.values() for option in command.options)
_WHO = re.compile(rf"{_QUOTED}|(?P<who>{_MENTION})")
_ONE_WORD = re.compile(rf"{_QUOTED}|{_MENTION}|\S+")


def parse(line: str) -> Call:
    """Parse a line into a call; an empty line asks for help.

    `name:value` sets a declared option: a text runs on to the next option, or as far as it's
    quoted; anything else is one word. One that the command doesn't have is among the options, too,
    where it looks like a slip. Plain words go to the option that the command names for them, and a
    mention, `<@...>`, to the option that is a member. What's left over is `unread`. Checking the
    values is the desk's work.
    """
    words = line.split() or ["help"]
    longest = max(name.count(" ") + 1 for name in COMMANDS)
    for count in range(longest, 0, -1):
        if command := COMMANDS.get(_plain_dashes(" ".join(words[:count])).casefold()):
            break
    else:
        return Call(" ".join(words)[:MAX_UNKNOWN], {})
    options: dict[str, Value] = {}
    plain: list[str] = []
    unread: list[str] = []
    for name, text in _pieces(command, " ".join(words[count:])):
        value, after = _value(command, name, text)
        if name and (not value or name in options):
            unread.append(f"{name}:{text[: len(text) - len(after)]}".strip())
        elif name:
            options[name] = value
        if after:
            plain.append(after)
    for option in command.options:
        if option.type == "member" and option.name not in options and (who := _take_mention(plain)):
            options[option.name] = who
    if command.rest and plain and command.rest not in options:
        options[command.rest] = unquoted(plain.pop(0))
    return Call(command.name, options, " ".join([*plain, *unread]))


def format_line(say: CommandMention) -> str:
    """Format a command with its options as a line that `parse` reads. It has no backticks, so it
    can be shown as code."""
    command = COMMANDS[say.command]
    options = {name: " ".join(one.replace("`", "'").split()) for name, one in say.options.items()}
    words = [say.command]
    if plain := options.pop(command.rest, ""):
        alone = [*_pieces(command, plain)] == [("", plain)] and not re.search(_MENTION, plain)
        words.append(plain if alone and not _OPENED.search(plain) else _quoted(plain))
    for name, one in options.items():
        alone = " " not in one and not _OPENED.search(one)
        words.append(f"{name}:{one if alone else _quoted(one)}")
    return " ".join(words)


def unquoted(text: str) -> str:
    """Remove the quotes around a whole text."""
    return text[1:-1].strip() if re.fullmatch(_QUOTED, text) else text


def _quoted(text: str) -> str:
    """Quote a text with the first marks that `parse` reads back; never with backticks."""
    pairs = (f"{marks[0]}{text}{marks[-1]}" for marks in ('""', "''", *QUOTES[2:-1]))
    return next((each for each in pairs if unquoted(each) == text), text)


def _pieces(command: Command, text: str) -> Iterator[tuple[str, str]]:
    """Split a text at each `name:`, yielding the name and what follows it."""
    name, start = "", 0
    for found in _KEY.finditer(text):
        key = _plain_dashes(found["name"] or "").casefold()
        if any(key == each.name for each in command.options) or (
            found["joined"] is not None and _is_slip(command, key)
        ):
            yield name, text[start : found.start()].strip()
            name, start = key, found.end()
    yield name, text[start:].strip()


def _is_slip(command: Command, key: str) -> bool:
    """Whether a key is another command's option, or one letter off one of this command's."""
    return key in _OPTIONS or any(OSA.distance(key, each.name) == 1 for each in command.options)


def _value(command: Command, name: str, text: str) -> tuple[str, str]:
    """Split an option's value from the plain words after it."""
    if not name:
        return "", text
    found = _ONE_WORD.match(text)
    one = found.group() if found else ""
    option = next((each for each in command.options if each.name == name), None)
    is_text = option is not None and option.type in ("text", "people") and not option.choices
    runs_on = is_text and not re.fullmatch(_QUOTED, one)
    return (text, "") if runs_on else (unquoted(one), text[len(one) :].strip())


def _take_mention(plain: list[str]) -> str:
    """Take the first mention out of the plain words; empty if there's none."""
    for place, text in enumerate(plain):
        for found in _WHO.finditer(text):
            if found["who"]:
                around = f"{text[: found.start()]} {text[found.end() :]}".split()
                plain[place : place + 1] = [" ".join(around)] if around else []
                return found["who"]
    return ""


def _plain_dashes(text: str) -> str:
    return re.sub(f"[{_DASHES}]", "-", text)
