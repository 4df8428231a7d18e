"""Use that the reading process counts is what the evidence of the same imports says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.use.used import Used
from erstwhile.projections.sql import Connection
from erstwhile.projections.use import runs
from erstwhile.projections.use.kept import KeptUse
from tests.support.records import record, trail_file

ROLE = "arn:aws:iam::111122223333:role/runner"
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def read(key: str, at: str, **more: Any) -> dict[str, Any]:
    return record("GetObject", {"bucketName": "pay", "key": key}, service="s3", at=at, read_only=True, **more)


TWICE = read("b", "2026-03-05T12:00:00Z")
FILES = {
    "1": [read("a", "2026-03-03T12:00:00Z"), TWICE, record("CreateFunction20150331",
          {"functionName": "f", "role": ROLE}, service="lambda", at="2026-03-04T12:00:00Z")],
    "2": [read("c", "2026-03-06T12:00:00Z"), TWICE, read("d", "2026-04-01T12:00:00Z", errorCode="AccessDenied")],
    "3": [read("e", "2026-03-06T12:00:00Z")] * 2,
    "5": [read("a", "2026-02-03T12:00:00Z")],
}  # fmt: skip


def used(connection: Connection) -> list[Used]:
    return KeptUse(connection, EventLog.within(connection).head()).of(None, BEGIN, END)


@pytest.mark.parametrize("much", [200_000, 3])
def test_what_is_stored_is_counted_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, much: int
) -> None:
    """A record that comes twice, in a file or in two, counts once; a file that is known or broken does not count."""
    monkeypatch.setattr("erstwhile.api.imports.read_ahead.MANY", 1)
    monkeypatch.setattr(runs, "MOST_IN_A_RUN", much)
    for name, records in FILES.items():
        (tmp_path / f"{name}.json").write_bytes(trail_file(*records))
    (tmp_path / "4.json").write_bytes(b"no trail")
    (tmp_path / "6.json").write_bytes((tmp_path / "1.json").read_bytes())
    with database.connect() as connection:
        summary = CloudTrailImporter(connection).import_files(sorted(tmp_path.iterdir()))
        assert (summary.files_known, summary.duplicates, len(summary.refused)) == (1, 2, 1)
        assert runs.uncounted(connection) == {}
        found = used(connection)
        assert {(each.action, each.resource.rpartition(":")[2], each.calls) for each in found} == {
            ("s3:GetObject", "pay/a", 1), ("s3:GetObject", "pay/b", 1), ("s3:GetObject", "pay/c", 1),
            ("s3:GetObject", "pay/d", 1), ("s3:GetObject", "pay/e", 1), ("iam:PassRole", "role/runner", 1),
            ("lambda:CreateFunction", "f", 1),
        }  # fmt: skip
        assert sum(each.calls for each in found) == 8
        monkeypatch.setattr(runs, "MOST_IN_A_RUN", 200_000)
        runs.rebuild(connection)
        assert used(connection) == found
