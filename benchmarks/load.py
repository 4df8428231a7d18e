"""`make load MINUTES=10 WORKERS=2`: mixed traffic at 70 % of what saturates the server: no error, and memory flat.

Of a hundred requests 80 are decisions, 12 calls of IAM (a tenth are changes), 6 questions about the past and 2 pages
of the log and of the audit trail. First as many as the server answers, for ten seconds, with one request after another
on 32 connections; then 70 % of that rate, each request sent at its time whether or not those before were answered, so
that waiting counts. Printed per minute: requests, errors, memory of the server's processes, p99 by kind. Exit status 1
where a request failed, or where memory at the end is more than a tenth above that after the second minute.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import aiohttp
import orjson
import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.http import ACCOUNT, USERS, body, fill
from benchmarks.http_workers import workers_of
from benchmarks.processor_time import cpu_seconds, recording
from erstwhile.api.cli.console import out
from tests.support.servers import ServerProcess

SHARE = 0.7
CONNECTIONS = 32
SATURATED = 10.0
"""Seconds of the first part."""
MOST_WAITING = 2_000
"""Requests under way beyond which the server does not keep up."""
GROWTH = 1.1
_KEY = Credentials("AKIALOAD", "load")
_MIX = (("decision", 80), ("iam", 12), ("history", 6), ("export", 2))


class Sent(NamedTuple):
    method: str
    path: str
    data: bytes | None
    headers: dict[str, str]


class Traffic:
    """Makes requests. `token`: of a reader."""

    def __init__(self, url: str, token: str, seed: int) -> None:
        self._url = url
        self._bearer = {"Authorization": f"Bearer {token}"}
        self._random = random.Random(seed)
        self._made = 0

    def next(self) -> tuple[str, Sent]:
        [kind] = self._random.choices([name for name, _ in _MIX], [share for _, share in _MIX])
        make: Callable[[], Sent] = getattr(self, f"_{kind}")
        self._made += 1
        return kind, make()

    def _decision(self) -> Sent:
        data = orjson.dumps(body(self._random.randrange(1_000)) | {"id": self._made})
        return Sent("POST", "/access/v1/evaluation", data, self._bearer | {"Content-Type": "application/json"})

    def _iam(self) -> Sent:
        name = f"u{self._random.randrange(USERS)}"
        if self._random.random() < 0.1:
            words = f"Action=TagUser&UserName={name}&Tags.member.1.Key=load&Tags.member.1.Value={self._made}"
        else:
            words = f"Action=GetUser&UserName={name}"
        data = f"{words}&Version=2010-05-08".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        signed = AWSRequest("POST", self._url + "/", headers=headers, data=data)
        SigV4Auth(_KEY, "iam", "us-east-1").add_auth(signed)
        return Sent("POST", "/", data, dict(signed.headers.items()))

    def _history(self) -> Sent:
        user = f"arn:aws:iam::{ACCOUNT}:user/u{self._random.randrange(USERS)}"
        path = self._random.choice((
            f"/v1/timeline?principal={user}&action=s3:GetObject&resource=arn:aws:s3:::payroll/1",
            "/v1/who-can?action=s3:GetObject&resource=arn:aws:s3:::payroll/1&as_of=@60",
            f"/v1/what-can?principal={user}&as_of=@210",
        ))  # fmt: skip
        return Sent("GET", path, None, self._bearer)

    def _export(self) -> Sent:
        path = self._random.choice(("/v1/events?limit=200", "/v1/audit?limit=100"))
        return Sent("GET", path, None, self._bearer)


class Minute:
    """What happened in one, by kind of request."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {name: [] for name, _ in _MIX}
        self.errors: list[str] = []

    @property
    def count(self) -> int:
        return sum(map(len, self.seconds.values()))

    def p99(self) -> str:
        parts = []
        for name, found in self.seconds.items():
            if found:
                parts.append(f"{name} {sorted(found)[min(len(found) - 1, int(len(found) * 0.99))] * 1000:.0f} ms")
        return ", ".join(parts)


