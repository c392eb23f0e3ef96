"""Discord: a page that looks like the channel a message would appear in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby

from tools.screenshots.page import (
    BOT,
    CHEVRON,
    CROSS,
    EYE,
    NOW,
    Json,
    Rule,
    avatar,
    icon,
    page,
    render_markup,
    rule,
    tag,
)

EPHEMERAL = 1 << 6
MODAL = 9
PARAGRAPH = 2
LINK = 5
BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "danger", LINK: "link", 6: "primary"}
CLOCKS = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "%-d %B %Y",
    "f": "%-d %B %Y at %H:%M",
    "F": "%A, %-d %B %Y at %H:%M",
}
UNITS = (
    ("year", 365),
    ("month", 30),
    ("day", 1),
    ("hour", 1 / 24),
    ("minute", 1 / 1440),
    ("second", 1 / 86400),
)
"""Units of time with their length in days, for `in 3 hours`."""

LINE = re.compile(r"(?:```.*?```|\|\|.*?\|\||\\.|[^\n])+|\n", re.DOTALL)
"""A line of text; with a code block or spoiler, it can span several source lines."""

BLOCKS = (
    ("h3", re.compile(r"#{1,3} (.*)", re.DOTALL)),
    ("small", re.compile(r"-# (.*)", re.DOTALL)),
    ("blockquote", re.compile(r"> (.*)", re.DOTALL)),
    ("bullet", re.compile(r"[-*] (.*)", re.DOTALL)),
)
LINK_ICON = icon("M6.5 3.5h-3v9h9v-3M9 2.5h4.5v4.5M13 3L7.5 8.5")
WARNING_ICON = icon("M8 1.8l6.7 12H1.3zM8 6v4M8 11.5v.8")


def page_discord(messages: Sequence[Json], names: Mapping[str, str] | None = None) -> str:
    """A page of messages and modals; `names` maps ids like `<@id>` to names."""
    renderer = MessageRenderer(names or {})
    return page(
        "discord.css",
        "".join(map(renderer.message, messages)),
        *(f"noto-sans/{weight}" for weight in ("400", "400-italic", "500", "600", "700")),
    )


class Markdown:
    """Discord's Markdown, as rendered at a given time for someone who sees all names."""

    def __init__(self, names: Mapping[str, str], now: datetime) -> None:
        self._names = names
        self._now = now
        inside = r"((?:\\.|[^\\])+?)"
        self._inline: tuple[Rule, ...] = (
            rule(r"\\([^\w\s])", lambda found: escape(found[1])),
            rule(r"```(?:\w+\n)?\n*(.+?)\n*```", lambda found: tag("pre", escape(found[1]))),
            rule(r"(`{1,2})(.+?)\1(?!`)", lambda found: tag("code", escape(found[2].strip()))),
            rule(rf"\|\|{inside}\|\|", self._around("span", "spoiler")),
            rule(rf"\*\*{inside}\*\*(?!\*)", self._around("strong")),
            rule(rf"__{inside}__(?!_)", self._around("u")),
            rule(rf"~~{inside}~~", self._around("s")),
            rule(rf"\*(?=\S){inside}(?<=\S)\*(?!\*)", self._around("em")),
            rule(rf"\b_{inside}_\b", self._around("em")),
            rule(r"<(@[!&]?|#)(\d+)>", self._mention),
            rule(r"<t:(-?\d+)(?::([tTdDfFR]))?>", self._time),
            rule(r"</([\w -]+):\d+>", lambda found: tag("span", f"/{found[1]}", "mention")),
            rule(r"\[([^\]\n]+)\]\(<?https?://[^\s)>]+>?\)", self._around("a")),
            rule(r"<(https?://[^\s>]+)>", lambda found: tag("a", escape(found[1]))),
            rule(r"https?://[^\s<>]*[^\s<>.,:;\"')\]]", lambda found: tag("a", escape(found[0]))),
        )

    def html(self, text: str) -> str:
        """A whole text, line by line, since headings, lists and quotes start on a new line."""
        lines: list[str] = []
        ended = True
        for found in LINE.findall(text):
            if found != "\n":
                lines.append(self._line(found))
            elif ended:
                lines.append(tag("div", "<br>"))
            ended = found == "\n"
        return "".join(lines)

    def _line(self, text: str) -> str:
        for kind, pattern in BLOCKS:
            if found := pattern.fullmatch(text):
                return tag("div", self._words(found[1]), kind)
        if found := re.fullmatch(r"(\d+\.) (.*)", text, re.DOTALL):
            return tag("div", f"<i>{found[1]}</i>{self._words(found[2])}", "numbered")
        return tag("div", self._words(text))

    def _words(self, text: str) -> str:
        return render_markup(text, self._inline)

    def _around(self, name: str, kind: str = "") -> Callable[[re.Match[str]], str]:
        return lambda found: tag(name, self._words(found[1]), kind)

    def _mention(self, found: re.Match[str]) -> str:
        sign = found[1][0]
        name = self._names.get(found[2], "unknown-user" if sign == "@" else "unknown")
        return tag("span", escape(sign + name), "mention")

    def _time(self, found: re.Match[str]) -> str:
        at = datetime.fromtimestamp(int(found[1]), UTC)
        style = found[2] or "f"
        text = relative(at - self._now) if style == "R" else at.strftime(CLOCKS[style])
        return tag("span", text, "time")


