"""The disk of the database is full, on a small file system of its own: writes are refused and not lost, decisions go on
from memory, and once there is room again nobody has to help."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.databases import POSTGRES_15, Postgres15
from tests.support.kill_runs import all_is_signed
from tests.support.program import erstwhile
from tests.support.under_load import GONE, Load, Served
from tests.support.waiting import wait_until

SIZE = "180m"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="e-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "erstwhile", folder], capture_output=True
        )
        if mounted.returncode != 0:
            pytest.skip("a small file system cannot be mounted here")
        os.chmod(folder, 0o755)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    piece = b"\0" * 65_536
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(piece)
        except OSError:
            pass


@pytest.fixture(params=["embedded", "postgresql-15"])
def served(request: pytest.FixtureRequest, small_disk: Path) -> Iterator[Served]:
    """A server whose database is on the small disk."""
    with ExitStack() as parts:
        database = ""
        if request.param == "postgresql-15":
            if not (POSTGRES_15 / "initdb").exists():
                pytest.skip(f"PostgreSQL 15 is not installed in {POSTGRES_15}")
            server = Postgres15(small_disk, "-c max_wal_size=64MB -c min_wal_size=32MB")
            parts.callback(server.stop)
            database = server.dsn
            migrated = erstwhile(
                None, "migrate", ERSTWHILE_DATABASE_URL=database, ERSTWHILE_HOME=str(small_disk / "home")
            )
            assert migrated.returncode == 0, migrated.stderr
        found = Served(small_disk / "home", database)
        try:
            yield found
        finally:
            try:
                status = found.kill(signal.SIGTERM)
            except GONE:
                status = -1
        assert status == 0


@pytest.mark.slow
def test_a_full_disk(served: Served, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with Load(served, "full") as load:
        wait_until(lambda: any(status == 200 for _, status in load.written))
        fill(ballast)
        since = len(load.written)
        wait_until(lambda: any(status == 503 for _, status in load.written[since:]))
        ballast.unlink()
        since = len(load.written)
        wait_until(lambda: any(status == 200 for _, status in load.written[since:]))
    assert {status for _, status, _ in load.decided} == {200}
    assert {status for _, status in load.written} <= {200, 201, 204, 503}
    served.assert_whole()
    all_is_signed(served)
    served.assert_decisions_recorded()
