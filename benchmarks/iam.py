"""`make bench-iam`: AWS's protocol against a bare aiohttp echo, raw INSERTs and, where it is installed, moto_server.

Targets: GetUser, signed, at 0.6 of echo's rate; CreateUser with 64 in flight, fsync on, at ten times moto_server's
rate and at half the rate of raw single-row autocommitted INSERTs into the same database. All get the same calls, byte
for byte but for the address, from wrk (Debian's package): a client in Python takes longer to send a call than we take
to answer it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks import iam_listing
from benchmarks.http import run_echo, started_echo, wrk
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from tests.support.servers import ServerProcess

KEY, SECRET = "bench-key", "bench-secret"
MOTO = "http://127.0.0.1:18097"
PROGRAM = str(Path(sys.executable).parent / "erstwhile")
FORM = "application/x-www-form-urlencoded"
IN_FLIGHT = 64
ROUNDS = 3
SECONDS = 2
INSERTS = 3_000
"""Of one turn that creates."""
ACCOUNTS = 3
USERS = 4_900
"""Made in each account at most: 5,000 are IAM's quota."""


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), content_type="text/xml")


def signed(url: str, action: str, key: tuple[str, str] = (KEY, SECRET), **parameters: str) -> bytes:
    """A call as AWS's clients send it, byte for byte."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": FORM})
    SigV4Auth(Credentials(*key), "iam", "us-east-1").add_auth(request)
    lines = ["POST / HTTP/1.1", f"Host: {urlsplit(url).netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed to load the server: install Debian's package wrk")
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        given = {
            "ERSTWHILE_HOME": str(Path(folder) / "home"),
            "ERSTWHILE_ROOT_ACCESS_KEY_ID": KEY,
            "ERSTWHILE_ROOT_SECRET_ACCESS_KEY": SECRET,
        }
        environment = os.environ | given
        server = ServerProcess(**given)
        echo = started_echo("benchmarks.iam", 18098)
        moto = _moto()
        try:
            ours = server.url
            _reads(Path(folder), ours, "http://127.0.0.1:18098")
            iam_listing.measure(ours, iam_listing.prepare(Path(folder), PROGRAM, environment))
            _writes(Path(folder), environment, ours, MOTO if moto is not None and _answers(MOTO) else None)
        finally:
            server.end()
            for process in [echo, moto] if moto else [echo]:
                process.terminate()
                process.wait(20)


def _moto() -> subprocess.Popen[bytes] | None:
    program = Path(sys.executable).parent / "moto_server"
    if not program.exists():
        return None
    return subprocess.Popen([str(program), "-p", "18097"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


_IN_TURN = """local file = assert(io.open('{calls}', 'rb'))
local calls, n = {{}}, 0
for length in file:lines() do calls[#calls + 1] = file:read(tonumber(length)) end
request = function() n = n % #calls + 1; return calls[n] end
"""


def _script(path: Path, calls: list[bytes]) -> Path:
    """A wrk script that sends the calls in turn."""
    path.with_suffix(".calls").write_bytes(b"".join(b"%d\n%s" % (len(call), call) for call in calls))
    path.write_text(_IN_TURN.format(calls=path.with_suffix(".calls")))
    return path


def _reads(folder: Path, ours: str, echo: str) -> None:
    wrk(ours, _script(folder / "create.lua", [signed(ours, "CreateUser", UserName="reader")]), 1, 1, errors=True)
    best: dict[str, float] = {"ours": 0, "echo": 0}
    for _ in range(ROUNDS):
        for name, url in (("echo", echo), ("ours", ours)):
            script = _script(folder / "get.lua", [signed(url, "GetUser", UserName="reader")])
            best[name] = max(best[name], wrk(url, script)[0])
    out.print(f"GetUser, signed: {best['ours']:,.0f}/s, echo {best['echo']:,.0f}/s: ratio "
              f"{best['ours'] / best['echo']:.2f} (target 0.6)")  # fmt: skip


def _account(number: int, environment: dict[str, str]) -> tuple[str, str]:
    """The access key of a new account's root."""
    command = [PROGRAM, "account", "create", f"2222{number:08}"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    key_id, secret = re.findall(r"AWS_\w+=(\S+)", printed)
    return key_id, secret


def _creations(url: str, keys: list[tuple[str, str]], users: int) -> list[bytes]:
    return [signed(url, "CreateUser", key, UserName=f"u{number}") for key in keys for number in range(users)]


def _timed(run: Callable[[], object], count: int) -> float:
    begin = time.perf_counter()
    run()
    return count / (time.perf_counter() - begin)


def _writes(folder: Path, environment: dict[str, str], ours: str, moto: str | None) -> None:
    database = Database.open(Settings(home=Path(environment["ERSTWHILE_HOME"])))
    best: dict[str, float] = {"ours": 0, "moto": 0, "insert": 0}
    script = folder / "create.lua"
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_insert (id bigint GENERATED ALWAYS AS IDENTITY, data jsonb)")

        def insert() -> None:
            for number in range(INSERTS):
                connection.execute("INSERT INTO bench_insert (data) VALUES (%s::jsonb)", (f'{{"name":"u{number}"}}',))

        for number in range(ROUNDS):
            keys = [_account(number * ACCOUNTS + each, environment) for each in range(ACCOUNTS)]
            best["insert"] = max(best["insert"], _timed(insert, INSERTS))
            _script(script, _creations(ours, keys, USERS))
            best["ours"] = max(best["ours"], wrk(ours, script, IN_FLIGHT, SECONDS)[0])
            if moto is not None:
                # It knows one account, and no quota.
                _script(script, [signed(moto, "CreateUser", UserName=f"u{number}-{each}") for each in range(USERS)])
                best["moto"] = max(best["moto"], wrk(moto, script, IN_FLIGHT, SECONDS)[0])
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
    run_echo(_echo) if sys.argv[1:2] == ["echo"] else main()
