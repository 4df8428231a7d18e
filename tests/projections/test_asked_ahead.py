"""A connection of which something was asked whose answer is not needed yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest

from erstwhile.api.database.bounded_connection import BoundedConnection, connect
from erstwhile.api.database.database import Database
from erstwhile.projections.asked_ahead import ask

WAITING = "SELECT coalesce(%s::text, ''), NULL::text, pg_sleep(%s::float8)::text"


@pytest.fixture
def connection(database: Database) -> Iterator[BoundedConnection]:
    with closing(connect(database.dsn, 20.0)) as found:
        yield found


def state(connection: psycopg.Connection[Any]) -> str:
    return connection.info.transaction_status.name


def test_the_answer_is_fetched_later(connection: BoundedConnection) -> None:
    for word in ("one", "zwölf", ""):
        asked = ask(connection, WAITING, (word, "0.01"))
        assert state(connection) == "ACTIVE"
        assert asked.rows() == asked.rows() == [(word, None, "")]
        assert state(connection) == "IDLE"


def test_whatever_is_asked_meanwhile_waits_for_it(connection: BoundedConnection) -> None:
    asked = ask(connection, WAITING, ("one", "0.05"))
    with connection.transaction():
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
        second = ask(connection, WAITING, ("two", "0.05"))
        third = ask(connection, WAITING, ("three", "0"))
    assert [each.rows()[0][0] for each in (third, second, asked)] == ["three", "two", "one"]


def test_a_connection_that_is_given_back_is_free(database: Database) -> None:
    """Whatever became of the question that its statement was for."""
    with closing(database.pool(size=1)) as pool:
        given = []
        for fails in (False, True, False):
            with suppress(LookupError), pool.connection() as connection:
                assert state(connection) == "IDLE"
                ask(connection, WAITING, ("one", "0.05"))
                given.append(connection)
                if fails:
                    raise LookupError
        assert given == given[:1] * 3 and pool.get_stats().get("returns_bad", 0) == 0


def test_a_statement_that_fails_says_so_when_its_answer_is_wanted(connection: BoundedConnection) -> None:
    asked = ask(connection, WAITING, ("one", "soon"))
    asked.settle()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    for _ in range(2):
        with pytest.raises(psycopg.DataError, match="soon"):
            asked.rows()
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(connection, "SELECT no.such::text FROM no", ())
    assert ask(connection, WAITING, ("two", "0")).rows() == [("two", None, "")]


def test_what_the_server_has_forgotten_is_prepared_again(connection: BoundedConnection) -> None:
    """psycopg drops what is prepared with what it rolls back; a pool between the two may at any time."""
    other = WAITING.replace("coalesce(%s::text, '')", "%s::text")
    for forgotten in range(3):
        assert ask(connection, WAITING, (f"{forgotten}", "0")).rows()[0][0] == f"{forgotten}"
        assert ask(connection, other, ("other", "0")).rows()[0][0] == "other"
        with connection.transaction(force_rollback=True):
            assert ask(connection, WAITING, ("inside", "0")).rows()[0][0] == "inside"
            connection.execute("SELECT 1")
            asked = ask(connection, WAITING, ("inside, later", "0"))
        assert asked.rows()[0][0] == "inside, later"
        connection.execute(("DEALLOCATE ALL", "DISCARD ALL", "SELECT 1")[forgotten])


def test_a_lost_connection_is_noticed(database: Database, connection: BoundedConnection) -> None:
    asked = ask(connection, WAITING, ("one", "20"))
    with database.owner() as owner:
        owner.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        asked.rows()
    assert connection.closed


def test_a_server_that_says_nothing_is_given_up(connection: BoundedConnection) -> None:
    connection.within = -4.9  # less the grace, a tenth of a second
    asked = ask(connection, WAITING, ("one", "20"))
    with pytest.raises(psycopg.OperationalError, match="said nothing"):
        asked.rows()


def test_traced_statements_and_plain_connections_answer_at_once(database: Database) -> None:
    class Traced(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            seen.append(query)
            return super().execute(query, params, **options)

    seen: list[str] = []
    with closing(connect(database.dsn, 20.0)) as traced:
        traced.cursor_factory = Traced
        assert ask(traced, WAITING, ("one", "0")).rows() == [("one", None, "")]
        assert seen == [WAITING]
    with psycopg.connect(database.dsn) as plain:
        assert ask(plain, WAITING, ("one", "0")).rows() == [("one", None, "")]
