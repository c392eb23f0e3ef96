"""Shared by all commands: options, error messages, tables, the progress bar."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="STUDYHALL_DATABASE_URL",
        help="Database to use (default: a SQLite file in your data folder).",
        show_default=False,
    ),
]
Plain = Annotated[
    bool, typer.Option("--plain", help="For screen readers: no lines, columns, colors or menus.")
]
Packs = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar="PACK",
        help="A pack's name or folder; the first of several is the default.",
        show_default=False,
    ),
]

MAX_TABLE_WIDTH = 200
"""In characters. A terminal that's narrower wraps lines, which beats figures cut short."""

PROGRESS_AFTER_SECONDS = 0.5

USAGE = 2
"""Exit code for errors that the user can fix."""


@contextmanager
def reporting_problems(*, as_json: bool = False) -> Iterator[None]:
    """Report errors that the user can fix, as text or JSON, with exit code 2."""
    from bot.engine.platform import LoginFailed, Misconfigured
    from bot.maintenance import DatabaseUnavailable, NotCopied
    from content.loader import BrokenPack

    try:
        yield
    except BrokenPack as broken:
        if as_json:
            print_json({"ok": False, "problems": [asdict(each) for each in broken.problems]})
        for problem in () if as_json else broken.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None
    except (DatabaseUnavailable, NotCopied, Misconfigured, LoginFailed) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None


def settings_for(database_url: str | None, packs: Sequence[str] = ()) -> Settings:
    """Settings from the environment, with the database and the packs from the command line. Raises
    Misconfigured."""
    from pydantic import ValidationError

    from bot.engine.platform import Misconfigured
    from bot.settings import Settings, name_variable

    try:
        given: dict[str, Any] = {"database_url": database_url, "pack": tuple(packs)}
        return Settings(**{name: value for name, value in given.items() if value})
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        raise Misconfigured(
            f"{name_variable(str(first['loc'][0]))} can't be {first['input']!r}. {first['msg']}."
        ) from None


def print_json(data: Any, *, indent: int | None = 2) -> None:
    """Print JSON, indented so that people can read it, too; in escapes where the encoding lacks
    characters."""
    unicode = sys.stdout.encoding.casefold().startswith("utf")
    json.dump(data, sys.stdout, ensure_ascii=not unicode, indent=indent)
    sys.stdout.write("\n")


def print_table(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows, which have the same keys, as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*(rows[0] if rows else ()), box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    Console(highlight=False, width=MAX_TABLE_WIDTH).print(table)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error for long tasks; there's none in a file or a pipe,
    where it would leave an empty line."""
    from rich.console import Console
    from rich.progress import Progress

    began = monotonic()
    console = Console(stderr=True)
    with Progress(
        console=console,
        transient=True,
        auto_refresh=False,
        disable=not console.is_interactive,
    ) as bar:
        task = bar.add_task("", total=None, visible=False)

        def update(step: str, done: int, total: int) -> None:
            slow = monotonic() - began > PROGRESS_AFTER_SECONDS
            bar.update(task, description=step, completed=done, total=total, visible=slow)
            bar.refresh()

        yield update
