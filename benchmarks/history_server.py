"""What `benchmarks/history.py` measures with: a server in a process of its own, an echo beside it, and a bare query."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import psycopg
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.company import Company
from benchmarks.http import started_echo
from erstwhile.api.asking.long_questions.process import PROGRAM
from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from erstwhile.projections.history import BELIEVED
from erstwhile.projections.sql import instant_text

_TOKEN = "bench-history"
_LONGEST = 400_000
_LOOK = 0.1
"""Seconds between two looks at the memory."""
LIMIT = 30.0
"""Seconds that an answer may take: one that takes longer is given up, and the server stops."""
_ROWS = (
    "SELECT attribute, item, value FROM fact WHERE account = %s AND kind = %s AND entity = %s "
    "AND valid_from <= %s::timestamptz AND valid_to > %s::timestamptz "
    f"AND recorded_to = {BELIEVED}"
)


def new_token(database: Database) -> str:
    """A token that may ask, in the place of the one of an earlier run."""
    with database.connect() as connection:
        with suppress(Problem):
            tokens.revoke(connection, _TOKEN)
        return tokens.create(connection, _TOKEN, ["read", "import"])


class Server:
    """`erstwhile serve` over a home. `seconds`: from its start until /readyz said yes."""

    def __init__(self, home: Path, token: str) -> None:
        program = str(Path(sys.executable).parent / "erstwhile")
        environment = os.environ | {"ERSTWHILE_HOME": str(home.resolve())}
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [program, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
        )
        self._connection = HTTPConnection("127.0.0.1", self._port(), timeout=LIMIT)
        self._headers = {"Authorization": f"Bearer {token}"}
        while self.get("/readyz")[0] != 200:
            time.sleep(0.01)
        self.seconds = time.perf_counter() - started

    def _port(self) -> int:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "http://" in line:
                return int(line.split("http://")[1].split()[0].rstrip("/;.,").rpartition(":")[2])
        sys.exit("the server did not start")

    def get(self, path: str, **parameters: str) -> tuple[int, bytes]:
        """Raises TimeoutError after `LIMIT`."""
        try:
            asked = f"{path}?{urlencode(parameters)}" if parameters else path
            self._connection.request("GET", asked, None, self._headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except TimeoutError:
            self._connection.close()
            raise

    def call(self, key: tuple[str, str], service: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """A call of AWS's protocol, signed."""
        url = f"http://{self._connection.host}:{self._connection.port}/"
        request = AWSRequest("POST", url, data=body, headers=headers)
        SigV4Auth(Credentials(*key), service, "us-east-1").add_auth(request)
        self._connection.request("POST", "/", body, dict(request.headers.items()))
        response = self._connection.getresponse()
        return response.status, response.read()

    def ask(self, path: str, **parameters: str) -> tuple[float, bytes]:
        """(seconds, the answer); ends the program where it is a problem."""
        started = time.perf_counter()
        status, body = self.get(path, **parameters)
        took = time.perf_counter() - started
        if status != 200:
            sys.exit(f"{path} {parameters}: {status} {body.decode()[:500]}")
        return took, body

    def memory(self) -> tuple[float, float]:
        """(resident megabytes, those that no other process shares): of the server and of the processes that answer its
        long questions now."""
        found = [_memory(each) for each in (self._process.pid, *self._answering())]
        return sum(each[0] for each in found), sum(each[1] for each in found)

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """Within the block, the list gets what `memory` says, time and again."""
        found: list[float] = []
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_LOOK):
                with suppress(OSError):  # a process ended meanwhile
                    found.append(self.memory()[0])

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield found
        finally:
            ended.set()
            watching.join()

    def _answering(self) -> list[int]:
        found = []
        for path in Path(f"/proc/{self._process.pid}/task").glob("*/children"):
            for child in path.read_text().split():
                if PROGRAM.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    def processor_seconds(self) -> float:
        """What the process has used of the processors so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()


def _memory(process: int) -> tuple[float, float]:
    resident = own = 0
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, kilobytes = line.split()[:2]
        resident += int(kilobytes) if name == "Rss:" else 0
        own += int(kilobytes) if name.startswith("Private_") else 0
    return resident / 1024, own / 1024


class Echo:
    """A bare aiohttp echo (`benchmarks/http.py`) in a process of its own."""

    def __init__(self, port: int = 18098) -> None:
        self._process = started_echo("benchmarks.http", port)
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def begin(self) -> None:
        """Begins a series: aiohttp has ended a connection that was idle for a minute."""
        self._connection.close()

    def ask(self, body: bytes) -> float:
        """Seconds. Of a long body, a part is sent that aiohttp accepts."""
        sent = body if len(body) < _LONGEST else orjson.dumps(body[:_LONGEST].decode(errors="ignore"))
        started = time.perf_counter()
        self._connection.request("POST", "/", sent)
        self._connection.getresponse().read()
        return time.perf_counter() - started

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(20)


class Rows:
    """A bare query for a principal's rows at an instant."""

    def __init__(self, database: Database, made: Company) -> None:
        self._connection: psycopg.Connection[Any] = database.connect()
        self._made = made

    def ask(self, number: int, at: datetime) -> float:
        key = self._made.key(number)
        started = time.perf_counter()
        self._connection.execute(_ROWS, (*key, instant_text(at), instant_text(at)), prepare=True).fetchall()
        return time.perf_counter() - started

    def close(self) -> None:
        self._connection.close()


def as_json(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(body)
    return found
