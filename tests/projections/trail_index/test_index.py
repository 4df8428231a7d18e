"""The index of the audit trail: its files, and what it gives up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.projections.filters import Filters
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import audit_page
from erstwhile.projections.trail_index import index, segment_file
from erstwhile.projections.trail_index.index import LAG, TrailIndex
from erstwhile.projections.trail_index.ordered import Span
from erstwhile.projections.trail_index.segment import BLOCK, Segment
from erstwhile.projections.trail_index.segment_file import Origin
from erstwhile.projections.trail_index.wanted import wanted

ADDRESS = "203.0.113.9"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def append(
    connection: Connection, count: int, *, body: dict[str, object] | None = None, type: str = "iam.Tagged"
) -> None:
    details = orjson.dumps({"source_ip": ADDRESS}).decode()
    event: dict[str, Any] = {
        "id": None, "type": type, "account": "erstwhile", "occurred_at": None, "tags": [], "data": {"body": body or {}},
        "salt": "00", "details": details,
    }  # fmt: skip
    batch = [{"after": 0, "unless": None, "events": [event] * count}]
    connection.execute("SELECT append_events(%s::jsonb)", (orjson.dumps(batch).decode(),))


def blocks_from(trail_index: TrailIndex, connection: Connection) -> int:
    """Blocks that have an address."""
    asked = wanted(Filters(source_ip=ADDRESS))
    assert trail_index.likely(connection, asked, Span(), False) is not None
    return sum(int(each.that_may_pass(asked).sum()) for each in segments(trail_index))


def segments(trail_index: TrailIndex) -> list[Segment]:
    return [segment for segment, _ in trail_index._segments]


def test_another_process_maps_what_one_has_made(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(connection, LAG + 5)
    first = TrailIndex(tmp_path)
    first.catch_up(connection)
    [file] = tmp_path.rglob("*.index")
    monkeypatch.setattr(index, "read_segment", None)
    second = TrailIndex(tmp_path)
    second.catch_up(connection)
    assert first.upto == second.upto == LAG
    assert [len(each) for each in segments(second)] == [LAG // BLOCK]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_made_anew(connection: Connection, tmp_path: Path) -> None:
    append(connection, LAG)
    TrailIndex(tmp_path).catch_up(connection)
    [file] = tmp_path.rglob("*.index")
    whole = file.read_bytes()
    for broken in (b"", whole[:100], whole[:-9] + b"x" + whole[-8:]):
        file.write_bytes(broken)
        again = TrailIndex(tmp_path)
        again.catch_up(connection)
        assert again.upto == LAG and file.read_bytes() == whole


def test_a_file_of_another_log_is_not_taken(connection: Connection, tmp_path: Path) -> None:
    append(connection, LAG)
    TrailIndex(tmp_path).catch_up(connection)
    [file] = tmp_path.rglob("*.index")
    named = segment_file.Named(file, 0, LAG)
    found = segment_file.read(named)
    assert found is not None
    segment, origin = found
    segment_file.write(file.parent, segment, Origin("another", origin.head))
    again = TrailIndex(tmp_path)
    again.catch_up(connection)
    assert again.upto == LAG
    made = segment_file.read(named)
    assert made is not None and made[1].last_event == origin.last_event


def test_words_that_were_forgotten_leave_the_index_and_its_files(connection: Connection, tmp_path: Path) -> None:
    append(connection, 2 * LAG)
    kept = TrailIndex(tmp_path)
    kept.catch_up(connection)
    assert blocks_from(kept, connection) == 2 * LAG // BLOCK
    connection.execute("DELETE FROM event_details")
    append(connection, 1, type="iam.SettingPut", body={"category": "forgotten"})
    connection.execute("DELETE FROM event_details")
    for each in (kept, TrailIndex(tmp_path)):
        each.catch_up(connection)
        assert each.upto >= 2 * LAG
        assert blocks_from(each, connection) == 0
    assert len(list(tmp_path.rglob("*.index"))) == 2


def test_a_question_does_not_wait_for_much_that_is_missing(connection: Connection) -> None:
    append(connection, 50)
    impatient = TrailIndex(patience=49)
    assert len(audit_page(connection, Filters(source_ip=ADDRESS), 100, index=impatient).entries) == 50
    assert impatient.upto == 0
    append(connection, 14)
    patient = TrailIndex(patience=64)
    assert len(audit_page(connection, Filters(source_ip=ADDRESS), 100, index=patient).entries) == 64
    assert patient.upto == 64


def test_one_process_of_a_home_makes_what_all_lack(connection: Connection, tmp_path: Path) -> None:
    append(connection, LAG)
    one, other = TrailIndex(tmp_path), TrailIndex(tmp_path)
    with one._alone(connection) as is_alone:
        assert is_alone
        other.catch_up(connection)
        assert other.upto == 0
    other.catch_up(connection)
    assert other.upto == LAG
