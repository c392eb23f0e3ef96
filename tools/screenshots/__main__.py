"""`python -m tools.screenshots` takes those of the docs, `... chat PAYLOADS OUT` of any chats."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.screenshots import chat, scenes, terminal

DOCS = Path(__file__).parents[2] / "docs"


def main(words: list[str]) -> None:
    """Take the pictures that the words name."""
    match words:
        case []:
            terminal.main()
            scenes.main(DOCS)
        case ["scenes"]:
            scenes.main(DOCS)
        case ["chat", payloads, out]:
            chat.render(Path(payloads), Path(out))
        case _:
            print("usage: python -m tools.screenshots [chat PAYLOADS OUT]", file=sys.stderr)
            sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
