"""Texts as Discord's markdown: escaped, with people and times in Discord's way, and split."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from discord.utils import TimestampStyle, escape_mentions, format_dt

from bot.engine.screens import Code, CommandMention, Person, Text, format_text, to_spans

MARK = " …"
"""Stands where a text is cut."""

CommandIds = Mapping[str, int]
"""Discord's ids of commands and of groups of commands, by their names."""

FENCE = "```"
GAP = "\u200b"
"""Takes no room, and keeps backticks in code from ending it."""

_LANGUAGE = re.compile(r"[A-Za-z0-9_+.#-]+")
_TICKS = re.compile(r"`{3,}")
_KEPT = re.compile(r"(`[^`\n]+`|https?://[^\s<>`]+)")
_SPECIAL = re.compile(r"[\\*_~|`<\[\]]|^\s*(?:#{1,3}|-#?|\+|>)(?=\s)", re.MULTILINE)


def escaped(text: str) -> str:
    """The text so that Discord shows it is: `code` stays code, nothing else is markup.

    discord.py's own escape_markdown leaves custom emoji, timestamps and channel links alone.
    """
    parts = _KEPT.split(text)
    parts[::2] = (_SPECIAL.sub(_backslashed, part) for part in parts[::2])
    return escape_mentions("".join(parts))


def _backslashed(match: re.Match[str]) -> str:
    found = match.group()
    sign = found.lstrip()
    return f"{found[: len(found) - len(sign)]}\\{sign}"


def shown(text: Text, commands: CommandIds, time: TimestampStyle = "R") -> str:
    """A line with mentions, which notify nobody, and times by the reader's clock."""
    if isinstance(text, str):
        return escaped(text)
    pieces = (span if not isinstance(span, str) else escaped(span) for span in text)
    return format_text(
        tuple(pieces),
        _mention,
        lambda moment: format_dt(moment.at, time),
        lambda say: _command(say, commands),
        lambda where: f"<#{where.channel}>",
        lambda quote: escaped(str(quote)),
    )


def _command(say: CommandMention, commands: CommandIds) -> str:
    """A mention, which opens the command when it is pressed, but carries no options; as code where
    Discord has not told the command's id. A sub-command goes by the id of its group."""
    id_ = commands.get(say.command.split()[0])
    options = "".join(f" {name}:{value}" for name, value in say.options.items()).replace("`", "'")
    if id_ is None:
        return escaped(f"`/{say.command}{options}`")
    return f"</{say.command}:{id_}>{escaped(options)}"


def _mention(person: Person) -> str:
    return f"<@{person.user}>" if person.user.isdecimal() else escaped(person.name)


def shortened(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut between words and marked where it is cut."""
    return next(_pieces(text, limit, len))


def fitted(text: Text, commands: CommandIds, limit: int) -> str:
    """The line in at most `limit` characters; where it is cut, not within a mention or a time."""
    whole = shown(text, commands)
    if len(whole) <= limit or isinstance(text, str):
        return shortened(whole, limit)
    kept = ""
    for span in to_spans(text):
        piece, room = shown((span,), commands), limit - len(kept)
        if len(piece) > room - len(MARK):
            if isinstance(span, str) and len(piece) > room > len(MARK) * 4:
                return kept + shortened(piece, room)
            break
        kept += piece
    return kept.rstrip() + MARK


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message, with markup of our own before and after it."""

    text: Text
    before: str = ""
    after: str = ""

    def pieces(self, limit: int, commands: CommandIds) -> Iterator[str]:
        """The line as markdown; in several parts where it is longer than the limit."""
        whole = f"{self.before}{shown(self.text, commands)}{self.after}"
        if len(whole) <= limit:
            yield whole
            return
        room = limit - len(self.before) - len(self.after)
        for span in to_spans(self.text):
            cut = (
                _pieces(span, room, lambda text: len(escaped(text)))
                if isinstance(span, str)
                else (span,)
            )
            for piece in cut:
                yield f"{self.before}{shown((piece,), commands)}{self.after}"


@dataclass(frozen=True, slots=True)
class Block:
    """Code between fences, which nothing in it can close."""

    code: Code

    def pieces(self, limit: int, _: CommandIds) -> Iterator[str]:
        """The code as markdown; in several blocks where it is longer than the limit."""
        language = self.code.language if _LANGUAGE.fullmatch(self.code.language) else ""
        before, after = f"{FENCE}{language}\n", f"\n{FENCE}"
        text = _TICKS.sub(lambda found: GAP.join(found.group()), self.code.text)
        for part in replace(self.code, text=text).parts(limit - len(before) - len(after)):
            yield f"{before}{part}{after}"


def pages(lines: Iterable[Line | Block], first: int, other: int, commands: CommandIds) -> list[str]:
    """The lines joined into pages of at most so many characters; a line that fits none is split
    between words, with a mark."""
    found = [""]
    for line in lines:
        for piece in line.pieces(min(first, other), commands):
            room = first if len(found) == 1 else other
            if found[-1] and len(found[-1]) + 1 + len(piece) > room:
                found.append(piece)
            else:
                found[-1] = f"{found[-1]}\n{piece}" if found[-1] else piece
    return [page.strip("\n") for page in found]


def _pieces(text: str, limit: int, size: Callable[[str], int]) -> Iterator[str]:
    """Parts of the text whose size is within the limit, cut between words where there are any, and
    marked; code that is cut goes on as code."""
    while size(text) > limit:
        fits = bisect_left(range(len(text)), True, key=lambda end: size(_ended(text, end)) > limit)
        cut = max(fits - 1, 1)
        cut = (
            max(text.rfind(" ", cut // 2, cut + 1), text.rfind("\n", cut // 2, cut + 1)) + 1 or cut
        )
        piece = _ended(text, cut)
        yield piece
        text = ("`" if _in_code(text[:cut]) else "") + text[cut:].lstrip()
    yield text


def _ended(text: str, end: int) -> str:
    """The beginning of the text with its mark."""
    begun = text[:end].rstrip()
    return begun + ("`" if _in_code(begun) else "") + MARK


def _in_code(text: str) -> bool:
    return text.count("`") % 2 == 1
