"""One odd record costs itself, one hostile file itself: never an import, never the memory of a machine, never another's
import beside it."""

from __future__ import annotations

import codecs
import gzip
import io
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.files import ImportRefused, read_file, read_json
from erstwhile.api.imports.request_bodies import as_json, import_body
from erstwhile.api.imports.summary import Summary
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, create_user, record, trail_file

GOOD = create_user("eve", "AIDAEVE", "2026-03-03T12:00:00Z")


def load(database: Database, *paths: Path) -> Summary:
    with database.connect() as connection:
        return CloudTrailImporter(connection).import_files(paths)


def test_odd_records_are_named_counted_and_the_rest_is_kept(database: Database, tmp_path: Path) -> None:
    nameless = record("CreateUser", {"userName": "x"}) | {"eventTime": None}
    text = record("CreateRole", "HIDDEN_DUE_TO_SECURITY_REASONS")
    failed = text | {"errorCode": "AccessDenied", "eventID": "2"}
    first, last = tmp_path / "a.json", tmp_path / "b.json"
    first.write_bytes(trail_file(GOOD, nameless, text, failed))
    last.write_bytes(trail_file(record("CreateUser", {"userName": "bob"})))
    found = load(database, first, last)
    assert (found.files, found.records, found.changes, found.failed, found.not_translated) == (2, 4, 2, 1, 1)
    assert (found.odd_records, found.refused) == (1, [])
    assert found.odd[0].startswith(f"{first}: record 1 is without eventTime")


HOSTILE: dict[str, dict[str, Any]] = {
    "an endless name": {"requestParameters": {"userName": "n" * 50_000}},
    "an endless principal": {"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/" + "p" * 50_000}},
    "an endless event name": {"eventName": "E" * 50_000},
    "an endless agent": {"userAgent": "a" * 500_000, "sourceIPAddress": "b" * 50_000, "errorCode": "c" * 50_000},
    "an endless key": {"userIdentity": {"type": "IAMUser", "accessKeyId": "k" * 50_000,
        "arn": "arn:aws:iam::1:user/x"}},
    "NUL everywhere": {"requestParameters": {"userName": "a\0b"}, "userAgent": "\0", "requestID": "\0",
                       "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/\0",
                                        "accountId": ACCOUNT,
                                        "principalId": "AIDA\0", "userName": "\0"}},
    "tabs and returns": {"requestParameters": {"userName": "a\tb\nc\\d"}, "userAgent": "\t\n\\", "eventID": "\t\\N"},
    "an instant at the end of time": {"eventTime": "9999-12-31T23:59:59Z"},
    "an instant at its beginning": {"eventTime": "0001-01-01T00:00:00Z"},
    "an offset": {"eventTime": "2026-03-03T12:00:00+23:59"},
    "a shared id that is none": {"sharedEventID": {"a": [1]}},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_record_never_ends_an_import(database: Database, tmp_path: Path, name: str) -> None:
    hostile = record("CreateUser", {"userName": "mallory"}) | HOSTILE[name]
    bad, good = tmp_path / "a.json", tmp_path / "b.json"
    bad.write_bytes(trail_file(hostile))
    good.write_bytes(trail_file(GOOD))
    found = load(database, bad, good)
    assert found.files + len(found.refused) == 2 and found.change_operations["iam:CreateUser"] >= 1
    import_records(database, tmp_path, record("CreateUser", {"userName": "after"}))


def test_imports_beside_each_other_all_succeed(database: Database, tmp_path: Path) -> None:
    """Twelve at once, into months that no partition is there for yet."""

    def one(number: int) -> Summary:
        path = tmp_path / f"{number}.json"
        path.write_bytes(trail_file(*(
            record("CreateUser", {"userName": f"u{number}-{month}"}, at=f"2025-{month:02}-03T12:00:00Z")
            for month in range(1, 13)
        )))  # fmt: skip
        return load(database, path)

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(one, range(12)))
    assert [(each.changes, each.refused) for each in found] == [(12, [])] * 12
    with database.connect() as connection:
        row = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'activity'::regclass").fetchone()
        assert row == (12,)


