"""Generates the parts of the docs that repeat the code: `python -m tools.docs`, or `make docs`.

A generated block is between two comments with its name:

    <!-- begin commands discord: `make docs` writes this from the code -->
    <!-- end commands discord -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from typer.main import get_command

from adapters.slack import mrkdwn as slack
from bot.cli import app
from bot.engine.commands import LISTED
from bot.engine.commands.base import Command
from bot.engine.commands.help import describe_option
from bot.engine.commands.rights import ANYONE
from bot.engine.events import ROLE_WORD
from bot.engine.kinds import KINDS
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
BEGIN = "<!-- begin {}: `make docs` writes this from the code -->"
END = "<!-- end {} -->"
_BLOCK = re.compile(
    BEGIN.format(r"(?P<name>[\w ]+)") + r"\n(?P<text>.*?)" + END.format("(?P=name)"), re.DOTALL
)


class UnknownBlock(ValueError):
    """A page has a block with an unknown name."""


@dataclass(frozen=True, slots=True)
class Chat:
    """How a platform's page writes commands and options; `rest` is the option that takes the plain
    words after a command; `community` and `role` are the platform's words for where members meet
    and for a group of them."""

    command: str
    option: str
    rest: str
    community: str
    role: str = ROLE_WORD


CHATS: Mapping[str, Chat] = {
    "discord": Chat("/{}", "{}", "{}", "servers"),
    "slack": Chat("/quiz {}", "{}:", "[{}:]", "anywhere", slack.ROLE_WORD),
}
"""The chat platforms by name."""


def commands_of(chat: Chat) -> Iterator[str]:
    """Every command, followed by its options."""
    yield from _head("command", "where", "what it does")
    for command in LISTED.values():
        yield _row(
            f"`{chat.command.format(command.name)}`",
            _where(command, chat),
            f"{command.describe(chat.role)}.",
        )
        for option in command.options:
            syntax = chat.rest if option.name == command.rest else chat.option
            yield _row(
                f"&emsp;`{syntax.format(option.name)}`", "", describe_option(option, chat.role)
            )


def _where(command: Command, chat: Chat) -> str:
    places = {"nothing": "anywhere", "community": chat.community, "channel": "channels"}
    if command.right is ANYONE:
        return places[command.needs]
    who = command.right.refusal.removeprefix("Only ").removesuffix(" can do that.")
    return f"{places[command.needs]}, {who}"


def settings_of(platform: str) -> Iterator[str]:
    """The settings of a platform; of no platform in particular if it's empty."""
    yield from _head("setting", "meaning")
    prefix = Settings.model_config["env_prefix"]
    for name, field in Settings.model_fields.items():
        owner = name.partition("_")[0]
        if platform == (owner if owner in CHATS else ""):
            default = field.get_default()
            known = isinstance(default, str | int) and default
            meaning = f"{field.description} (default: {default})" if known else field.description
            yield _row(f"`{f'{prefix}{name}'.upper()}`", meaning or "")


def command_line() -> Iterator[str]:
    """Every shell command, with its arguments and options."""
    yield from _head("command", "what it does", "options")
    for words, command in list_shell_commands(get_command(app), ("studyhall",)):
        arguments = [_argument(each) for each in command.params if not each.opts[0].startswith("-")]
        options = [f"`{each.opts[0]}`" for each in command.params if each.opts[0].startswith("-")]
        purpose = " ".join(command.help.split("\n\n")[0].split())
        yield _row(f"`{' '.join([*words, *arguments])}`", purpose, ", ".join(options))


def list_shell_commands(
    command: Any, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, each in command.commands.items():
        yield from list_shell_commands(each, (*words, name))


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name).upper() + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def kinds() -> Iterator[str]:
    """The share of the points an answer earns; kinds with the same rule share a row."""
    yield from _head("kind", "share of the points")
    names: dict[str, list[str]] = {}
    for kind in KINDS.values():
        names.setdefault(kind.scoring, []).append(kind.name.lower())
    for worth, grouped in names.items():
        yield _row(", ".join(grouped), worth)


def _head(*titles: str) -> tuple[str, str]:
    return _row(*titles), f"|{'---|' * len(titles)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


BLOCKS: Mapping[str, Callable[[], Iterable[str]]] = {
    **{f"commands {name}": partial(commands_of, chat) for name, chat in CHATS.items()},
    **{f"settings {name}": partial(settings_of, name) for name in CHATS},
    "settings everywhere": partial(settings_of, ""),
    "command line": command_line,
    "kinds": kinds,
}


def pages() -> list[Path]:
    """The pages that can have generated blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def names_in(text: str) -> list[str]:
    """The names of a page's blocks."""
    return [found["name"] for found in _BLOCK.finditer(text)]


def renew(text: str) -> str:
    """The page with its blocks generated from the code. Raises UnknownBlock."""
    return _BLOCK.sub(_generate_block, text)


def without_blocks(text: str) -> str:
    """The handwritten part of a page."""
    return _BLOCK.sub("", text)


def _generate_block(found: re.Match[str]) -> str:
    name = found["name"]
    if name not in BLOCKS:
        raise UnknownBlock(f"there's no block `{name}`; use one of: {', '.join(BLOCKS)}")
    return "\n".join((BEGIN.format(name), *BLOCKS[name](), END.format(name)))


def main() -> None:
    """Update all pages, and print those that changed."""
    for page in pages():
        old = page.read_text(encoding="utf-8")
        if (new := renew(old)) != old:
            page.write_text(new, encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
