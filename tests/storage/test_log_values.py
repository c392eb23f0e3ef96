"""Nothing that members or platforms gave us gets into the log, whatever fails in the database."""

from __future__ import annotations

import collections.abc
import io
import logging
import types
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from inspect import iscoroutinefunction
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine, text

from bot.engine.ports import Store
from bot.log_values import hide_values
from storage.installations import Installations
from storage.opening import DatabaseUnavailable, open_database
from storage.store import SqlStore
from storage.tables import METADATA
from tests.samples import START

SECRET = "xoxb-Xyzzy"
"""A token, a name and a typed text at once."""

log = logging.getLogger(__name__)

METHODS = [
    (subject, name)
    for subject, stored in vars(Store).items()
    if isinstance(stored, property)
    for name, method in vars(typing.get_type_hints(stored.fget)["return"]).items()
    if iscoroutinefunction(method)
]


def make(hint: Any) -> Any:
    """A value of a type, with the secret in every text of it."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in SAMPLES:
        return SAMPLES[hint]
    if origin in (types.UnionType, typing.Union):
        return make(next(each for each in inner if each is not types.NoneType))
    if origin is typing.Literal:
        return inner[0]
    if origin is tuple:
        return tuple(make(each) for each in inner if each is not Ellipsis)
    if origin is collections.abc.Callable:
        return lambda *_: make(inner[-1]) if inner[-1] is not Any else None
    if origin is collections.abc.Mapping or origin is dict:
        return {make(inner[0]): make(inner[1])}
    if isinstance(origin, type) and issubclass(origin, collections.abc.Iterable):
        kind = origin if origin in (list, set, frozenset) else tuple
        return kind([make(inner[0])])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{each.name: make(hints[each.name]) for each in fields(hint) if each.init})  # type: ignore[operator]
    if isinstance(hint, typing.TypeVar):
        return None
    raise NotImplementedError(f"no sample of {hint}")


SAMPLES: dict[Any, Any] = {
    str: SECRET,
    int: 1,
    float: 1.0,
    bool: True,
    bytes: SECRET.encode(),
    datetime: START,
    date: START.date(),
    time: START.time(),
    Any: SECRET,
    object: SECRET,
}


def _hide(record: logging.LogRecord) -> bool:
    hide_values(record)
    return True


class Broken:
    """A database in which nothing can be kept, and what's logged about it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        # Without RepeatFilter, which would leave out tracebacks.
        self.handler.addFilter(_hide)
        self.handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))

    @property
    def log(self) -> str:
        return self.stream.getvalue()


@contextmanager
def broken(url: str, how: str) -> Iterator[Broken]:
    engine = open_database(url)
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            if how == "gone":
                cascade = " CASCADE" if engine.dialect.name == "postgresql" else ""
                connection.execute(text(f'DROP TABLE "{table.name}"{cascade}'))
            elif engine.dialect.name == "postgresql":
                refuse = f'ALTER TABLE "{table.name}" ADD CONSTRAINT no CHECK (false) NOT VALID'
                connection.execute(text(refuse))
            else:
                refuse = f'CREATE TRIGGER "no-{table.name}" BEFORE INSERT ON "{table.name}"'
                connection.execute(text(f"{refuse} BEGIN SELECT RAISE(ABORT, 'refused'); END"))
    found, root = Broken(engine), logging.getLogger()
    level = root.level
    root.addHandler(found.handler)
    root.setLevel(logging.INFO)
    try:
        yield found
    finally:
        root.removeHandler(found.handler)
        root.setLevel(level)


@pytest.mark.parametrize("how", ["gone", "refusing"])
async def test_no_failing_method_of_the_store_logs_a_value(database_url: str, how: str) -> None:
    with broken(database_url, how) as found:
        store = SqlStore(found.engine)
        failed = set[tuple[str, str]]()
        for subject, name in METHODS:
            method = getattr(getattr(store, subject), name)
            hints = typing.get_type_hints(method)
            hints.pop("return", None)
            try:
                await method(**{each: make(hint) for each, hint in hints.items()})
            except NotImplementedError:
                raise
            except Exception as problem:
                failed.add((subject, name))
                log.exception("%s failed: %s, %r", name, problem, problem)
        await store.close()
    assert SECRET not in found.log
    assert found.log.count("Traceback") >= len(failed)
    assert len(failed) == len(METHODS) if how == "gone" else len(failed) > 15


@pytest.mark.parametrize("how", ["gone", "refusing"])
async def test_no_failing_installation_logs_a_token(database_url: str, how: str) -> None:
    with broken(database_url, how) as found:
        installations = Installations(SECRET, found.engine)
        installation = Installation(
            app_id="A1",
            team_id=SECRET,
            team_name=SECRET,
            user_id=SECRET,
            bot_token=SECRET,
            bot_id="B1",
            bot_user_id="U1",
            bot_scopes=["commands"],
        )
        for work in (
            installations.store.async_save(installation),
            installations.token(SECRET),
            installations.forget(SECRET),
        ):
            try:
                await work
            except Exception as problem:
                log.exception("failed: %s, %r", problem, problem)
        found.engine.dispose()
    assert SECRET not in found.log
    assert "Traceback" in found.log


def test_a_server_that_is_down_logs_no_password() -> None:
    url = f"postgresql://ann:{SECRET}@127.0.0.1:9/studyhall"
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1") as refused:
        open_database(url)
    assert SECRET not in repr(refused.value)
