"""What the commands share: options, messages, tables, progress."""

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

AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="STUDYHALL_DATABASE_URL",
        help="Where answers are kept; without it a file in your data folder.",
        show_default=False,
    ),
]
OtherPack = Annotated[
    str, typer.Option(metavar="PACK", help="A pack's name or folder.", show_default=False)
]

WIDE = 200
"""Characters that a table may take."""

SLOW_SECONDS = 0.5
"""What takes longer shows how far it is."""

USAGE = 2
"""Exit code where the input, not the program, has to change."""


@contextmanager
def reporting_problems(*, as_json: bool = False) -> Iterator[None]:
    """Turn what a user can mend into a message (or data) and exit code 2."""
    from bot.app import NoCredentials
    from bot.engine.platform import LoginFailed
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
    except (DatabaseUnavailable, NotCopied, NoCredentials, LoginFailed) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(USAGE) from None


def settings_for(database_url: str | None) -> Settings:
    """The environment's settings, with the database that the command line names."""
    from bot.settings import Settings

    return Settings(database_url=database_url) if database_url else Settings()


def print_json(data: Any) -> None:
    """Print data for programs, indented for people who look."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_table(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows with the same keys as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*(rows[0] if rows else ()), box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    # Wider than a narrow terminal is better than figures cut short.
    Console(highlight=False, width=WIDE).print(table)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error, shown once something has taken half a second; in a file or
    a pipe it would be an empty line."""
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
            slow = monotonic() - began > SLOW_SECONDS
            bar.update(task, description=step, completed=done, total=total, visible=slow)
            bar.refresh()

        yield update
