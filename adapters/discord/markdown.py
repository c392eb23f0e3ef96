"""Texts as Discord's markdown: escaped, with mentions and timestamps, and split to fit."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from discord.utils import TimestampStyle, escape_mentions, format_dt

from bot.engine.screens import Code, CommandMention, Person, Text, render_text, to_spans
from bot.engine.text import clean_name

ELLIPSIS = " …"
"""Ends a text that was cut."""

CommandIds = Mapping[str, int]
"""Discord's ids of commands and command groups, by name."""

FENCE = "```"
ZERO_WIDTH_SPACE = "\u200b"
"""Invisible; separates backticks in code so that they don't end it."""

_LANGUAGE = re.compile(r"[A-Za-z0-9_+.#-]+")
_TICKS = re.compile(r"`{3,}")
_VERBATIM = re.compile(r"(`[^`\n]+`|https?://[^\s<>`]+)")
_SPECIAL = re.compile(r"[\\*_~|`<\[\]]|^\s*(?:#{1,3}|-#?|\+|>)(?=\s)", re.MULTILINE)
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def escape(text: str) -> str:
    """Escape a text so that Discord shows it literally; only `code` stays markup.

    discord.py's own escape_markdown doesn't escape custom emoji, timestamps and channel links.
    """
    parts = _VERBATIM.split(text)
    parts[::2] = (_SPECIAL.sub(_add_backslash, part) for part in parts[::2])
    return escape_mentions("".join(parts))


def _add_backslash(match: re.Match[str]) -> str:
    found = match.group()
    sign = found.lstrip()
    return f"{found[: len(found) - len(sign)]}\\{sign}"


def format_text(text: Text, commands: CommandIds, time: TimestampStyle = "R") -> str:
    """A line with mentions, which notify no one, and with times in the reader's time zone."""
    if isinstance(text, str):
        return escape(text)
    pieces = (span if not isinstance(span, str) else escape(span) for span in text)
    return render_text(
        tuple(pieces),
        format_person,
        lambda moment: format_dt(moment.at, time),
        lambda say: _format_command(say, commands),
        lambda where: f"<#{where.channel}>",
        lambda quote: escape(str(quote)),
        lambda link: f"[{escape(link.label)}]({_escape_url(link.url)})",
    )


def _escape_url(url: str) -> str:
    """A web address between parentheses, which ones of its own could end."""
    return url.replace("(", "%28").replace(")", "%29")


def _format_command(say: CommandMention, commands: CommandIds) -> str:
    """A mention of a command: pressing it opens the command, but can't fill in options. Without a
    known id, the command is shown as code. A subcommand uses its group's id."""
    id_ = commands.get(say.command.split()[0])
    options = "".join(f" {name}:{value}" for name, value in say.options.items()).replace("`", "'")
    if id_ is None:
        return escape(f"`/{say.command}{options}`")
    return f"</{say.command}:{id_}>{escape(options)}"


def format_person(person: Person) -> str:
    """A member's name, with nothing in it read as markup, code, a link, an emoji or a mention. A
    mention wouldn't do: apps show one as digits if they don't have the member loaded."""
    return escape_mentions(_PUNCTUATION.sub(r"\\\g<0>", clean_name(person.name)))


def shorten(text: str, limit: int) -> str:
    """Cut a text between words to at most `limit` characters, ending it with an ellipsis."""
    return next(_split(text, limit, len))


def fit(text: Text, commands: CommandIds, limit: int) -> str:
    """A line in at most `limit` characters; mentions and times are never cut in two."""
    whole = format_text(text, commands)
    if len(whole) <= limit or isinstance(text, str):
        return shorten(whole, limit)
    kept = ""
    for span in to_spans(text):
        piece, room = format_text((span,), commands), limit - len(kept)
        if len(piece) > room - len(ELLIPSIS):
            if isinstance(span, str) and len(piece) > room > len(ELLIPSIS) * 4:
                return kept + shorten(piece, room)
            break
        kept += piece
    return kept.rstrip() + ELLIPSIS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message, with our own markup before and after it."""

    text: Text
    before: str = ""
    after: str = ""

    def split_at(self, limit: int, commands: CommandIds) -> Iterator[str]:
        """The line as markdown, in several parts if it's longer than the limit."""
        whole = f"{self.before}{format_text(self.text, commands)}{self.after}"
        if len(whole) <= limit:
            yield whole
            return
        room = limit - len(self.before) - len(self.after)
        for span in to_spans(self.text):
            cut = (
                _split(span, room, lambda text: len(escape(text)))
                if isinstance(span, str)
                else (span,)
            )
            for piece in cut:
                yield f"{self.before}{format_text((piece,), commands)}{self.after}"


@dataclass(frozen=True, slots=True)
class Block:
    """Fenced code; nothing in it can end the fence."""

    code: Code

    def split_at(self, limit: int, _: CommandIds) -> Iterator[str]:
        """The code as markdown, in several blocks if it's longer than the limit."""
        language = self.code.language if _LANGUAGE.fullmatch(self.code.language) else ""
        before, after = f"{FENCE}{language}\n", f"\n{FENCE}"
        text = _TICKS.sub(lambda found: ZERO_WIDTH_SPACE.join(found.group()), self.code.text)
        for part in replace(self.code, text=text).parts(limit - len(before) - len(after)):
            yield f"{before}{part}{after}"


def paginate(
    lines: Iterable[Line | Block], first: int, other: int, commands: CommandIds
) -> list[str]:
    """Join lines into pages: the first has at most `first` characters, others at most `other`. A
    longer line is split between words."""
    result = [""]
    for line in lines:
        for piece in line.split_at(min(first, other), commands):
            room = first if len(result) == 1 else other
            if result[-1] and len(result[-1]) + 1 + len(piece) > room:
                result.append(piece)
            else:
                result[-1] = f"{result[-1]}\n{piece}" if result[-1] else piece
    return [page.strip("\n") for page in result]


def _split(text: str, limit: int, size: Callable[[str], int]) -> Iterator[str]:
    """Split a text into parts within the limit, between words if possible. Each part but the last
    ends with an ellipsis, and code that's cut continues as code."""
    while size(text) > limit:
        fits = bisect_left(
            range(len(text)), True, key=lambda end: size(_end_with_ellipsis(text, end)) > limit
        )
        cut = max(fits - 1, 1)
        cut = (
            max(text.rfind(" ", cut // 2, cut + 1), text.rfind("\n", cut // 2, cut + 1)) + 1 or cut
        )
        piece = _end_with_ellipsis(text, cut)
        yield piece
        text = ("`" if _in_code(text[:cut]) else "") + text[cut:].lstrip()
    yield text


def _end_with_ellipsis(text: str, end: int) -> str:
    """The start of the text, with an ellipsis."""
    begun = text[:end].rstrip()
    return begun + ("`" if _in_code(begun) else "") + ELLIPSIS


def _in_code(text: str) -> bool:
    return text.count("`") % 2 == 1