def test_a_month_that_has_partitions_of_days_goes_on_with_days(database: Database, tmp_path: Path) -> None:
    with database.connect() as connection:
        connection.execute("SET ROLE NONE")
        connection.execute(
            "CREATE TABLE activity_20260302 PARTITION OF activity FOR VALUES FROM ('2026-03-02') TO ('2026-03-03')"
        )
    found = import_records(database, tmp_path, GOOD, record("CreateUser", {"userName": "x"}, at="2026-03-02T12:00:00Z"))
    assert (found.changes, found.refused) == (2, [])


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_archives_and_bodies(database: Database, tmp_path: Path) -> None:
    other = record("CreateUser", {"userName": "bob"})
    path = tmp_path / "trail.zip"
    lines = b"\n".join(map(orjson.dumps, (GOOD, other)))
    path.write_bytes(zipped({"a/x.jsonl": lines, "__MACOSX/a/._x.jsonl": b"junk", "b/y.json.gz": gzip.compress(b"{"),
                             "readme.txt": b"hello"}))  # fmt: skip
    found = load(database, path)
    assert (found.files, found.changes, len(found.refused)) == (1, 2, 1)
    with database.connect() as connection:
        body = zipped({"z.json": trail_file(record("CreateUser", {"userName": "carl"}))})
        assert as_json(import_body(connection, body))["changes"] == 1
        assert as_json(import_body(connection, body))["already_imported"] is True
        with pytest.raises(ImportRefused, match="expected a CloudTrail file"):
            import_body(connection, b'{"Users": []}')


def test_an_archive_within_an_archive_is_named(database: Database, tmp_path: Path) -> None:
    inner = zipped({"x.json": trail_file(record("CreateUser", {"userName": "bob"}))})
    path = tmp_path / "trail.zip"
    path.write_bytes(zipped({"a/inner.zip": inner, "b.json": trail_file(GOOD)}))
    found = load(database, path)
    assert found.changes == 1 and "a/inner.zip is an archive within an archive" in found.refused[0]
    body = zipped({"inner.zip": inner, "z.json": trail_file(record("CreateUser", {"userName": "carl"}))})
    with database.connect() as connection:
        summary = as_json(import_body(connection, body))
    assert summary["changes"] == 1 and "inner.zip" in str(summary["refused"])


def users(*numbers: int) -> list[dict[str, Any]]:
    return [create_user(f"u{each}", f"AIDA{each}", f"2026-03-03T12:00:{each:02}Z") for each in numbers]


def cut_gzip(content: bytes, kept: int) -> bytes:
    """A gzip file of which the end is missing, and that holds so many bytes of the content all the same."""
    made = zlib.compressobj(wbits=31)
    return made.compress(content[:kept]) + made.flush(zlib.Z_SYNC_FLUSH)


CONTAINERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "a trail": lambda records: trail_file(*records),
    "an array": orjson.dumps,
    "lines": lambda records: b"\n".join(map(orjson.dumps, records)),
    "UTF-16": lambda records: codecs.BOM_UTF16_LE + trail_file(*records).decode().encode("utf-16-le"),
    "lookup-events": lambda records: orjson.dumps(
        {"Events": [{"EventId": str(n), "CloudTrailEvent": orjson.dumps(each).decode()} for n,
                    each in enumerate(records)]},
        option=orjson.OPT_INDENT_2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTAINERS)
def test_of_a_gzip_file_that_was_cut_the_records_before_the_cut_are_kept(
    database: Database, tmp_path: Path, name: str
) -> None:
    records = users(1, 2, 3, 4)
    content = CONTAINERS[name](records)
    third = str(records[2]["eventID"]).encode("utf-16-le" if name == "UTF-16" else "utf-8")
    path = tmp_path / "cut.json.gz"
    path.write_bytes(cut_gzip(content, content.index(third) + 5))
    other = tmp_path / "whole.json"
    other.write_bytes(trail_file(GOOD))
    found = load(database, path, other)
    # Of a list within an object that is not whole, the object is odd as well.
    count, number = (2, 3) if name == "lookup-events" else (1, 2)
    assert (found.files, found.changes, found.odd_records, found.refused) == (2, 3, count, [])
    assert (
        found.odd[-1].startswith(f"{path}: record {number} is cut off") and "is not a whole gzip file" in found.odd[-1]
    )
    # The whole file, when it comes, brings the others; the cut one is known.
    path.write_bytes(gzip.compress(content))
    found = load(database, path)
    assert (found.changes, found.duplicates, found.odd) == (2, 2, [])


