"""Texts as Slack's mrkdwn: escaped, with mentions and dates, and split to fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.engine.lines import format_line
from bot.engine.screens import CommandMention, Moment, Person, Text, render_text

COMMAND = "/quiz"
"""The app's only slash command; what to do follows as words."""

ROLE_WORD = "user group"
"""What Slack calls a role."""

ELLIPSIS = " …"
"""Ends a text that was cut."""

ZERO_WIDTH_SPACE = "\u200b"
"""Invisible; keeps a character from being read as markup."""

_CODE = re.compile(r"(`[^`\n]+`)")
_LINK = re.compile(r"<(?P<link>(?:https?:|mailto:)[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_MENTION = re.compile(r"<(?P<sign>[@#])(?P<id>\w+)(?:\|(?P<label>[^<>]*))?>")
_GROUP = re.compile(r"<!subteam\^(?P<id>\w+)(?:\|[^<>]*)?>")
_SOMEONE = re.compile(r"(<(?:@|!subteam\^)\w+(?:\|[^<>]*)?>)")
_SIGN = re.compile(r"(?<!\w)[*_~](?=\S)|`|@(?=here\b|channel\b|everyone\b)|^(?=>)", re.MULTILINE)


def escape(text: str) -> str:
    """Escape a text so that Slack shows it literally; only `code` stays markup.

    Source: Slack's documentation, "Formatting text for app surfaces": &, < and > have escapes.
    Other characters have none, so a zero-width space keeps them from being markup.
    """
    parts = _CODE.split(text)
    parts[::2] = (
        _SIGN.sub(lambda found: f"{found.group()}{ZERO_WIDTH_SPACE}", part) for part in parts[::2]
    )
    whole = "".join(parts)
    return whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def format_text(text: Text) -> str:
    """A line with mentions, and with times in the reader's time zone."""
    if isinstance(text, str):
        return escape(text)
    pieces = (span if not isinstance(span, str) else escape(span) for span in text)
    return render_text(
        tuple(pieces),
        _format_person,
        _format_time,
        _format_command,
        lambda where: f"<#{where.channel}>",
        lambda quote: escape(str(quote)),
        lambda link: f"<{_escape_url(link.url)}|{escape(link.label)}>",
    )


def _escape_url(url: str) -> str:
    """A web address between angle brackets, where only what ends it matters."""
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def unescape(text: str) -> str:
    """The text as its member typed it, without what Slack adds in messages and commands."""
    typed = _LINK.sub(lambda found: found["label"] or found["link"], text)
    return typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def parse_mention(text: str) -> str | None:
    """The user id if the whole text is a mention of a user. Source: Slack's documentation,
    "Formatting text for app surfaces": `<@U012AB3CD>`, with a label in commands."""
    found = _MENTION.fullmatch(text)
    return found["id"] if found and found["sign"] == "@" else None


def split_mentions(text: str) -> list[str]:
    """The mentions of people and user groups in a text, and the texts between them."""
    return [part for part in _SOMEONE.split(text) if part.strip()]


def replace_mentions(text: str) -> str:
    """The text with mentions of people and channels as they were typed, and with the ids of user
    groups."""
    text = _GROUP.sub(lambda found: found["id"], text)
    return _MENTION.sub(lambda found: f"{found['sign']}{found['label'] or found['id']}", text)


def to_plain_text(text: Text) -> str:
    """A line for notifications and screen readers."""
    return render_text(
        text,
        lambda who: who.name,
        lambda when: f"{when.at:%d %B, %H:%M} UTC",
        _format_line,
        link=lambda link: link.label,
    )


def _format_person(person: Person) -> str:
    return f"<@{person.user}>" if person.user.isalnum() else escape(person.name)


def _format_command(say: CommandMention) -> str:
    return escape(f"`{_format_line(say)}`")


def _format_line(say: CommandMention) -> str:
    return f"{COMMAND} {format_line(say)}"


def _format_time(moment: Moment) -> str:
    fallback = f"{moment.at:%d %B, %H:%M} UTC"
    return f"<!date^{int(moment.at.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def strip_code(text: str) -> str:
    """A text without the backticks around code, for where Slack would show them."""
    return text.replace("`", "").strip() or text


def shorten(text: str, limit: int) -> str:
    """Cut a text between words to at most `limit` characters, ending it with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - len(ELLIPSIS)]
    return (cut[: cut.rfind(" ")] if " " in cut[len(cut) // 2 :] else cut) + ELLIPSIS


def truncate(text: str, limit: int, mark: str = "") -> str:
    """Mrkdwn in at most `limit` characters. It ends with an ellipsis if it was cut, else with
    `mark`."""
    if len(text) > limit - len(mark):
        return next(_split(text, limit - len(mark)))
    return text + mark


def join_sections(lines: Iterable[str], limit: int) -> list[str]:
    """Join lines of mrkdwn into texts of at most `limit` characters; a longer line is split between
    words."""
    result: list[str] = []
    for line in lines:
        for piece in _split(line, limit):
            if result and len(result[-1]) + 1 + len(piece) <= limit:
                result[-1] += f"\n{piece}"
            else:
                result.append(piece)
    return [text for text in (text.strip("\n") for text in result) if text]


def _split(text: str, limit: int) -> Iterator[str]:
    while len(text) > limit:
        room = limit - len(ELLIPSIS) - 1
        end = max(text.rfind(" ", room // 2, room), text.rfind("\n", room // 2, room))
        if end < 0:
            # Don't cut an escaped character in two,
            end = text.rfind("&", room - 4, room) if "&" in text[room - 4 : room] else room
        if text.rfind("<", 0, end) > text.rfind(">", 0, end):
            # nor a mention or a date, which are all that's left between real brackets.
            end = text.rfind("<", 0, end) or end
        inside = text[:end].count("`") % 2 == 1
        yield text[:end] + ("`" if inside else "") + ELLIPSIS
        text = ("`" if inside else "") + text[end:].lstrip()
    yield text
