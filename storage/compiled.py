"""Compiled statements for the hot path: prepared once, run by the driver directly."""

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

from storage.errors import strip_values


@contextmanager
def use_driver(connection: Connection) -> Iterator[Any]:
    """Use the driver's own connection in the current transaction; errors are raised as
    SQLAlchemy's. PostgreSQL statements run in a pipeline, so their results arrive together at the
    end."""
    driver: Any = connection.connection.driver_connection
    problems = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() if can_pipeline(driver) else nullcontext():
            yield driver
    except problems as problem:
        strip_values(problem)
        raise DBAPIError.instance(
            None, None, problem, problems, hide_parameters=True, dialect=connection.dialect
        ) from problem


def can_pipeline(driver: Any) -> bool:
    """Whether a driver can send a statement before the previous one has returned."""
    return hasattr(driver, "pipeline")


class CompiledStatement:
    """A statement compiled by SQLAlchemy once and run by the driver: SQLAlchemy's own work at each
    execution takes several times as long as a small statement.

    `columns` are the ones that an insert or update sets.
    """

    def __init__(
        self,
        statement: Select[Any] | Insert | Update,
        dialect: Dialect,
        columns: Sequence[str] = (),
    ) -> None:
        self._statement = statement
        self._dialect = dialect
        self._column_keys = columns or None
        self._readers: list[tuple[int, Callable[[Any], Any]]] | None = None

    def run(self, driver: Any, *many: Mapping[str, Any]) -> Any:
        """Run the statement for each set of parameters, in order; returns the driver's cursor."""
        cursor = driver.cursor()
        if len(many) == 1:
            cursor.execute(self._compiled.string, self._bind(many[0]))
        else:
            cursor.executemany(self._compiled.string, [self._bind(each) for each in many])
        return cursor

    def rows(
        self,
        connection: Connection,
        *many: Mapping[str, Any],
        before: Callable[[Any], object] | None = None,
    ) -> list[Row[Any] | None]:
        """The first row for each set of parameters, or None. `before` is called with the driver
        first, in the same pipeline."""
        with use_driver(connection) as driver:
            if before:
                before(driver)
            cursors = (self.run(driver, each) for each in many)
            if not can_pipeline(driver):
                return [self._row(cursor) for cursor in cursors]
            sent = list(cursors)
        return [self._row(cursor) for cursor in sent]

    def _row(self, cursor: Any) -> Row[Any] | None:
        found = cursor.fetchone()
        if found is None:
            return None
        if self._readers is None:
            self._readers = self._find_readers(cursor.description)
        row = list(found)
        for place, process in self._readers:
            row[place] = process(row[place])
        return self._to_row(row)

    def _bind(self, values: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them: by position or by name."""
        values = {**self._literals, **values}
        if self._compiled.positional:
            return [
                process(values[name]) if process else values[name]
                for name, process in self._writers
            ]
        return {
            name: process(values[name]) if process else values[name]
            for name, process in self._writers
        }

    # Compiled on first use: most commands that open a store never answer a question.

    @cached_property
    def _compiled(self) -> SQLCompiler:
        return self._statement.compile(dialect=self._dialect, column_keys=self._column_keys)

    @cached_property
    def _binds(self) -> Mapping[str, BindParameter[Any]]:
        return {name: bind for bind, name in self._compiled.bind_names.items()}

    @cached_property
    def _literals(self) -> Mapping[str, Any]:
        """Values that are part of the statement."""
        return {name: bind.value for name, bind in self._binds.items() if not bind.required}

    @cached_property
    def _writers(self) -> list[tuple[str, Callable[[Any], Any] | None]]:
        """Each parameter's name and converter, by position."""
        return [
            (name, self._dialect_type(self._binds[name].type).bind_processor(self._dialect))
            for name in self._compiled.positiontup or self._binds
        ]

    @cached_property
    def _columns(self) -> list[ColumnElement[Any]]:
        return list(self._statement.selected_columns) if isinstance(self._statement, Select) else []

    @cached_property
    def _to_row(self) -> Callable[..., Row[Any]]:
        return result_tuple([str(column.key) for column in self._columns])

    def _find_readers(
        self, description: Sequence[Sequence[Any]]
    ) -> list[tuple[int, Callable[[Any], Any]]]:
        """Converters of result values, by position; `description` has the driver's type codes."""
        processes = (
            self._dialect_type(column.type).result_processor(self._dialect, code)
            for column, (_, code, *_) in zip(self._columns, description, strict=True)
        )
        return [(place, process) for place, process in enumerate(processes) if process]

    def _dialect_type(self, kind: TypeEngine[Any]) -> TypeEngine[Any]:
        return kind.dialect_impl(self._dialect)
