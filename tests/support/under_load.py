"""A server over a home of its own, under load: who reads, who writes, and what was acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import orjson
import psycopg

from tests.support.servers import ServerProcess
from tests.support.waiting import LONG, wait_until

GONE = (OSError, http.client.HTTPException, urllib.error.URLError)


class Served:
    """`erstwhile serve` on a home; it may be killed and started again."""

    def __init__(self, home: Path, database: str = "") -> None:
        """`database`: how to reach it; the embedded one of the home where nothing is said."""
        self.home = home
        self._database = database
        self.token = ""
        self.address = ""
        self.last_readiness: Any = None
        self.acknowledged: list[str] = []
        """Names of resources whose registration was acknowledged."""
        self.answered: list[bool] = []
        """The decisions that were answered."""
        self.start()

    def start(self) -> None:
        elsewhere = {"ERSTWHILE_DATABASE_URL": self._database} if self._database else {}
        self._server = ServerProcess(ERSTWHILE_HOME=str(self.home), **elsewhere)
        self.address = self._server.url
        self.token = self._server.token or self.token

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        return self._server.end(number, LONG)

    def postmaster(self) -> int:
        """The process of the home's database; 0 while there is none."""
        try:
            return int((self.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def dsn(self) -> str:
        if self._database:
            return self._database
        lines = (self.home / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"host={lines[4]} port={lines[3]} user=postgres dbname=erstwhile"

    def backends(self) -> list[int]:
        """The postmaster and all its processes."""
        top = self.postmaster()
        shown = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in shown.splitlines()]
        return [top, *(pid for pid, parent in pairs if parent == top)]

    def signal_backends(self, number: int) -> None:
        for pid in self.backends():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def call(self, method: str, path: str, body: bytes | None = None, seconds: float = 60) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.address}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=seconds) as response:
                return response.status, orjson.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, orjson.loads(error.read() or b"{}")

    def ready(self) -> bool:
        try:
            status, self.last_readiness = self.call("GET", "/readyz", seconds=15)
        except GONE as error:
            self.last_readiness = error
            return False
        return status == 200

    def decide(self, seconds: float = 15) -> tuple[int, Any]:
        subject = {"type": "root", "id": "arn:aws:iam::123456789012:root"}
        question = orjson.dumps(
            {"subject": subject, "action": {"name": "read"}, "resource": {"type": "record", "id": "1"}}
        )
        status, told = self.call("POST", "/access/v1/evaluation", question, seconds)
        if status == 200:
            self.answered.append(told["decision"])
        return status, told

    def write(self, name: str) -> int:
        """Registers a resource; the status, 0 where nothing came back."""
        try:
            status, _ = self.call("PUT", f"/v1/resources/{name}", b'{"type": "record", "tags": {"made": "here"}}')
        except GONE:
            return 0
        if status in (200, 201, 204):
            self.acknowledged.append(name)
        return status

    def assert_decisions_recorded(self) -> None:
        """Each decision that was answered is recorded once, and in the tree. Of a server that was not killed."""
        wait_until(self.ready, why=lambda: self.last_readiness)
        with psycopg.connect(self.dsn(), autocommit=True) as connection:

            def counts() -> tuple[int, ...]:
                found = connection.execute(
                    "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM decision_leaf)"
                ).fetchone()
                assert found is not None
                return tuple(found)

            wait_until(lambda: min(counts()) >= len(self.answered), why=lambda: (counts(), len(self.answered)))
            assert counts() == (len(self.answered), len(self.answered))

    def assert_whole(self) -> None:
        """Every acknowledged write is there, and the log's positions have no gap."""
        wait_until(self.ready, why=lambda: self.last_readiness)
        with psycopg.connect(self.dsn()) as connection:
            row = connection.execute(
                "SELECT count(*), coalesce(max(position), 0), count(DISTINCT event_id) FROM event"
            ).fetchone()
            assert row is not None and row[0] == row[1] == row[2], row
            found = connection.execute(
                "SELECT data->'body'->>'resource' FROM event WHERE type LIKE 'resource.%'"
            ).fetchall()
        names = {str(each[0]).rsplit(":", 1)[-1] for each in found}
        assert not set(self.acknowledged) - names, set(self.acknowledged) - names


class Load:
    """Threads that ask and write until they are stopped."""

    def __init__(self, served: Served, prefix: str) -> None:
        self._served = served
        self._prefix = prefix
        self._stop = threading.Event()
        self.decided: list[tuple[float, int, Any]] = []
        """(seconds, status, answer) of each decision."""
        self.written: list[tuple[float, int]] = []
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._ask, self._write)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(LONG)

    def _ask(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                status, told = self._served.decide()
            except GONE as error:
                status, told = 0, str(error)
            self.decided.append((time.monotonic() - begun, status, told))
            time.sleep(0.01)

    def _write(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            begun = time.monotonic()
            status = self._served.write(f"{self._prefix}-{number}")
            self.written.append((time.monotonic() - begun, status))
            time.sleep(0.01)
