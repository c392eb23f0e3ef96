"""Logs an outage of the database once when it begins and once when it's over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from types import TracebackType

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

log = logging.getLogger(__name__)

PASSING_CODES = ("40", "55", "57014")
"""Start PostgreSQL's codes of deadlocks, locks and timeouts: one transaction failed, not the
database."""


class Outages:
    """Watches transactions of a kind, such as "read": each one runs inside `with`, in any
    thread."""

    def __init__(self, kind: str, clock: Callable[[], float] = monotonic) -> None:
        self._kind, self._clock, self._lock = kind, clock, Lock()
        self._began = 0.0
        self._failures = 0

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _: object, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if problem is None and not self._failures:
            return
        with self._lock:
            if _is_outage(problem):
                self._failures += 1
                if self._failures == 1:
                    self._began = self._clock()
                    said = " ".join(str(getattr(problem, "orig", None) or problem).split())
                    log.warning("can't %s the database: %s", self._kind, said)
            elif problem is None and self._failures:
                seconds, failures = self._clock() - self._began, self._failures
                self._failures = 0
                log.warning(
                    "can %s the database again, after %.0f seconds and %d failed transactions",
                    self._kind,
                    seconds,
                    failures,
                )


def _is_outage(problem: BaseException | None) -> bool:
    """Whether the database itself failed, rather than one transaction."""
    code = str(getattr(getattr(problem, "orig", None), "sqlstate", None) or "")
    return isinstance(problem, OperationalError | NoConnectionLeft) and not code.startswith(
        PASSING_CODES
    )
