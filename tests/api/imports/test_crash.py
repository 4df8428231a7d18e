"""kill -9 in the middle of an import, of our process and of PostgreSQL: nothing acknowledged is lost, nothing twice."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from tests.support.generated_trail import ACCOUNT, record, write_files
from tests.support.in_memory import folder_for_databases
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal
from tests.support.servers import ServerProcess
from tests.support.waiting import LONG, wait_until

FILES = 40
RECORDS = FILES * 2_000


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="erstwhile-crash-", dir=folder_for_databases()))
    yield folder
    erstwhile(None, "status", ERSTWHILE_HOME=str(folder / "home"))
    shutil.rmtree(folder, ignore_errors=True)


def run(home: Path, *arguments: str) -> Any:
    found = erstwhile(None, *arguments, "--json", ERSTWHILE_HOME=str(home))
    assert found.returncode == 0, found.stderr
    return orjson.loads(found.stdout)


def postmaster(home: Path) -> tuple[int, str]:
    """The server's process, and how to reach it."""
    lines = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    return int(lines[0]), f"host={lines[4]} user=postgres dbname=erstwhile"


def wait_for_files(home: Path, count: int) -> list[str]:
    """The trail's files that are acknowledged, once there are so many; AWS's own policies come in before them."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        try:
            _, dsn = postmaster(home)
            with psycopg.connect(dsn) as connection:
                rows = connection.execute("SELECT name FROM imported_file WHERE name LIKE '%.json.gz'")
                names = [row[0] for row in rows]
            if len(names) >= count:
                return names
        except (OSError, IndexError, psycopg.Error):
            pass
        time.sleep(0.05)
    raise AssertionError("the import did not begin")


@pytest.mark.slow
def test_an_import_survives_kill_9_of_itself_and_of_postgresql(home: Path) -> None:
    trail, data = home / "trail", home / "home"
    trail.mkdir()
    write_files(trail, RECORDS)
    command = [PROGRAM, "import", "cloudtrail", str(trail)]

    first = subprocess.Popen(
        command, env=environment(ERSTWHILE_HOME=str(data)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=ignore_no_signal,
    )  # fmt: skip
    acknowledged = wait_for_files(data, 5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    second = subprocess.Popen(
        command, env=environment(ERSTWHILE_HOME=str(data)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=ignore_no_signal,
    )  # fmt: skip
    acknowledged = wait_for_files(data, len(acknowledged) + 5)
    server, _ = postmaster(data)
    os.kill(server, signal.SIGKILL)
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert b"run the command again, nothing is lost" in errors.replace(b"\n", b" ") and b"Traceback" not in errors

    summary = run(data, "import", "cloudtrail", str(trail))
    assert summary["files_known"] >= len(acknowledged)
    assert summary["files"] == FILES and not summary["refused"]
    again = run(data, "import", "cloudtrail", str(trail))
    assert (again["files_known"], again["records"]) == (FILES, 0)

    status = run(data, "status")
    assert status["records"][0]["records"] == RECORDS
    assert all(each["lag"] == 0 for each in status["read_models"].values())
    # Every change that the records tell is in the log once: a hundredth of them, and what was seen beside.
    changes = 0
    cursor = ""
    while True:
        more = ("--cursor", cursor) if cursor else ()
        page = run(data, "audit", "--action", "iam:", "--limit", "1000", *more)
        changes += sum(each["event"] != "iam.PrincipalSeen" for each in page["entries"])
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert changes == RECORDS // 100
    assert status["accounts"][0]["account"] == ACCOUNT


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_an_import_over_http(home: Path) -> None:
    data = home / "home"
    chance = random.Random(2026)
    body = orjson.dumps({"Records": [record(chance, number) for number in range(20_000)]})
    server = ServerProcess(ERSTWHILE_HOME=str(data))
    token = server.token

    def post(to: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{to}/v1/imports/cloudtrail",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            found: dict[str, Any] = orjson.loads(response.read())
            return found

    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(post, server.url)
        wait_for_a_write(data)
        server.end(signal.SIGKILL)
        with pytest.raises((OSError, http.client.HTTPException)):
            lost.result(60)
    assert run(data, "status")["records"] == []  # nothing is half-written

    server = ServerProcess(ERSTWHILE_HOME=str(data))
    assert post(server.url)["records"] == 20_000
    assert post(server.url)["records"] == 0
    assert server.end(signal.SIGINT) == 0
    status = run(data, "status")
    assert status["records"][0]["records"] == 20_000
    assert all(each["lag"] == 0 for each in status["read_models"].values())


def wait_for_a_write(home: Path) -> None:
    """Until a transaction of the server has written something and not yet committed."""
    _, dsn = postmaster(home)
    deadline = time.monotonic() + LONG
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            ).fetchone()
            if row is not None and row[0]:
                return
    raise AssertionError("the import did not begin")


def comes_back(home: Path, killed: int) -> bool:
    """Whether another server has taken the place of one that was killed."""
    try:
        return postmaster(home)[0] != killed
    except (OSError, IndexError, ValueError):
        return False


@pytest.mark.slow
def test_a_server_survives_postgresql_and_ends_in_order(home: Path) -> None:
    """The CLI works beside the server, neither stops PostgreSQL under the other; Ctrl-C ends it with status 0."""
    data = home / "home"
    server = ServerProcess(ERSTWHILE_HOME=str(data))
    assert server.token.startswith("erst_")

    def ready() -> int:
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert ready() == 200
    position = run(data, "status")["position"]  # the account of the server itself, AWS's managed policies
    assert position > 0
    assert ready() == 200

    pid, _ = postmaster(data)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: comes_back(data, pid) and ready() == 200)
    assert run(data, "status")["position"] == position
    assert server.end(signal.SIGINT) == 0
