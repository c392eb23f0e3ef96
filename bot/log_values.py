"""Keeps out of the log what errors may quote: tokens, names, and what members wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

PLAIN_ERRORS = (
    ArithmeticError,
    AttributeError,
    ImportError,
    IndexError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
)
"""Errors of Python that name code, files or hosts, but quote no value."""

PLAIN_PACKAGES = frozenset(
    {"adapters", "aiohttp", "bot", "content", "discord", "psycopg", "slack_sdk", "sqlalchemy"}
    | {"sqlite3", "storage"}
)
"""Their errors quote no value, unless they're of a quoting kind; the storage strips the database's
own."""

QUOTING_ERRORS = frozenset({"ValueError", "KeyError", "ClientResponseError"})
"""They quote the value that they're about, or a URL with a token, wherever they come from."""

HIDDEN = "(its message may quote a member, so it isn't logged)"


def hide_values(record: logging.LogRecord) -> None:
    """Take the messages of errors that may quote a value out of a record: of those in its
    arguments, and those in its traceback with all that caused them."""
    args = record.args if isinstance(record.args, tuple) else ()
    named = [each for each in args if isinstance(each, BaseException)]
    raised = record.exc_info[1] if record.exc_info else None
    quoting = [each for one in (*named, raised) for each in _chain(one) if not _is_plain(each)]
    if not quoting:
        return
    # A library may have put the error in its message by itself.
    text = record.getMessage()
    record.msg, record.args, record.exc_text = _hide(text, quoting), (), None
    if raised is not None:
        shown = _without_values(raised, quoting)
        record.exc_info = type(shown), shown, shown.__traceback__


def describe(problem: BaseException) -> str:
    """An error in one line for the log, without what it may quote."""
    quoting = [each for each in _chain(problem) if not _is_plain(each)]
    return f"{type(problem).__name__}: {_hide(str(problem), quoting)}"


def _hide(text: str, quoting: Iterable[BaseException]) -> str:
    """A text without the messages of these errors."""
    for each in quoting:
        for said in filter(None, (repr(each), str(each))):
            text = text.replace(said, f"{type(each).__name__} {HIDDEN}")
    return text


def _is_plain(problem: BaseException) -> bool:
    """Whether an error's message can't hold what a member wrote."""
    kinds = type(problem).__mro__
    if not QUOTING_ERRORS.isdisjoint(kind.__name__ for kind in kinds):
        return not str(problem)
    package = type(problem).__module__.partition(".")[0]
    return isinstance(problem, PLAIN_ERRORS) or package in PLAIN_PACKAGES or not str(problem)


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """An error, and all that a traceback shows with it."""
    if problem is None:
        return
    yield problem
    for each in (problem.__cause__, problem.__context__):
        yield from _chain(each)
    if isinstance(problem, BaseExceptionGroup):
        for each in problem.exceptions:
            yield from _chain(each)


def _without_values(problem: BaseException, quoting: Sequence[BaseException]) -> BaseException:
    """An error that looks the same in a traceback, without messages that may quote a value."""
    kind = type(problem)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    # An error may repeat the one that caused it.
    said = _hide(str(problem), quoting) if _is_plain(problem) else HIDDEN
    cause, context = (
        _without_values(each, quoting) if each else None
        for each in (problem.__cause__, problem.__context__)
    )
    copy: BaseException
    if isinstance(problem, BaseExceptionGroup):
        inner = [_without_values(each, quoting) for each in problem.exceptions]
        copy = BaseExceptionGroup(_hide(problem.message, quoting), inner)
    else:
        copy = type(kind.__name__, (Exception,), names)(said)
    copy.__traceback__ = problem.__traceback__
    copy.__cause__, copy.__context__ = cause, context
    copy.__suppress_context__ = problem.__suppress_context__
    return copy
