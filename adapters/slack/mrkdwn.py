"""Texts as Slack's mrkdwn: escaped, with people and times in Slack's way, and split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.engine.lines import format_line
from bot.engine.screens import CommandMention, Moment, Person, Text, format_text

COMMAND = "/quiz"
"""The app's one command; what it does follows as words."""

MARK = " …"
"""Stands where a text is cut."""

GAP = "\u200b"
"""Takes no room, and keeps a sign from being read as markup."""

_CODE = re.compile(r"(`[^`\n]+`)")
_LINK = re.compile(r"<(?P<link>(?:https?:|mailto:)[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_MENTION = re.compile(r"<(?P<sign>[@#])(?P<id>\w+)(?:\|(?P<label>[^<>]*))?>")
_GROUP = re.compile(r"<!subteam\^(?P<id>\w+)(?:\|[^<>]*)?>")
_SIGN = re.compile(r"(?<!\w)[*_~](?=\S)|`|@(?=here\b|channel\b|everyone\b)|^(?=>)", re.MULTILINE)


def escaped(text: str) -> str:
    """The text so that Slack shows it is: `code` stays code, nothing else is markup.

    Source: Slack's documentation, "Formatting text for app surfaces": &, < and > are to be
    escaped; other signs have no escape, so a gap takes their meaning away.
    """
    parts = _CODE.split(text)
    parts[::2] = (_SIGN.sub(lambda found: f"{found.group()}{GAP}", part) for part in parts[::2])
    whole = "".join(parts)
    return whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shown(text: Text) -> str:
    """A line with mentions and with times by the reader's clock."""
    if isinstance(text, str):
        return escaped(text)
    pieces = (span if not isinstance(span, str) else escaped(span) for span in text)
    return format_text(
        tuple(pieces),
        _mention,
        _time,
        _command,
        lambda where: f"<#{where.channel}>",
        lambda quote: escaped(str(quote)),
    )


def typed(text: str) -> str:
    """What a member typed, from what Slack makes of it in messages and after a command."""
    said = _LINK.sub(lambda found: found["label"] or found["link"], text)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentioned(text: str) -> str | None:
    """The id of the user that a typed text is a mention of, if it is one. Source: Slack's
    documentation, "Formatting text for app surfaces": `<@U012AB3CD>`, with a label in commands."""
    found = _MENTION.fullmatch(text)
    return found["id"] if found and found["sign"] == "@" else None


def unmentioned(text: str) -> str:
    """The text with the mentions of people and channels as they were typed, and the ids of user
    groups."""
    text = _GROUP.sub(lambda found: found["id"], text)
    return _MENTION.sub(lambda found: f"{found['sign']}{found['label'] or found['id']}", text)


def plain(text: Text) -> str:
    """A line for a notification or a screen reader."""
    return format_text(
        text, lambda who: who.name, lambda when: f"{when.at:%d %B, %H:%M} UTC", _line
    )


def _mention(person: Person) -> str:
    return f"<@{person.user}>" if person.user.isalnum() else escaped(person.name)


def _command(say: CommandMention) -> str:
    return escaped(f"`{_line(say)}`")


def _line(say: CommandMention) -> str:
    return f"{COMMAND} {format_line(say)}"


def _time(moment: Moment) -> str:
    fallback = f"{moment.at:%d %B, %H:%M} UTC"
    return f"<!date^{int(moment.at.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def shortened(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut between words and marked where it is cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - len(MARK)]
    return (cut[: cut.rfind(" ")] if " " in cut[len(cut) // 2 :] else cut) + MARK


def cut(text: str, limit: int, mark: str = "") -> str:
    """Mrkdwn in at most `limit` characters; marked where it is cut, or at any rate with `mark`."""
    if len(text) > limit - len(mark):
        return next(_pieces(text, limit - len(mark)))
    return text + mark


def sections(lines: Iterable[str], limit: int) -> list[str]:
    """Lines of mrkdwn joined into texts of at most so many characters; a longer line is split
    between words, with a mark."""
    found: list[str] = []
    for line in lines:
        for piece in _pieces(line, limit):
            if found and len(found[-1]) + 1 + len(piece) <= limit:
                found[-1] += f"\n{piece}"
            else:
                found.append(piece)
    return [text for text in (text.strip("\n") for text in found) if text]


def _pieces(text: str, limit: int) -> Iterator[str]:
    while len(text) > limit:
        room = limit - len(MARK) - 1
        end = max(text.rfind(" ", room // 2, room), text.rfind("\n", room // 2, room))
        if end < 0:
            # An escaped sign must not be cut in two.
            end = text.rfind("&", room - 4, room) if "&" in text[room - 4 : room] else room
        if text.rfind("<", 0, end) > text.rfind(">", 0, end):
            # Nor must a mention or a time, which are the only things between real brackets.
            end = text.rfind("<", 0, end) or end
        inside = text[:end].count("`") % 2 == 1
        yield text[:end] + ("`" if inside else "") + MARK
        text = ("`" if inside else "") + text[end:].lstrip()
    yield text
