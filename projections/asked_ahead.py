"""What is asked of the database before its answer is needed: it answers while this process goes on."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Sequence
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import generators, pq

from erstwhile.projections.sql import Connection

T = TypeVar("T")
Row = tuple[str | None, ...]
_NUMBERS = itertools.count()
"""No name is used twice: the server may have forgotten some of them."""
_FORGOTTEN = b"26000"  # invalid_sql_statement_name
_SAID = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Asked:
    """One statement under way, or answered."""

    def __init__(
        self,
        connection: AskingConnection | None,
        rows: list[Row] | None = None,
        statement: str = "",
        arguments: Sequence[bytes] = (),
    ) -> None:
        self.statement = statement
        self.arguments = arguments
        self._connection = connection
        self._rows = rows
        self._error: psycopg.Error | None = None

    def rows(self) -> list[Row]:
        """Waits for the answer. Raises psycopg.Error where the statement failed."""
        self.settle()
        if self._error is not None:
            raise self._error
        assert self._rows is not None
        return self._rows

    def settle(self) -> None:
        """Waits until the connection is free again; what failed is raised by `rows`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.settle()

    def take(self, results: Sequence[Any]) -> None:
        """`results`: libpq's, of one statement: one."""
        self._connection = None
        [result] = results
        if result.status not in _SAID:
            self._error = psycopg.errors.error_from_result(result)
            return
        columns = range(result.nfields)
        self._rows = [
            tuple([None if (raw := result.get_value(row, column)) is None else raw.decode() for column in columns])
            for row in range(result.ntuples)
        ]

    def fail(self, error: psycopg.Error) -> None:
        self._connection, self._error = None, error


class AskingConnection(psycopg.Connection[Any]):
    """A connection in autocommit mode. Whatever else is asked of it waits for what is under way; so does giving it back
    to its pool, which commits or rolls back."""

    _under_way: Asked | None = None
    _names: dict[str, bytes] | None = None
    """By statement that was prepared, the name under which the server has it."""

    def ask(self, statement: str, arguments: Sequence[str]) -> Asked:
        """`statement`: has `$1` and so on in place of the arguments. Raises psycopg.Error."""
        self.settle()
        asked = Asked(self, None, statement, [each.encode() for each in arguments])
        self._send(asked)
        self._under_way = asked
        return asked

    def settle(self) -> None:
        """Waits for the answer to what is under way. Raises psycopg.OperationalError where the connection is lost."""
        asked, self._under_way = self._under_way, None
        if asked is None:
            return
        try:
            results = self.wait(generators.execute(self.pgconn))
            if self._names and _is_forgotten(results):
                self._names.clear()
                self._send(asked)
                results = self.wait(generators.execute(self.pgconn))
            asked.take(results)
        except psycopg.Error as error:
            asked.fail(error)
            raise

    def _send(self, asked: Asked) -> None:
        # Whoever rolls back, or changes a table, makes psycopg drop what is prepared on the server, and a pool between
        # the two may, too: what the server has forgotten is prepared again. In a transaction, that would be too late.
        if self.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            self.pgconn.send_query_prepared(self._prepared_as(asked.statement), asked.arguments)
        else:
            self.pgconn.send_query_params(asked.statement.encode(), asked.arguments)

    def _prepared_as(self, statement: str) -> bytes:
        names = self._names = {} if self._names is None else self._names
        name = names.get(statement)
        if name is None:
            name = f"asked_{next(_NUMBERS)}".encode()
            self.pgconn.send_prepare(name, statement.encode())
            [prepared] = self.wait(generators.execute(self.pgconn))
            if prepared.status not in _SAID:
                raise psycopg.errors.error_from_result(prepared)
            names[statement] = name
        return name

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        if self._under_way is not None:
            self.settle()
        return super().wait(gen, interval, timeout)


def _is_forgotten(results: Sequence[Any]) -> bool:
    """Whether the server does not have what was prepared."""
    return any(each.error_field(pq.DiagnosticField.SQLSTATE) == _FORGOTTEN for each in results)


def ask(connection: Connection, statement: LiteralString, arguments: Sequence[str]) -> Asked:
    """Asks a statement of which each column is a text; `%s` stands for each of its arguments, and nothing else has that
    sign. A connection that cannot go on meanwhile, or whose statements are traced, answers at once. Raises
    psycopg.Error."""
    if isinstance(connection, AskingConnection) and connection.cursor_factory is psycopg.Cursor:
        return connection.ask(_numbered(statement), arguments)
    return Asked(None, connection.execute(statement, arguments, prepare=True).fetchall())


def _numbered(statement: str) -> str:
    found = _NUMBERED.get(statement)
    if found is None:
        numbers = tuple(f"${number + 1}" for number in range(statement.count("%s")))
        found = _NUMBERED[statement] = statement % numbers
    return found


_NUMBERED: dict[str, str] = {}
