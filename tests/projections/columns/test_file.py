"""The file of the columns: whoever opens it finds what SQL tells; what cannot be used is made anew."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections import past
from erstwhile.projections.columns import file, reading, store
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.histories import at, attach, story
from tests.support.past import past_directory
from tests.support.read_models import append, rebuilt, register
from tests.support.same_directories import assert_same


@pytest.fixture(autouse=True)
def few_rows_are_kept_and_all_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LEAST", 1)
    monkeypatch.setattr(past, "UNSEEN", 0.0)


@pytest.fixture
def projector(database: Database) -> Iterator[Projector]:
    """With a story in the log and in the rows."""
    projector = Projector(database.connect)
    with database.connect() as connection:
        register(connection)
        append(connection, story(5))
    projector.catch_up()
    yield projector
    projector.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "columns"


def path_in(folder: Path) -> Path:
    [path] = folder.glob(f"*/{file.NAME}")
    return path


def opened(database: Database, folder: Path) -> ColumnStore:
    columns = ColumnStore(database.connect, folder)
    columns.history(0)
    return columns


def assert_tells_all(connection: Connection, columns: ColumnStore) -> None:
    top, now = EventLog.within(connection).head(), datetime.now(UTC)
    assert_same(Past(columns).directory(now, top), past_directory(connection, now, top))


def damage(path: Path, place: int) -> None:
    """One bit is another."""
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)


def forbidden(*_: object) -> Segment:
    raise AssertionError("the rows are read again")


def test_a_second_process_maps_what_the_first_wrote(
    database: Database, projector: Projector, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(database, folder)
    path = path_in(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path.parent, folder, folder.parent)} == {0o700}
    assert [each.name for each in path.parent.iterdir()] == [file.NAME]
    with database.connect() as connection:
        append(connection, [attach("eve", "B", at(50))])
        projector.catch_up()
        monkeypatch.setattr(reading, "all_rows", forbidden)
        second = opened(database, folder)
        for columns in (first, second):
            assert_tells_all(connection, columns)
            columns.close()


@pytest.mark.parametrize(
    "harm",
    [
        "cut",
        "header",
        "a row",
        "the last text",
        "empty",
        "another version",
        "another log",
        "another table",
        "gone",
        "a folder",
    ],
)
def test_what_cannot_be_used_is_made_anew(database: Database, projector: Projector, folder: Path, harm: str) -> None:
    opened(database, folder).close()
    path = path_in(folder)
    whole = path.read_bytes()
    match harm:
        case "cut":
            path.write_bytes(whole[:-1])
        case "header":
            path.write_bytes(whole[:60] + b"#" + whole[61:])
        case "a row":
            damage(path, len(whole) // 2)
        case "the last text":
            damage(path, len(whole.rstrip(b"\0")) - 1)
        case "empty":
            path.write_bytes(b"")
        case "another version":
            path.write_bytes(b"another program\n" + whole[16:])
        case "another log":
            found = file.read(path.parent)
            assert found is not None
            file.write(path.parent, found[0], structs.replace(found[1], last_event="another"))
        case "another table":
            found = file.read(path.parent)
            assert found is not None
            file.write(path.parent, found[0], structs.replace(found[1], table=1))
        case "gone":
            path.unlink()
        case _:
            path.unlink()
            path.mkdir()
    with database.connect() as connection:
        columns = opened(database, folder)
        assert_tells_all(connection, columns)
        columns.close()
    assert path.is_dir() or path.read_bytes() == whole


def test_what_a_process_left_behind_that_ended_while_it_wrote_is_removed(
    database: Database, projector: Projector, folder: Path
) -> None:
    opened(database, folder).close()
    path = path_in(folder)
    old, young = path.with_name(f"{file.NAME}.1"), path.with_name(f"{file.NAME}.2")
    for each in (old, young):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    path.unlink()
    opened(database, folder).close()
    assert sorted(each.name for each in path.parent.iterdir()) == [file.NAME, young.name]


def test_a_file_of_a_release_before_is_removed_and_that_of_a_later_one_is_left(
    database: Database, projector: Projector, folder: Path
) -> None:
    opened(database, folder).close()
    path = path_in(folder)
    earlier = [path.with_name(f"history-{version}.columns") for version in (1, file.VERSION - 1)]
    later = path.with_name(f"history-{file.VERSION + 1}.columns")
    for each in (*earlier, later):
        each.write_bytes(b"of another form")
    path.unlink()
    opened(database, folder).close()
    assert {each.name for each in path.parent.iterdir()} == {file.NAME, later.name}


def test_a_rebuild_makes_the_file_void(database: Database, projector: Projector, folder: Path) -> None:
    columns = opened(database, folder)
    rebuilt(projector, database.connect, "history")
    with database.connect() as connection:
        # The rebuilt rows say something else, as those of another release may.
        connection.execute("UPDATE fact SET value = value || '{\"path\": \"/other/\"}' WHERE attribute = 'entity'")
        another = opened(database, folder)
        for each in (columns, another):
            assert_tells_all(connection, each)
            each.close()


def test_the_file_is_made_anew_once_much_came_since(database: Database, projector: Projector, folder: Path) -> None:
    columns = opened(database, folder)
    before = path_in(folder).stat().st_ino
    with database.connect() as connection:
        append(connection, story(6))
        projector.catch_up()
        first = columns.history(0)
        assert len(first.stack) == 2
        assert path_in(folder).stat().st_ino != before
        assert len(columns.history(0).stack) == 1
        assert_tells_all(connection, columns)
    columns.close()


def test_what_another_process_made_anew_is_taken_from_it(
    database: Database, projector: Projector, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = opened(database, folder), opened(database, folder)
    with database.connect() as connection:
        append(connection, story(6))
        projector.catch_up()
        first.history(0)
        monkeypatch.setattr(reading, "all_rows", forbidden)
        second.history(0)
        assert len(second.history(0).stack) == 1
        assert_tells_all(connection, second)
    first.close()
    second.close()


def test_where_nothing_may_be_written_the_columns_are_in_memory(
    database: Database, projector: Projector, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.mkdir()
    folder.write_text("no folder")
    with database.connect() as connection:
        columns = opened(database, folder)
        assert_tells_all(connection, columns)
        columns.close()
    assert "cannot be kept" in caplog.text


def test_a_connection_that_the_server_ended_is_opened_again(database: Database, projector: Projector) -> None:
    columns = ColumnStore(database.connect)
    columns.history(0)
    with database.owner() as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND query LIKE '%checkpoint%'"
        )
        assert_tells_all(owner, columns)
    columns.close()
