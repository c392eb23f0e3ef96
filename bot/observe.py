"""The log: one line an event, on standard error, and few lines for a trouble that lasts."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from time import monotonic

from bot.engine.timed_cache import TimedCache

LIBRARIES = frozenset({"aiohttp", "discord", "slack_bolt", "slack_sdk"})
"""They log each failed try to reconnect, with a traceback; what they raise says all in one line."""

AGAIN_SECONDS, TROUBLES = 300.0, 1000
"""How long the same trouble isn't written again, and how many are remembered."""


def start_log() -> None:
    """Log what happens from here on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Briefly())
    logging.basicConfig(
        handlers=[handler],
        level=logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    # Each heartbeat would be two lines, one that is late another, each start a dozen, and each try
    # to log in to Discord one.
    levels = {
        "alembic": logging.WARNING,
        "apscheduler": logging.ERROR,
        "discord.client": logging.WARNING,
    }
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class Briefly(logging.Filter):
    """Writes troubles of the network in one line, and the same one seldom, with how often."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._repeats = TimedCache[tuple[object, ...], list[int]](AGAIN_SECONDS, TROUBLES, clock)

    def filter(self, record: logging.LogRecord) -> bool:
        package = record.name.partition(".")[0]
        if record.levelno < logging.WARNING:
            # It writes one each time it looks at a closed socket, and sets its level itself.
            return package != "slack_bolt"
        library = package in LIBRARIES
        # Libraries name sessions and waits, which are others each time.
        key = record.name, record.lineno, "" if library else record.getMessage()
        if repeats := self._repeats.get(key):
            repeats[0] += 1
            return False
        problem = record.exc_info[1] if record.exc_info else None
        text = record.getMessage()
        if problem and (library or _is_outage(problem)):
            text = f"{text} ({problem!r})"
            record.exc_info = record.exc_text = None
        if (before := self._repeats.last(key)) and before[0]:
            text = f"{text} (and {before[0]} times since it was last written)"
        record.msg, record.args = " ".join(text.split()) if library else text, ()
        self._repeats.keep(key, [0])
        return True


def _is_outage(problem: BaseException) -> bool:
    """Whether the network or a platform failed, and not our code."""
    module = type(problem).__module__.partition(".")[0]
    return isinstance(problem, OSError) or module in LIBRARIES
