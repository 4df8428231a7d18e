"""The file of the columns is made by another process, of what is in the table then."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.projections.columns import reading
from erstwhile.projections.columns.making import make_elsewhere
from erstwhile.projections.columns.store import LEAST, ColumnStore
from tests.support.read_models import register

_ROWS = (
    "INSERT INTO fact SELECT '111122223333', 'user', 'AIDA' || number, 'tag', 'team', '{}', '-infinity', 'infinity', "
    "1, NULL, 1, 9223372036854775807 FROM generate_series(1, %s) AS number"
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


def test_one_that_fails_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_elsewhere("host=/nowhere dbname=none", tmp_path, 0)
    assert "the process that makes history's columns ended with 1" in caplog.text
    assert not list(tmp_path.iterdir())