async def _ask(session: aiohttp.ClientSession, url: str, kind: str, sent: Sent, due: float, minute: Minute) -> None:
    try:
        async with session.request(sent.method, url + sent.path, data=sent.data, headers=sent.headers) as response:
            answered = await response.read()
            if response.status != 200:
                minute.errors.append(f"{sent.method} {sent.path}: {response.status} {answered[:200]!r}")
    except (aiohttp.ClientError, TimeoutError) as error:
        minute.errors.append(f"{sent.method} {sent.path}: {type(error).__name__} {error}")
    minute.seconds[kind].append(time.monotonic() - due)


async def _saturated(session: aiohttp.ClientSession, url: str, traffic: Traffic) -> Minute:
    minute, until = Minute(), time.monotonic() + SATURATED

    async def one_after_another() -> None:
        while time.monotonic() < until:
            kind, sent = traffic.next()
            await _ask(session, url, kind, sent, time.monotonic(), minute)

    await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))
    return minute


async def _paced(
    session: aiohttp.ClientSession, url: str, traffic: Traffic, rate: float, seconds: float, minute: Minute
) -> None:
    began, sent_so_far = time.monotonic(), 0
    under_way: set[asyncio.Task[None]] = set()
    while (now := time.monotonic()) < began + seconds:
        while sent_so_far < (now - began) * rate:
            kind, sent = traffic.next()
            task = asyncio.ensure_future(_ask(session, url, kind, sent, began + sent_so_far / rate, minute))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            sent_so_far += 1
        if len(under_way) > MOST_WAITING:
            minute.errors.append(f"{len(under_way)} requests wait: the server does not keep up")
            break
        await asyncio.sleep(0.002)
    if under_way:
        await asyncio.wait(under_way)


def resident(servers: list[int]) -> float:
    """Memory of server processes and of those that record their decisions, in megabytes."""
    processes = servers + [each for server in servers for each in recording(server)]
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in processes)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _load(server: ServerProcess, minutes: int, seed: int) -> bool:
    traffic, processes = Traffic(server.url, server.token, seed), workers_of(server)
    limits = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limits, timeout=aiohttp.ClientTimeout(total=60)) as session:
        own, theirs = time.process_time(), sum(map(cpu_seconds, processes))
        found = await _saturated(session, server.url, traffic)
        own, theirs = time.process_time() - own, sum(map(cpu_seconds, processes)) - theirs
        rate = found.count / SATURATED
        out.print(f"saturated: {rate:,.0f} requests/s; processor: server {theirs / SATURATED:.0%}, generator "
                  f"{own / SATURATED:.0%}; p99 {found.p99()}")  # fmt: skip
        errors, memory = found.errors, []
        out.print(f"{minutes} minutes at {rate * SHARE:,.0f}/s")
        for number in range(1, minutes + 1):
            minute = Minute()
            await _paced(session, server.url, traffic, rate * SHARE, 60.0, minute)
            errors += minute.errors
            memory.append(resident(processes))
            out.print(f"minute {number}: {minute.count:,} requests, {len(minute.errors)} errors, {memory[-1]:,.0f} MB; "
                      f"p99 {minute.p99()}")  # fmt: skip
    for line in errors[:10]:
        out.print(out.text(line))
    grown = memory[-1] / memory[min(1, len(memory) - 1)]
    out.print(f"{len(errors)} errors; memory at the end {grown:.2f} times that after the second minute")
    return not errors and grown <= GROWTH


def main() -> None:
    minutes, workers = int(os.environ.get("MINUTES") or 10), os.environ.get("WORKERS") or "1"
    seed = int(os.environ.get("SEED") or 1)
    with tempfile.TemporaryDirectory(prefix="erstwhile-load-") as folder:
        home = Path(folder) / "home"
        fill(home)
        server = ServerProcess(
            "--workers", workers, ERSTWHILE_HOME=str(home), ERSTWHILE_ROOT_ACCESS_KEY_ID=_KEY.access_key,
            ERSTWHILE_ROOT_SECRET_ACCESS_KEY=_KEY.secret_key, ERSTWHILE_ACCOUNT_ID=ACCOUNT,
        )  # fmt: skip
        try:
            went_well = uvloop.run(_load(server, minutes, seed))
        finally:
            server.end()
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
