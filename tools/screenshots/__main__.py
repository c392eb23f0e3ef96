"""`python -m tools.screenshots` takes the docs' screenshots, `... chat PAYLOADS OUT` any chat's."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.screenshots import chat, scenes, terminal

DOCS = Path(__file__).parents[2] / "docs"


def main(arguments: list[str]) -> None:
    """Take the screenshots that the arguments name."""
    match arguments:
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
