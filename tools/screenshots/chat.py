"""Takes pictures of chats from the payloads that the bot sent: `chat PAYLOADS OUT`.

A file `NAME.discord.json` or `NAME.slack.json` becomes `NAME.discord.png` or `NAME.slack.png`:

    {"title": "what the picture shows", "width": 720, "messages": [...], "names": {"123": "Ann"}}

Messages are what goes over the wire; `names` tells whom an id in a mention stands for. What the
platform adds on its side can be added here in its own words: `author`, `timestamp` and
`interaction` in Discord, `user` and `ts` of a `"type": "message"` in Slack.
"""

from __future__ import annotations

import json
from pathlib import Path

from tools.screenshots.browser import shoot
from tools.screenshots.discord import page_discord
from tools.screenshots.slack import page_slack

PAGES = {"discord": page_discord, "slack": page_slack}
WIDTH = 720


def render(payload_dir: Path, out_dir: Path) -> None:
    """Take a picture of each payload file, and print the line that shows it in Markdown."""
    out_dir.mkdir(parents=True, exist_ok=True)
    for platform, page in PAGES.items():
        for source in sorted(payload_dir.glob(f"*.{platform}.json")):
            told = json.loads(source.read_text(encoding="utf-8"))
            png = out_dir / f"{source.stem}.png"
            html = page(told["messages"], told.get("names", {}))
            shoot(html, png, told.get("width", WIDTH))
            print(f"![{told.get('title', source.stem)}]({png.name})")