def test_where_a_gzip_file_was_cut_is_named(database: Database, tmp_path: Path) -> None:
    lines = b"".join(orjson.dumps(each) + b"\n" for each in users(5, 6))
    whole = gzip.compress(trail_file(*users(1, 2)))
    member = gzip.compress(trail_file(*users(3, 4)))[:-9]
    cuts = {
        "between.jsonl.gz": (cut_gzip(lines, lines.index(b"\n") + 1), 1, "record 1 is missing, if there was one"),
        "trailer.json.gz": (whole[:-3], 2, "record 2 is missing, if there was one"),
        "archive.zip": (zipped({"a/cut.json.gz": member}), 2, "is not a whole gzip file"),
    }
    for name, (raw, changes, words) in cuts.items():
        path = tmp_path / name
        path.write_bytes(raw)
        found = load(database, path)
        assert (found.changes, found.odd_records, found.refused) == (changes, 1, []), name
        assert found.odd[0].startswith(f"{path}") and words in found.odd[0]
    with database.connect() as connection:
        summary = as_json(import_body(connection, cut_gzip(lines, len(lines) - 9)))
    assert (summary["changes"], summary["duplicates"], summary["odd_records"]) == (0, 1, 1)


def test_a_gzip_file_that_is_damaged_otherwise_is_refused_whole(database: Database, tmp_path: Path) -> None:
    """What was inflated of it need not be what was written."""
    raw = bytearray(gzip.compress(trail_file(*users(1, 2))))
    wrong = raw.copy()
    wrong[-8] ^= 1  # the checksum
    torn = cut_gzip(trail_file(*users(1, 2)), 10_000) + b"\x06"  # there is no such type of block
    cases = {"sum": bytes(wrong), "torn": torn, "head": bytes(raw[:6]), "none": bytes(raw[:10])}
    for name, content in cases.items():
        path = tmp_path / f"{name}.json.gz"
        path.write_bytes(content)
        found = load(database, path)
        assert (found.files, found.records, found.odd) == (0, 0, []), name
        [refused] = found.refused
        assert "is not a whole gzip file" in refused


def test_other_documents_must_be_whole(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json.gz"
    path.write_bytes(cut_gzip(b'{"UserDetailList": []}    ', 22))
    for read in (read_json, lambda each: list(read_file(each))):
        with pytest.raises(ImportRefused, match="is not a whole gzip file"):
            read(path)


BOMBS = {
    "records": (b'{"Records":[', b"{},", b"{}]}"), "array": (b"[", b"{},", b"{}]"), "lines": (b"", b"{}\n", b""),
    "numbers": (b'{"Records":[', b"1,", b"1]}"), "nesting": (b'{"Records":[', b"[", b""),
}  # fmt: skip


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "cut"])
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_compressed_file_needs_bounded_memory(tmp_path: Path, name: str, is_cut: bool) -> None:
    begin, middle, end = BOMBS[name]
    path = tmp_path / "bomb.json.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(begin)
        for _ in range(60):
            stream.write(middle * (1_000_000 // len(middle)))
        stream.write(end)
    if is_cut:
        path.write_bytes(path.read_bytes()[:-100])
    assert path.stat().st_size < 100_000
    script = (
        "import sys; from pathlib import Path; from erstwhile.api.imports.file_records import read_and_digest; "
        "from erstwhile.api.imports.files import Part; found = read_and_digest(Part(Path(sys.argv[1])), 128 << 20)[1]; "
        "assert isinstance(found, Exception) or not found.filed, found"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], preexec_fn=limited, capture_output=True, timeout=300
    )
    assert run.returncode == 0, run.stderr.decode()
