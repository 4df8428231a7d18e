"""Backups: all that a database has, restored and verified, or nothing."""

from __future__ import annotations

import contextlib
import resource
import signal
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql

from erstwhile.api.database.database import Database
from erstwhile.api.keeping.backup import back_up
from erstwhile.api.keeping.backup_file import MANIFEST, MalformedBackup, Manifest, member_of, opened
from erstwhile.api.keeping.backup_log import BackupLog, whole
from erstwhile.api.keeping.restore import CannotRestore, NotVerified, restore
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.ledger.tampering import Kind
from erstwhile.projections.ledger.verifying import verify, verify_source
from tests.support.databases import Server
from tests.support.program import erstwhile
from tests.support.signed_log import KEYS, sign


def content(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The hash of each table's rows, and the next numbers."""
    found = {}
    for name, kind in connection.execute(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p', 'S') AND relname !~ 'yoyo'"
    ).fetchall():
        query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1" if kind != "S" else "SELECT last_value FROM {}")
        rows = connection.execute(query.format(sql.Identifier(name))).fetchall()
        found[name] = sha256(repr(rows).encode()).hexdigest() if rows else ""
    return found


@pytest.fixture(scope="module")
def origin(embedded_server: Server, story_to_copy: Database) -> Iterator[Database]:
    """The story, signed, with a decision on record and texts that COPY escapes."""
    database = embedded_server.fresh(like=story_to_copy)
    sign(database)
    with database.owner() as owner:
        owner.execute("SELECT ensure_decision_partition('2026-03-01')")
        owner.execute(
            "INSERT INTO decision (day, decided_at, asked_by, subject, action, resource, effect, question, answer, "
            "masked, revision, latency_us) VALUES ('2026-03-01', '2026-03-01 10:00Z', E'a\\tb\\\\c\\nd', '', '', '', "
            "'allow', '{}', '{}', false, 1, 1)"
        )
    yield database
    embedded_server.drop(database)


@pytest.fixture(scope="module")
def backup(origin: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "all.backup"
    with origin.connect() as connection:
        back_up(connection, path)
    return path


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Iterator[Database]:
    server: Server = request.getfixturevalue(getattr(request, "param", "embedded_server"))
    database = server.fresh()
    yield database
    server.drop(database)


def fill(target: Database, path: Path, **how: Any) -> Any:
    with opened(path) as read, target.owner() as owner:
        return restore(owner, read, KEYS, **how)


def assert_empty(database: Database) -> None:
    with database.owner() as owner:
        assert set(content(owner).values()) - {""} == {sha256(repr([(1,)]).encode()).hexdigest()}, (
            "no row, and no sequence has begun"
        )


def rewritten(path: Path, into: Path, change: dict[str, bytes], manifest: bool = True) -> Path:
    """The backup with other rows of some tables; `manifest`: with their hashes in it."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(into, "w") as new:
        told = msgspec.json.decode(old.read(MANIFEST), type=Manifest)
        tables = []
        for table in told.tables:
            rows = change.get(table.name, old.read(member_of(table.name)))
            new.writestr(member_of(table.name), rows)
            tables.append(
                msgspec.structs.replace(table, size=len(rows), sha256=sha256(rows).hexdigest(), rows=rows.count(b"\n"))
                if manifest
                else table
            )
        new.writestr(MANIFEST, msgspec.json.encode(msgspec.structs.replace(told, tables=tables)))
    return into


def rows_of(path: Path, table: str) -> bytes:
    with zipfile.ZipFile(path) as packed:
        return packed.read(member_of(table))


@pytest.mark.parametrize("target", ["embedded_server", "postgres_15"], indirect=True)
def test_what_is_restored_is_what_was_backed_up(origin: Database, backup: Path, target: Database) -> None:
    verdict = fill(target, backup)
    with origin.owner() as ours, target.owner() as theirs, origin.connect() as connection:
        assert content(theirs) == content(ours)
        expected = verify(connection, KEYS)
    assert verdict == expected and verdict.tampering is None and verdict.signed == verdict.events > 0
    with opened(backup) as read, BackupLog(read) as log:
        assert verify_source(log, KEYS) == expected
        assert {str(key) for key in log.public_keys()} == {str(key) for key in KEYS}
        whole(read)
    assert backup.stat().st_mode & 0o777 == 0o600
    service = ReadingRuntime(target)
    try:
        assert service.questions.status()["read_models"]["history"]["lag"] == 0
    finally:
        service.close()


def test_alterations_of_a_backup_are_found(backup: Path, target: Database, tmp_path: Path) -> None:
    events = rows_of(backup, "event")
    lines = events.splitlines(keepends=True)
    altered = b"".join([*lines[:6], lines[6].replace(b"iam.", b"iAm.", 1), *lines[7:]])
    assert altered != events
    # Whoever alters rows may alter the manifest as well.
    path = rewritten(backup, tmp_path / "altered", {"event": altered})
    with opened(path) as read, BackupLog(read) as log:
        found = verify_source(log, KEYS).tampering
    assert found is not None and (found.kind, found.position) == (Kind.CHANGED, 7)
    with pytest.raises(NotVerified, match=r"at position 7: .*--even-if-altered"):
        fill(target, path)
    assert_empty(target)
    shorter = rewritten(backup, tmp_path / "shorter", {"event": b"".join(lines[:-3])})
    with opened(shorter) as read, BackupLog(read) as log:
        found = verify_source(log, KEYS).tampering
    assert found is not None and (found.kind, found.position) == (Kind.TRUNCATED, len(lines) - 2)
    details = rows_of(backup, "event_details")
    path = rewritten(backup, tmp_path / "details", {"event_details": details.replace(b"source_ip", b"source_iq", 1)})
    with opened(path) as read, BackupLog(read) as log:
        found = verify_source(log, KEYS).tampering
    assert found is not None and found.kind is Kind.DETAILS_CHANGED
    # The manifest's hashes find what damages the file.
    path = rewritten(backup, tmp_path / "unhashed", {"activity": rows_of(backup, "activity")[:-2] + b"0\n"}, False)
    with opened(path) as read, pytest.raises(MalformedBackup, match="the rows of activity"):
        whole(read)
    with pytest.raises(MalformedBackup, match="the rows of activity"):
        fill(target, path)
    assert_empty(target)
    assert fill(target, rewritten(backup, path, {"event": altered}), even_if_altered=True).tampering is not None


def test_files_that_are_no_whole_backup(backup: Path, target: Database, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(backup.read_bytes()[:-100])
    with pytest.raises(MalformedBackup, match="cut off"):
        fill(target, cut)
    damaged = bytearray(backup.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    cut.write_bytes(damaged)
    with pytest.raises(MalformedBackup):
        fill(target, cut)
    with zipfile.ZipFile(cut, "w") as other:
        other.writestr("a", "b")
    with pytest.raises(MalformedBackup, match=r"no backup\.json"):
        fill(target, cut)
    with zipfile.ZipFile(backup) as packed:
        told = msgspec.json.decode(packed.read(MANIFEST))
    partition = dict.fromkeys(("name", "since", "until"), "a")
    for change, expected in (
        ({"form": "erstwhile-backup-9"}, "a newer one"), ({"migrations": ["9999.later"]}, "newer schema"),
        ({"tables": 3}, "no manifest"), ({"tables": [told["tables"][0] | {"columns": ["x"]}]}, "no column x"),
        ({"tables": [told["tables"][0] | {"partitions": [partition]}]}, "partition"),
    ):  # fmt: skip
        with zipfile.ZipFile(cut, "w") as other:
            other.writestr(MANIFEST, msgspec.json.encode(told | change))
        with pytest.raises((MalformedBackup, CannotRestore), match=expected):
            fill(target, cut)
    assert_empty(target)


def test_an_end_in_the_middle_leaves_nothing(origin: Database, backup: Path, target: Database, tmp_path: Path) -> None:
    def interrupted(done: int, total: int) -> None:
        if done > total / 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(target, backup, progress=interrupted)
    assert_empty(target)
    with origin.connect() as connection, pytest.raises(KeyboardInterrupt):
        back_up(connection, tmp_path / "half", interrupted)
    assert list(tmp_path.iterdir()) == []
    with origin.connect() as connection, full_disk(), pytest.raises(OSError, match="too large"):
        back_up(connection, tmp_path / "half")
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond 20 KB."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_backup_and_restore_on_the_command_line(origin: Database, target: Database, tmp_path: Path) -> None:
    path, keys = tmp_path / "all.backup", tmp_path / "ledger.pub"
    keys.write_text("".join(f"{key}\n" for key in KEYS))
    done = erstwhile(origin, "backup", str(path))
    assert done.returncode == 0 and sha256(path.read_bytes()).hexdigest() in done.stdout
    assert "ledger.key and master.key" in done.stderr
    assert erstwhile(origin, "backup", str(path)).returncode == 2
    done = erstwhile(None, "verify", str(path), "--key", str(keys))
    assert done.returncode == 0 and done.stdout.startswith("verified: the events 1 to ")
    done = erstwhile(target, "restore", str(path), "--key", str(keys))
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("restored: ")
    done = erstwhile(target, "restore", str(path), "--key", str(keys))
    assert done.returncode == 1 and "the database is not empty: table event has rows" in done.stderr
