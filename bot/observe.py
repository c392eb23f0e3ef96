"""Logging to standard error: one line per event, and few lines for an error that persists.

Everything is logged with the standard library, ours and what libraries log, and structlog writes
all of it: as JSON for programs, or for people. A line has the id of the event or due work that it's
about, if it was bound in structlog's context.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from time import monotonic

import structlog
from structlog.typing import Processor

from bot.engine.timed_cache import TimedCache
from bot.log_values import hide_values

LIBRARIES = frozenset({"aiohttp", "discord", "slack_bolt", "slack_sdk"})
"""They log every failed reconnect with a traceback, though the exception itself says enough."""

QUIET_SECONDS, MAX_REMEMBERED = 300.0, 1000
"""How long the same error isn't logged again, and how many errors are remembered for that."""


def start_log(format_: str = "auto") -> None:
    """Set up logging as JSON or for people; by default for people if they're at a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RepeatFilter())
    terminal = sys.stderr.isatty()
    as_json = not terminal if format_ == "auto" else format_ == "json"
    handler.setFormatter(make_formatter(as_json=as_json, colors=terminal))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    # The scheduler would log two lines per job, alembic a dozen per start, and discord.py one per
    # login.
    levels = {
        "alembic": logging.WARNING,
        "apscheduler": logging.ERROR,
        "discord.client": logging.WARNING,
    }
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def make_formatter(*, as_json: bool, colors: bool = False) -> logging.Formatter:
    """Format records as lines of JSON, or for people. Tracebacks have no values of variables."""
    render: Sequence[Processor] = (
        (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
        if as_json
        else (
            structlog.dev.ConsoleRenderer(
                colors=colors, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )


class RepeatFilter(logging.Filter):
    """Cuts network errors to one line, and logs the same error only now and then, with a count."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._repeats = TimedCache[tuple[object, ...], list[int]](
            QUIET_SECONDS, MAX_REMEMBERED, clock
        )

    def filter(self, record: logging.LogRecord) -> bool:
        package = record.name.partition(".")[0]
        # Before the error is replaced by one without values.
        problem = record.exc_info[1] if record.exc_info else None
        hide_values(record)
        if record.levelno < logging.WARNING:
            # It logs each look at a closed socket, and overrides its level.
            return package != "slack_bolt"
        library = package in LIBRARIES
        # Libraries name sessions and delays, which differ each time.
        key = record.name, record.lineno, "" if library else record.getMessage()
        if repeats := self._repeats.get(key):
            repeats[0] += 1
            return False
        text = record.getMessage()
        if record.exc_info and problem and (library or _is_outage(problem)):
            text = f"{text} ({record.exc_info[1]!r})"
            record.exc_info = record.exc_text = None
        if (before := self._repeats.last(key)) and before[0]:
            text = f"{text} (and {before[0]} more since last logged)"
        record.msg, record.args = " ".join(text.split()) if library else text, ()
        self._repeats.keep(key, [0])
        return True


def _is_outage(problem: BaseException) -> bool:
    """Whether the network or a platform failed, rather than our code."""
    module = type(problem).__module__.partition(".")[0]
    # PEP 249 names the error of a database that's down, whatever the driver.
    kinds = {kind.__name__ for kind in type(problem).__mro__}
    return isinstance(problem, OSError) or module in LIBRARIES or "OperationalError" in kinds
