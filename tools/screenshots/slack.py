"""Slack: a page that looks like the channel, modal or Home tab of a Block Kit payload."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from rich.emoji import Emoji

from tools.screenshots.page import (
    BOT,
    CHEVRON,
    CROSS,
    EYE,
    NOW,
    Json,
    Rule,
    avatar,
    page,
    render_markup,
    rule,
    tag,
)

EMOJI = {
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "large_orange_circle": "🟠",
    "first_place_medal": "🥇",
    "second_place_medal": "🥈",
    "third_place_medal": "🥉",
    "white_circle": "⚪",
    "red_circle": "🔴",
}
"""Slack's emoji names that Rich doesn't have."""

CLOCKS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%d/%m/%Y",
    "date": "%-d %B %Y",
    "date_short": "%-d %b %Y",
    "date_long": "%A, %-d %B %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
}
LINE = re.compile(r"(?:```.*?```|[^\n])+|\n", re.DOTALL)
"""A line of text; with a code block, it can span several source lines."""


def page_slack(messages: Sequence[Json], names: Mapping[str, str] | None = None) -> str:
    """A page of messages, modals and Home tabs; `names` maps ids like `<@U1>` to
    names."""
    renderer = MessageRenderer(names or {})
    return page(
        "slack.css",
        "".join(map(renderer.surface, messages)),
        *(f"lato/{weight}" for weight in ("400", "400-italic", "700", "900")),
    )


class Mrkdwn:
    """Slack's markup, as rendered at a given time for someone who sees all names."""

    def __init__(self, names: Mapping[str, str], now: datetime) -> None:
        self._names = names
        self._now = now
        self._plain: tuple[Rule, ...] = (
            rule(r"&(?:amp|lt|gt);", lambda found: found[0]),
            rule(r":([a-z0-9_+-]+):", self._emoji),
        )
        self._marks: tuple[Rule, ...] = (
            rule(r"```\n?(.+?)\n?```", lambda found: tag("pre", self._raw(found[1]))),
            rule(r"`([^`\n]+)`", lambda found: tag("code", self._raw(found[1]))),
            rule(r"<#\w+\|([^>]*)>", lambda found: tag("span", f"#{found[1]}", "mention")),
            rule(r"<([@#])(\w+)(?:\|[^>]*)?>", self._mention),
            rule(r"<!date\^(\d+)\^([^|>^]*)(?:\^[^|>]*)?\|[^>]*>", self._date),
            rule(r"<!(here|channel|everyone)>", lambda found: tag("span", f"@{found[1]}", "loud")),
            rule(r"<[^!@#|>][^|>]*\|([^>]+)>", self._around("a")),
            rule(r"<([^!@#|>][^|>]*)>", lambda found: tag("a", self._raw(found[1]))),
            rule(r"(?<![\w*])\*(?! )([^*\n]+)(?<! )\*(?![\w*])", self._around("b")),
            rule(r"(?<!\w)_(?! )([^_\n]+)(?<! )_(?!\w)", self._around("i")),
            rule(r"(?<!\w)~(?! )([^~\n]+)(?<! )~(?!\w)", self._around("s")),
            *self._plain,
        )

    def html(self, text: Json | str | None) -> str:
        """A text object, or the text of a message."""
        match text:
            case None:
                return ""
            case {"type": "plain_text", "text": str(words)}:
                return tag("div", render_markup(words, self._plain), "plain")
            case {"text": str(words)} | str(words):
                return self._lines(words)
            case _:
                raise ValueError(f"not a text: {text}")

    def _lines(self, text: str) -> str:
        lines: list[str] = []
        ended = True
        for found in LINE.findall(text):
            if found.startswith(("&gt;", ">")):
                words = found.removeprefix("&gt;").removeprefix(">").strip()
                lines.append(tag("blockquote", self._words(words)))
            elif found != "\n":
                lines.append(tag("div", self._words(found)))
            elif ended:
                lines.append(tag("div", "<br>", "gap"))
            ended = found == "\n"
        return "".join(lines)

    def _words(self, text: str) -> str:
        return render_markup(text, self._marks)

    def _raw(self, text: str) -> str:
        return render_markup(text, self._plain[:1])

    def _around(self, name: str) -> Callable[[re.Match[str]], str]:
        return lambda found: tag(name, self._words(found[1]))

    def _emoji(self, found: re.Match[str]) -> str:
        drawn = EMOJI.get(found[1]) or Emoji.replace(found[0])
        return escape(drawn) if drawn == found[0] else tag("span", drawn, "emoji")

    def _mention(self, found: re.Match[str]) -> str:
        return tag("span", escape(found[1] + self._names.get(found[2], found[2])), "mention")

    def _date(self, found: re.Match[str]) -> str:
        at = datetime.fromtimestamp(int(found[1]), UTC)
        return re.sub(r"\{(\w+)\}", lambda name: self._clock(name[1], at), self._raw(found[2]))

    def _clock(self, name: str, at: datetime) -> str:
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
        days = (at.date() - self._now.date()) // timedelta(days=1)
        if name.endswith("_pretty") and days in near:
            return near[days]
        return at.strftime(CLOCKS[name.removesuffix("_pretty")])


