"""The program around all commands: what the machine refuses is one line, not a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any

import typer
from typer.core import TyperGroup

from bot.cli.encoding import PLAIN_SIGNS
from bot.cli.shared import USAGE

CLOSED_PIPE = 128 + 13
"""Exit code when whoever reads our output leaves, as in `studyhall pack show dp100 | head`: what a
shell reports for a program that SIGPIPE ended."""

_REFUSALS = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EROFS})
"""What writing to an open file raises, without its name."""

_ADVICE = "Check the path, its permissions and the free space."

_STREAMS = ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w"))


class Program(TyperGroup):
    """The group of all commands."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command line, which prints help if it asks for it."""
        with _reporting_refusals():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and finish its output."""
        with _reporting_refusals():
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()


def prepare_streams() -> None:
    """Open the standard streams that are closed, since the next file would take their place; and
    replace what their encodings lack."""
    for number, name, mode in _STREAMS:
        stream = getattr(sys, name)
        if stream is None:
            with suppress(OSError):
                stream = os.fdopen(os.open(os.devnull, os.O_RDWR), mode)
                os.set_inheritable(stream.fileno(), stream.fileno() == number)
            setattr(sys, name, stream)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=PLAIN_SIGNS if stream.writable() else "replace")


@contextmanager
def _reporting_refusals() -> Iterator[None]:
    """Report what the operating system refuses."""
    try:
        yield
    except BrokenPipeError:
        _drop_unwritable_output()
        raise typer.Exit(CLOSED_PIPE) from None
    except SystemExit as ended:
        # Rich ends the program itself.
        if isinstance(ended.__context__, BrokenPipeError):
            raise typer.Exit(CLOSED_PIPE) from None
        raise
    except OSError as problem:
        if _drop_unwritable_output():
            what = "write the output"
        elif problem.filename is not None:
            what = f"use {problem.filename}"
        elif problem.errno in _REFUSALS:
            what = "write a file"
        else:
            raise
        with suppress(OSError):
            typer.echo(f"Can't {what}: {problem.strerror}. {_ADVICE}", err=True)
        raise typer.Exit(USAGE) from None


def _drop_unwritable_output() -> bool:
    """Discard output that can't be written, since Python would try again at its end, and complain.
    Returns whether there was any."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
