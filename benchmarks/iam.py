"""`make bench-iam`: AWS's protocol against a bare aiohttp echo, raw INSERTs and, where it is installed, moto_server.

Targets: GetUser, signed, at 0.6 of echo's rate; CreateUser with 64 in flight, fsync on, at ten times moto_server's
rate and at half the rate of raw single-row autocommitted INSERTs into the same database.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psycopg
import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.cli.run import out
from api.database import Database
from api.settings import Settings
from benchmarks.http import _announced, _wrk

KEY, SECRET = "bench-key", "bench-secret"
FORM = "application/x-www-form-urlencoded"
CREATED = 4_500
IN_FLIGHT = 64
ROUNDS = 3


def signed(url: str, action: str, **parameters: str) -> tuple[bytes, dict[str, str]]:
    """(body, headers) of a call as AWS's clients send it."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": FORM})
    SigV4Auth(Credentials(KEY, SECRET), "iam", "us-east-1").add_auth(request)
    return body, dict(request.headers.items())


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed to load the server: install Debian's package wrk")
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        home = Path(folder) / "home"
        program = str(Path(sys.executable).parent / "erstwhile")
        environment = os.environ | {
            "ERSTWHILE_HOME": str(home),
            "ERSTWHILE_ROOT_ACCESS_KEY_ID": KEY,
            "ERSTWHILE_ROOT_SECRET_ACCESS_KEY": SECRET,
        }
        server = subprocess.Popen([program, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True)
        echo = subprocess.Popen([sys.executable, "-m", "benchmarks.http", "echo", "18098"])
        moto = _moto()
        try:
            _, ours = _announced(server)
            _reads(Path(folder), ours, "http://127.0.0.1:18098/echo")
            _writes(home, ours, moto)
        finally:
            running: list[subprocess.Popen[str] | subprocess.Popen[bytes]] = [server, echo]
            for process in [*running, moto] if moto else running:
                process.terminate()
                process.wait(20)


def _moto() -> subprocess.Popen[bytes] | None:
    program = Path(sys.executable).parent / "moto_server"
    if not program.exists():
        return None
    return subprocess.Popen([str(program), "-p", "18097"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _script(path: Path, body: bytes, headers: dict[str, str]) -> None:
    told = ", ".join(f'["{name}"]=[==[{value}]==]' for name, value in headers.items())
    path.write_text(f"wrk.method='POST'\nwrk.body=[==[{body.decode()}]==]\nwrk.headers={{{told}}}\n")


def _reads(folder: Path, ours: str, echo: str) -> None:
    create(f"{ours}/", _creations(f"{ours}/", ["reader"]), 1)
    script, plain = folder / "get.lua", folder / "echo.lua"
    best: dict[str, float] = {"ours": 0, "echo": 0}
    for _ in range(ROUNDS):
        body, headers = signed(f"{ours}/", "GetUser", UserName="reader")
        _script(script, body, headers)
        _script(
            plain,
            b'{"Action":"GetUser","Version":"2010-05-08","UserName":"reader"}',
            {"Content-Type": "application/json"},
        )
        best["echo"] = max(best["echo"], _wrk(echo, plain)[0])
        best["ours"] = max(best["ours"], _wrk(f"{ours}/", script)[0])
    out.print(f"GetUser, signed: {best['ours']:,.0f}/s, echo {best['echo']:,.0f}/s: ratio "
              f"{best['ours'] / best['echo']:.2f} (target 0.6)")  # fmt: skip


Call = tuple[bytes, dict[str, str]]


async def _create(url: str, calls: list[Call], in_flight: int) -> None:
    waiting = iter(calls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def work() -> None:
            for body, headers in waiting:
                async with session.post(url, data=body, headers=headers) as response:
                    if response.status != 200:
                        sys.exit(f"CreateUser answered {response.status}: {await response.text()}")

        await asyncio.gather(*(work() for _ in range(in_flight)))


def create(url: str, calls: list[Call], in_flight: int) -> None:
    uvloop.run(_create(url, calls, in_flight))


def _creations(url: str, names: list[str]) -> list[Call]:
    """Signed before the clock runs: botocore takes longer to sign a call than we take to answer it."""
    return [signed(url, "CreateUser", UserName=name) for name in names]


def _timed(run: Callable[[], object], count: int) -> float:
    begin = time.perf_counter()
    run()
    return count / (time.perf_counter() - begin)


def _writes(home: Path, ours: str, moto: subprocess.Popen[bytes] | None) -> None:
    database = Database.open(Settings(home=home))
    best: dict[str, float] = {"ours": 0, "moto": 0, "insert": 0}
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_insert (id bigint GENERATED ALWAYS AS IDENTITY, data jsonb)")
        for number in range(ROUNDS):
            names = [f"u{number}-{each}" for each in range(CREATED // ROUNDS)]

            def insert(rows: list[str] = names) -> None:
                for name in rows:
                    connection.execute("INSERT INTO bench_insert (data) VALUES (%s::jsonb)", (f'{{"name":"{name}"}}',))

            best["insert"] = max(best["insert"], _timed(insert, len(names)))
            calls = _creations(f"{ours}/", names)
            best["ours"] = max(best["ours"], _timed(partial(create, f"{ours}/", calls, IN_FLIGHT), len(names)))
            if moto is not None and _answers("http://127.0.0.1:18097/"):
                some = _creations("http://127.0.0.1:18097/", names[:200])
                rate = _timed(partial(create, "http://127.0.0.1:18097/", some, IN_FLIGHT), len(some))
                best["moto"] = max(best["moto"], rate)
        connection.execute("DROP TABLE bench_insert")
    database.close()
    ratio = best["ours"] / best["insert"]
    out.print(f"CreateUser, {IN_FLIGHT} in flight: {best['ours']:,.0f}/s; raw INSERTs {best['insert']:,.0f}/s: "
              f"ratio {ratio:.2f} (target 0.5)")  # fmt: skip
    if best["moto"]:
        out.print(f"moto_server: {best['moto']:,.0f}/s: ratio {best['ours'] / best['moto']:.1f} (target 10)")
    else:
        out.print("moto_server is not installed: not compared")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
