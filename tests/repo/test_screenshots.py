"""Pictures of chats show a payload as the platforms would, and leave nothing out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tools.screenshots.discord import Markdown, page_discord, relative
from tools.screenshots.page import NOW
from tools.screenshots.slack import Mrkdwn, page_slack

NAMES = {"1": "Ann", "U1": "Ben"}
SOON = int(NOW.timestamp()) + 300


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\*\*not bold\*\* <b>", "**not bold** &lt;b&gt;"),
        (r"**a \*\* b**", "<strong>a ** b</strong>"),
        ("`**code** \\*`", "<code>**code** \\*</code>"),
        ("a_snake_name _it_", "a_snake_name <em>it</em>"),
        ("||`x`||", '<span class="spoiler"><code>x</code></span>'),
        (
            "<@1> <@2>",
            '<span class="mention">@Ann</span> <span class="mention">@unknown-user</span>',
        ),
        (f"<t:{SOON}:R>", '<span class="time">in 5 minutes</span>'),
        ("[*a*](https://x.example/)", "<a><em>a</em></a>"),
    ],
)
def test_discord_markdown(text: str, html: str) -> None:
    assert Markdown(NAMES, NOW).html(text) == f"<div>{html}</div>"


def test_discord_lines() -> None:
    html = Markdown({}, NOW).html("- a\n\n```py\nx < 1\n\ny\n```\n**1.** b")
    assert html == (
        '<div class="bullet">a</div><div><br></div><div><pre>x &lt; 1\n\ny</pre></div>'
        "<div><strong>1.</strong> b</div>"
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "in 45 seconds"),
        (timedelta(minutes=-1), "a minute ago"),
        (timedelta(hours=1, minutes=10), "in an hour"),
        (timedelta(days=-3), "3 days ago"),
    ],
)
def test_relative(span: timedelta, words: str) -> None:
    assert relative(span) == words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* 2 * 3 * 4", "<b>bold</b> 2 * 3 * 4"),
        ("&lt;b&gt; <b>", "&lt;b&gt; <a>b</a>"),
        ("`*x* :tada:`", "<code>*x* :tada:</code>"),
        (":tada: :nothing:", '<span class="emoji">🎉</span> :nothing:'),
        ("<@U1> <https://x.example|_a_>", '<span class="mention">@Ben</span> <a><i>a</i></a>'),
        (f"<!date^{SOON}^{{date_pretty}}, {{time}}|soon>", "today, 16:25"),
    ],
)
def test_slack_mrkdwn(text: str, html: str) -> None:
    assert Mrkdwn(NAMES, NOW).html(text) == f"<div>{html}</div>"


def test_private_messages_are_marked() -> None:
    private, open_ = {"content": "x", "flags": 64}, {"content": "x"}
    assert "Only you can see this" in page_discord([private])
    assert "Only you can see this" not in page_discord([open_])
    assert "Only visible to you" in page_slack([{"channel": "C1", "user": "U1", "text": "x"}])
    assert "Only visible to you" not in page_slack([{"channel": "C1", "text": "x"}])


def test_unknown_parts_are_rejected() -> None:
    with pytest.raises(ValueError, match="type 99"):
        page_discord([{"components": [{"type": 99}]}])
    with pytest.raises(ValueError, match="type video"):
        page_slack([{"blocks": [{"type": "video"}]}])


def test_nothing_is_fetched() -> None:
    image = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "A"}
    html = page_slack([{"blocks": [image]}]) + page_discord([{"content": "https://x.example"}])
    assert not re.findall(r"""(?:href|src|url\()=?["']?(?!file:)\w+:""", html)
