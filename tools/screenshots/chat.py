"""Takes screenshots of chats from payloads that the bot sent: `chat PAYLOADS OUT`.

A file `NAME.discord.json` or `NAME.slack.json` becomes `NAME.discord.png` or `NAME.slack.png`:

    {"title": "what the screenshot shows", "width": 720, "messages": [...], "names": {"123": "Ann"}}

Messages are as sent over the wire, and `names` maps ids in mentions to names. You can add what the
platform itself adds to a message: `author`, `timestamp` and `interaction` in Discord, `user` and
`ts` of a `"type": "message"` in Slack.
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
    """Take a screenshot of each payload file, and print the Markdown that shows it."""
    out_dir.mkdir(parents=True, exist_ok=True)
    for platform, page in PAGES.items():
        for source in sorted(payload_dir.glob(f"*.{platform}.json")):
            scene = json.loads(source.read_text(encoding="utf-8"))
            png = out_dir / f"{source.stem}.png"
            html = page(scene["messages"], scene.get("names", {}))
            shoot(html, png, scene.get("width", WIDTH))
            print(f"![{scene.get('title', source.stem)}]({png.name})")
