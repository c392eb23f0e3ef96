"""Statements of the hot path, whose way to the driver is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Row,
    Select,
    Update,
)
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine


@contextmanager
def driving(connection: Connection) -> Iterator[Any]:
    """The driver's own connection, in the transaction that is under way; what goes wrong is raised
    as SQLAlchemy does. All that PostgreSQL is sent meanwhile it answers together, at the end."""
    driver: Any = connection.connection.driver_connection
    problems = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() if pipelines(driver) else nullcontext():
            yield driver
    except problems as problem:
        raise DBAPIError.instance(
            None, None, problem, problems, dialect=connection.dialect
        ) from problem


def pipelines(driver: Any) -> bool:
    """Whether a driver can send a statement before it has the answer to the one before."""
    return hasattr(driver, "pipeline")


class CompiledStatement:
    """A statement as SQLAlchemy compiles it, run by the driver itself: what SQLAlchemy does besides
    at each execution takes several times as long as a small statement.

    `columns` are those that an insert or update fills.
    """

    def __init__(
        self,
        statement: Select[Any] | Insert | Update,
        dialect: Dialect,
        columns: Sequence[str] = (),
    ) -> None:
        self._statement = statement
        self._dialect = dialect
        self._fills = columns or None
        self._reads: list[tuple[int, Callable[[Any], Any]]] | None = None

    def run(self, driver: Any, *many: Mapping[str, Any]) -> Any:
        """The driver's cursor, once the statement is run for each of many, in their order."""
        cursor = driver.cursor()
        if len(many) == 1:
            cursor.execute(self._compiled.string, self._bound(many[0]))
        else:
            cursor.executemany(self._compiled.string, [self._bound(each) for each in many])
        return cursor

    def rows(
        self,
        connection: Connection,
        *many: Mapping[str, Any],
        before: Callable[[Any], object] | None = None,
    ) -> list[Row[Any] | None]:
        """The row that the statement finds for each of many, if it finds one; something else is
        done with the driver `before`."""
        with driving(connection) as driver:
            if before:
                before(driver)
            cursors = (self.run(driver, each) for each in many)
            if not pipelines(driver):
                return [self._row(cursor) for cursor in cursors]
            sent = list(cursors)
        return [self._row(cursor) for cursor in sent]

    def _row(self, cursor: Any) -> Row[Any] | None:
        found = cursor.fetchone()
        if found is None:
            return None
        if self._reads is None:
            self._reads = self._reads_of(cursor.description)
        row = list(found)
        for place, process in self._reads:
            row[place] = process(row[place])
        return self._to_row(row)

    def _bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in the order of their places, or by name."""
        values = {**self._fixed, **values}
        if self._compiled.positional:
            return [
                process(values[name]) if process else values[name] for name, process in self._writes
            ]
        return {
            name: process(values[name]) if process else values[name]
            for name, process in self._writes
        }

    # Worked out when it is first asked for: most commands that open a store answer nothing.

    @cached_property
    def _compiled(self) -> SQLCompiler:
        return self._statement.compile(dialect=self._dialect, column_keys=self._fills)

    @cached_property
    def _binds(self) -> Mapping[str, BindParameter[Any]]:
        return {name: bind for bind, name in self._compiled.bind_names.items()}

    @cached_property
    def _fixed(self) -> Mapping[str, Any]:
        """The values that stand in the statement itself."""
        return {name: bind.value for name, bind in self._binds.items() if not bind.required}

    @cached_property
    def _writes(self) -> list[tuple[str, Callable[[Any], Any] | None]]:
        """How values are written, in the order of their places."""
        return [
            (name, self._impl(self._binds[name].type).bind_processor(self._dialect))
            for name in self._compiled.positiontup or self._binds
        ]

    @cached_property
    def _columns(self) -> list[ColumnElement[Any]]:
        return list(self._statement.selected_columns) if isinstance(self._statement, Select) else []

    @cached_property
    def _to_row(self) -> Callable[..., Row[Any]]:
        return result_tuple([str(column.key) for column in self._columns])

    def _reads_of(
        self, description: Sequence[Sequence[Any]]
    ) -> list[tuple[int, Callable[[Any], Any]]]:
        """How values are read, by their places; a description says the codes of their types."""
        processes = (
            self._impl(column.type).result_processor(self._dialect, code)
            for column, (_, code, *_) in zip(self._columns, description, strict=True)
        )
        return [(place, process) for place, process in enumerate(processes) if process]

    def _impl(self, kind: TypeEngine[Any]) -> TypeEngine[Any]:
        return kind.dialect_impl(self._dialect)
