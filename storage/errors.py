"""Keeps values out of database errors: what members wrote must not get into a log with them."""

from __future__ import annotations

import re

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, StatementError

VALUELESS_CLASSES = ("25", "42", "53", "55", "57", "58")
"""PostgreSQL's classes of errors about the server, its tables or its locks, whose first line quotes
no value. Source: PostgreSQL's documentation, "PostgreSQL Error Codes"."""

_CAPITAL = re.compile("[A-Z]")

SQLITE_QUOTES = "Could not decode to UTF-8"
"""Starts the only message of SQLite's driver that quotes a value."""


def keep_out_values(engine: Engine) -> None:
    """Strip values from all errors of an engine's statements, with the errors that caused them."""
    event.listen(engine, "handle_error", _strip_wrapped)


def strip_values(problem: BaseException) -> None:
    """Replace a driver error's message by one that names what failed, without values: PostgreSQL's
    details contain whole rows."""
    state, diagnosis = getattr(problem, "sqlstate", None), getattr(problem, "diag", None)
    if state and diagnosis is not None:
        names = diagnosis.constraint_name or diagnosis.column_name or diagnosis.table_name or ""
        # The driver's classes are named after PostgreSQL's conditions.
        condition = _CAPITAL.sub(r" \g<0>", type(problem).__name__).strip().casefold()
        valueless = state[:2] in VALUELESS_CLASSES
        said = diagnosis.message_primary if valueless else names or condition
        problem.args = (f"{state} {said}".rstrip(),)
    elif str(problem).startswith(SQLITE_QUOTES):
        problem.args = (SQLITE_QUOTES,)


def _strip_wrapped(context: ExceptionContext) -> None:
    strip_values(context.original_exception)
    match context.sqlalchemy_exception:
        case StatementError(orig=BaseException() as cause) as wrapped:
            # A value that can't be sent at all is in the message of Python's own error.
            kind, said = type(cause), cause if isinstance(wrapped, DBAPIError) else ""
            wrapped.args = (f"({kind.__module__}.{kind.__name__}) {said}".rstrip(),)