class MessageRenderer:
    """Renders messages and views as HTML. It rejects what it doesn't know, so that no screenshot
    silently leaves out a part of a message."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._mrkdwn = Mrkdwn(names, NOW)

    def surface(self, sent: Json) -> str:
        """A message, a modal or a Home tab; views can be inside the call that opens them."""
        data = sent.get("view", sent)
        match data.get("type"):
            case "modal":
                return self._modal(data)
            case "home":
                return self._home(data)
            case _:
                return self._message(data)

    def _message(self, sent: Json) -> str:
        at = datetime.fromtimestamp(float(sent["ts"]), UTC) if "ts" in sent else NOW
        self._mrkdwn = Mrkdwn(self._names, at)
        app = sent.get("type") != "message"
        name = BOT if app else self._names.get(sent["user"], sent["user"])
        # Of a bot's payloads, only `chat.postEphemeral` has a user.
        hidden = sent.get("response_type") == "ephemeral" or (app and "user" in sent)
        head = (
            tag("span", escape(name), "name")
            + tag("span", "APP" if app else "", "badge")
            + tag("time", at.strftime("%H:%M"))
        )
        blocks = sent.get("blocks")
        text = "" if blocks or not sent.get("text") else self._mrkdwn.html(sent["text"])
        body = (
            tag("header", head)
            + tag("div", text, "section")
            + self._blocks(blocks or ())
            + "".join(map(self._attachment, sent.get("attachments", ())))
        )
        note = f"{EYE}<span>Only visible to you</span>" if hidden else ""
        if root := sent.get("root"):
            first = escape(root["text"].partition("\n")[0])
            note = f"<span>replied to a thread: <a>{first}</a></span>"
        above = tag("div", note, "above")
        return tag("article", above + avatar(name, app=app) + tag("main", body))

    def _attachment(self, attachment: Json) -> str:
        blocks = self._blocks(attachment.get("blocks", ()))
        inner = self._mrkdwn.html(attachment.get("text")) + blocks
        color = "#" + attachment.get("color", "dddddd").removeprefix("#")
        return f'<div class="attachment" style="border-color: {escape(color)}">{inner}</div>'

    def _modal(self, view: Json) -> str:
        close = words(view.get("close")) or "Cancel"
        ends = tag("span", escape(close), "button")
        if submit := words(view.get("submit")):
            ends += tag("span", escape(submit), "button primary")
        head = avatar(BOT, app=True) + tag("h2", escape(words(view["title"]))) + CROSS
        dialog = (
            tag("header", head)
            + tag("main", self._blocks(view["blocks"]))
            + tag("div", ends, "ends")
        )
        return tag("div", tag("div", dialog, "dialog"), "backdrop")

    def _home(self, view: Json) -> str:
        tabs = "<b>Home</b><span>Messages</span><span>About</span>"
        head = avatar(BOT, app=True) + tag("h2", BOT)
        return tag(
            "div",
            tag("header", head) + tag("nav", tabs) + tag("main", self._blocks(view["blocks"])),
            "home",
        )

    def _blocks(self, blocks: Sequence[Json]) -> str:
        return "".join(map(self._block, blocks))

    def _block(self, block: Json) -> str:
        match block["type"]:
            case "header":
                return tag("div", self._mrkdwn.html(block["text"]), "header")
            case "divider":
                return "<hr>"
            case "section":
                return self._section(block)
            case "context":
                return tag("div", "".join(map(self._element, block["elements"])), "context")
            case "actions":
                return tag("div", "".join(map(self._element, block["elements"])), "actions")
            case "input":
                return self._input(block)
            case "image":
                return tag("div", self._element(block), "figure")
            case other:
                raise ValueError(f"can't render a block of type {other}")

    def _section(self, block: Json) -> str:
        fields = "".join(tag("div", self._mrkdwn.html(field)) for field in block.get("fields", ()))
        text = tag("div", self._mrkdwn.html(block.get("text")), "text")
        aside = tag("div", self._element(block["accessory"]) if "accessory" in block else "")
        return tag(
            "div", tag("div", text + tag("div", fields, "fields"), "words") + aside, "section"
        )

    def _input(self, block: Json) -> str:
        optional = tag("span", " (optional)" if block.get("optional") else "", "optional")
        return tag(
            "div",
            tag("label", escape(words(block["label"])) + optional)
            + self._element(block["element"])
            + tag("div", self._mrkdwn.html(block.get("hint")), "hint"),
            "input",
        )

    def _element(self, element: Json) -> str:
        match element["type"]:
            case "mrkdwn" | "plain_text":
                return tag("div", self._mrkdwn.html(element))
            case "button":
                kind = f"button {element.get('style', '')}".strip()
                return tag("span", self._mrkdwn.html(element["text"]), kind)
            case "plain_text_input" | "number_input" | "timepicker":
                kind = "area" if element.get("multiline") else "line"
                initial = element.get("initial_value") or element.get("initial_time")
                filled = tag("div", escape(initial or ""))
                return tag("div", filled or self._empty(element, ""), f"box {kind}")
            case "checkboxes" | "radio_buttons":
                return self._boxes(element)
            case "image":
                # Nothing is fetched for a screenshot, so the alt text stands in.
                return tag("div", escape(element["alt_text"]), "image")
            case "overflow":
                return tag("span", "•••", "button")
            case kind if kind.endswith("_select"):
                return self._select(element)
            case other:
                raise ValueError(f"can't render an element of type {other}")

    def _select(self, element: Json) -> str:
        picked = [*initial_labels(element), *self._initial_names(element)]
        if element["type"].startswith("multi_"):
            pills = "".join(tag("span", escape(label), "pill") for label in picked)
        else:
            pills = tag("span", escape(", ".join(picked)))
        return tag("div", f"{pills or self._empty(element, 'Choose')}{CHEVRON}", "box select")

    def _initial_names(self, element: Json) -> list[str]:
        """The names of the initially selected people or channel."""
        ids = [*element.get("initial_users", ()), element.get("initial_conversation")]
        return [self._names.get(id_, id_) for id_ in ids if id_]

    def _empty(self, element: Json, otherwise: str) -> str:
        text = escape(words(element.get("placeholder")) or otherwise) or "&nbsp;"
        return tag("span", text, "placeholder")

    def _boxes(self, element: Json) -> str:
        kind = "radio" if element["type"] == "radio_buttons" else "check"
        picked = initial_labels(element)
        options = ""
        for option in element["options"]:
            on = " on" if words(option["text"]) in picked else ""
            hint = tag("div", self._mrkdwn.html(option.get("description")), "hint")
            label = tag("div", self._mrkdwn.html(option["text"]) + hint)
            options += tag("div", f'<i class="{kind}{on}"></i>{label}', "option")
        return tag("div", options, "options")


def words(text: Json | None) -> str:
    """The text of a text object."""
    return str(text["text"]) if text else ""


def initial_labels(element: Json) -> list[str]:
    """The labels of the initially selected options."""
    one = element.get("initial_option")
    return [
        words(option["text"]) for option in element.get("initial_options", [one] if one else [])
    ]
