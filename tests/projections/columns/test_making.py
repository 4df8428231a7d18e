"""The file of the columns is made by another process, of what is in the table then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.projections.columns import reading
from erstwhile.projections.columns.making import make_elsewhere
from erstwhile.projections.columns.store import LEAST, SHARE, ColumnStore
from tests.support.read_models import register

_ROWS = (
    "INSERT INTO fact SELECT '111122223333', 'user', 'AIDA' || number, 'tag', 'team', '{}', '-infinity', 'infinity', "
    "1, NULL, 1, 9223372036854775807 FROM generate_series(1, %s) AS number"
)

_MANY_ROWS = (
    "INSERT INTO fact SELECT '111122223333', 'user', 'AIDA' || number %% 2, 'tag', 'key' || number, '{}', '-infinity', "
    "'infinity', %(position)s, NULL, %(position)s, 9223372036854775807 "
    "FROM generate_series(%(first)s::int, %(last)s) AS number"
)


def test_another_process_makes_the_file(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "columns"
    with database.connect() as connection, database.owner() as owner:
        register(connection)
        connection.execute("INSERT INTO checkpoint VALUES ('history', 1)")
        owner.execute(_ROWS, (LEAST,))
    make_elsewhere(database.dsn, folder, 0)

    def forbidden(*_: object) -> None:
        raise AssertionError("the rows are read again")

    monkeypatch.setattr(reading, "all_rows", forbidden)
    with closing(ColumnStore(database.connect, folder)) as columns:
        assert len(columns.history(1).stack[-1].segment) == LEAST


def test_earlier_rows_of_what_changed_are_no_reason_to_make_the_file_anew(database: Database) -> None:
    """Two users have all rows: each change reads the rows of one of them again."""
    aside: list[Callable[[], None]] = []
    with (
        database.connect() as connection,
        database.owner() as owner,
        closing(ColumnStore(database.connect, aside=aside.append)) as columns,
    ):
        register(connection)
        connection.execute("INSERT INTO checkpoint VALUES ('history', 1)")
        owner.execute(_MANY_ROWS, {"first": 1, "last": 2 * LEAST, "position": 1})
        assert len(columns.history(1).stack[-1].segment) == 2 * LEAST
        number, position = 2 * LEAST, 1
        while not aside:
            number, position = number + LEAST // 20, position + 1
            added = {"first": number - LEAST // 20 + 1, "last": number, "position": position}
            owner.execute(_MANY_ROWS, added)
            connection.execute("UPDATE checkpoint SET position = %s WHERE projection = 'history'", (position,))
            columns.history(position)
        came = number - 2 * LEAST
        assert 2 * LEAST // SHARE < came <= 2 * LEAST // SHARE + LEAST // 20, "what came since is a tenth of the whole"


def test_one_that_fails_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_elsewhere("host=/nowhere dbname=none", tmp_path, 0)
    assert "the process that makes history's columns ended with 1" in caplog.text
    assert not list(tmp_path.iterdir())