def relative(span: timedelta) -> str:
    """A time relative to now in words: `in 3 hours`, `2 days ago`."""
    days = abs(span) / timedelta(days=1)
    unit, size = next((unit for unit in UNITS if days >= unit[1]), UNITS[-1])
    count = round(days / size)
    one = "an" if unit == "hour" else "a"
    words = f"{one} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {words}" if span > timedelta(0) else f"{words} ago"


class MessageRenderer:
    """Renders messages as HTML. It rejects what it doesn't know, so that no screenshot silently
    leaves out a part of a message."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._markdown = Markdown(names, NOW)

    def message(self, sent: Json) -> str:
        """A message or a modal, possibly wrapped as the response to an interaction."""
        data = sent["data"] | {"interaction": sent.get("interaction")} if "data" in sent else sent
        if sent.get("type") == MODAL:
            return self._modal(data)
        at = datetime.fromisoformat(sent["timestamp"]) if "timestamp" in sent else NOW
        self._markdown = Markdown(self._names, at)
        author = sent.get("author") or {"username": BOT, "bot": True}
        name, app = person(author), author.get("bot", False)
        hidden = data.get("flags", 0) & EPHEMERAL
        head = (
            tag("span", escape(name), "name")
            + tag("span", "APP" if app else "", "badge")
            + tag("time", at.strftime("%H:%M"))
        )
        below = (
            f"{EYE}<span>Only you can see this • <a>Dismiss message</a></span>" if hidden else ""
        )
        body = (
            tag("header", head)
            + tag("div", self._markdown.html(data.get("content") or ""), "content")
            + "".join(map(self._embed, data.get("embeds", ())))
            + "".join(map(self._row, data.get("components", ())))
            + tag("div", below, "below")
        )
        return tag(
            "article",
            self._command(data) + avatar(name, app=app) + tag("main", body),
            "hidden" if hidden else "seen",
        )

    def _command(self, data: Json) -> str:
        """What a message answers: a command, or another message."""
        if replied_to := data.get("referenced_message"):
            name = person(replied_to["author"])
            who = avatar(name, app=True) + tag("span", escape(name), "name")
            return tag("div", f"{who} Click to see attachment", "command")
        asked = data.get("interaction")
        if not asked:
            return ""
        name = person(asked["user"])
        command = tag("span", f"/{escape(asked['name'])}", "mention")
        who = tag("span", escape(name), "name")
        return tag("div", f"{avatar(name, app=False)}{who} used {command}", "command")

    def _embed(self, embed: Json) -> str:
        title = self._markdown.html(embed.get("title", ""))
        footer = escape(embed.get("footer", {}).get("text", ""))
        inner = (
            tag("div", escape(embed.get("author", {}).get("name", "")), "by")
            + tag("div", tag("a", title) if embed.get("url") else title, "title")
            + tag("div", self._markdown.html(embed.get("description", "")), "description")
            + self._fields(embed.get("fields", ()))
            + tag("footer", footer)
        )
        color = embed.get("color")
        edge = "" if color is None else f' style="border-left-color: #{color:06x}"'
        return f'<section class="embed"{edge}>{inner}</section>'

    def _fields(self, fields: Sequence[Json]) -> str:
        """Fields below each other, with up to three consecutive inline fields per row."""
        rows: list[list[Json]] = []
        for inline, run in groupby(fields, lambda field: bool(field.get("inline"))):
            found, size = list(run), 3 if inline else 1
            rows += [found[at : at + size] for at in range(0, len(found), size)]
        return "".join(tag("div", "".join(map(self._field, row)), "fields") for row in rows)

    def _field(self, field: Json) -> str:
        name, value = self._markdown.html(field["name"]), self._markdown.html(field["value"])
        return tag("div", tag("div", name, "key") + tag("div", value))

    def _row(self, row: Json) -> str:
        match row["type"]:
            case 1:
                return tag("div", "".join(map(self._control, row["components"])), "row")
            case 10:
                return tag("div", self._markdown.html(row["content"]), "content")
            case 18:
                return self._labeled(row["component"], row["label"], row.get("description", ""))
            case other:
                raise ValueError(f"can't render a top-level component of type {other}")

    def _control(self, control: Json) -> str:
        match control["type"]:
            case 2:
                return self._button(control)
            case 3 | 5 | 6 | 7 | 8:
                return self._select(control)
            case 4 if "label" in control:
                return self._labeled(control, control["label"], "")
            case 4:
                kind = "area" if control.get("style") == PARAGRAPH else "line"
                filled = escape(control.get("value") or "")
                empty = tag("span", escape(control.get("placeholder") or ""), "placeholder")
                return f'<div class="box {kind}">{filled or empty}</div>'
            case other:
                raise ValueError(f"can't render a component of type {other}")

    def _button(self, button: Json) -> str:
        off = " disabled" if button.get("disabled") else ""
        emoji = tag("span", escape((button.get("emoji") or {}).get("name") or ""), "emoji")
        label = tag("span", escape(button.get("label") or ""))
        after = LINK_ICON if button["style"] == LINK else ""
        kind = BUTTONS[button["style"]]
        return f'<span class="button {kind}{off}">{emoji}{label}{after}</span>'

    def _select(self, select: Json) -> str:
        off = " disabled" if select.get("disabled") else ""
        picked = [option for option in select.get("options", ()) if option.get("default")]
        labels = escape(", ".join(option["label"] for option in picked))
        text = tag("span", escape(select.get("placeholder") or "Make a selection"), "placeholder")
        return f'<div class="box select{off}"><span>{labels or text}</span>{CHEVRON}</div>'

    def _labeled(self, control: Json, label: str, hint: str) -> str:
        star = "" if control.get("required") is False else '<b class="star">*</b>'
        bare = {key: value for key, value in control.items() if key != "label"}
        return tag(
            "div",
            tag("div", escape(label) + star, "label")
            + tag("div", escape(hint), "hint")
            + self._control(bare),
            "labeled",
        )

    def _modal(self, data: Json) -> str:
        head = avatar(BOT, app=True) + tag("h2", escape(data["title"])) + CROSS
        warning = (
            f"{WARNING_ICON}<span>This form will be submitted to <b>{BOT}</b>. "
            "Do not share passwords or other sensitive information.</span>"
        )
        ends = '<span class="button secondary">Cancel</span><span class="button primary">Submit'
        dialog = (
            tag("header", head)
            + tag("div", warning, "warning")
            + "".join(map(self._row, data["components"]))
            + tag("div", f"{ends}</span>", "ends")
        )
        return tag("div", tag("div", dialog, "dialog"), "backdrop")


def person(user: Json) -> str:
    """The name that Discord shows for a user."""
    return str(user.get("global_name") or user["username"])
