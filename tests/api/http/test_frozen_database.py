"""A database that stops answering, and goes on later: decisions about now are made from memory, everything else says in
seconds that it is away."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from erstwhile.api.asking import present
from erstwhile.api.database.database import Database
from tests.support.databases import Server, start_embedded
from tests.support.http import Client, serving

EVALUATION = {
    "subject": {"type": "user", "id": "ada"}, "action": {"name": "read"}, "resource": {"type": "record", "id": "17"},
}  # fmt: skip


class Freezer:
    """A server of its own, all of whose processes can be stopped."""

    def __init__(self) -> None:
        dsn, self._handle = start_embedded()
        self._server = Server(dsn)
        self.database: Database = self._server.fresh()

    def _processes(self) -> list[int]:
        with psycopg.connect(self._server.dsn, autocommit=True) as connection:
            [(folder,)] = connection.execute("SHOW data_directory").fetchall()
            found = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
        return [int((Path(folder) / "postmaster.pid").read_text().split()[0]), *(pid for (pid,) in found)]

    def freeze(self) -> None:
        self._frozen = self._processes()
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._frozen:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # the backend that was asked for the list has ended since

    def close(self) -> None:
        self._handle.close()


@pytest.fixture
def freezer() -> Iterator[Freezer]:
    freezer = Freezer()
    yield freezer
    freezer.close()


async def until(client: Client, path: str, status: int, word: str | None = None) -> dict[str, object]:
    """Asks again and again until the answer has this status, and `word` as its `status`."""
    for _ in range(200):
        found_status, found = await asyncio.wait_for(client.get(path), 30)
        if found_status == status and word in (None, found.get("status")):
            return dict(found)
        await asyncio.sleep(0.2)
    raise AssertionError(f"{path} never answered {status}")


async def test_a_frozen_database(freezer: Freezer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present, "SILENT", 1.0)
    async with serving(freezer.database, ("admin",)) as client:
        status, before = await client.post("/access/v1/evaluation", EVALUATION)
        assert status == 200 and "age" not in before["context"]
        freezer.freeze()
        try:
            waiting = [asyncio.ensure_future(client.get("/v1/status")) for _ in range(40)]
            ages = []
            for _ in range(60):
                # Its token's few seconds of being remembered pass meanwhile.
                status, found = await asyncio.wait_for(client.post("/access/v1/evaluation", EVALUATION), 30)
                assert status == 200 and found["decision"] is before["decision"]
                ages.append(found["context"].get("age"))
                batch = {"evaluations": [EVALUATION] * 300}
                assert (await asyncio.wait_for(client.post("/access/v1/evaluations", batch), 30))[0] == 200
                await asyncio.sleep(0.15)
            assert ages[0] is None and ages[-1] is not None
            for status, found in await asyncio.gather(*waiting):
                assert status == 503 and "come again" in found["detail"]
            for method, path, body in (
                ("GET", "/v1/status", None), ("GET", "/v1/audit", None), ("GET", "/readyz", None),
                ("GET", "/v1/who-can?action=s3:GetObject&resource=*", None),
                ("PUT", "/v1/resources/17?type=record", {}),
                ("POST", "/access/v1/evaluation", EVALUATION | {"context": {"as_of": "2026-01-01T00:00:00Z"}}),
            ):  # fmt: skip
                status, found = await asyncio.wait_for(client.call(method, path, body), 30)
                assert status == 503, (path, found)
        finally:
            freezer.thaw()
        await until(client, "/readyz", 200, "ok")
        await until(client, "/v1/status", 200)
        for _ in range(200):  # how old memory is, is seen once a second
            status, after = await client.post("/access/v1/evaluation", EVALUATION)
            if status != 200 or "age" not in after["context"]:
                break
            await asyncio.sleep(0.2)
        assert status == 200 and "age" not in after["context"]
        assert (await client.put("/v1/resources/17?type=record", {}))[0] == 200


async def test_problems_of_the_moment_say_when_to_come_again(freezer: Freezer) -> None:
    async with serving(freezer.database, ("admin",)) as client:
        monkey = client.service.present.age
        client.service.present.age = lambda: 7  # type: ignore[method-assign]
        async with client.session.get(client.base + "/v1/status") as response:
            assert response.status == 503 and int(response.headers["Retry-After"]) > 0
        client.service.present.age = monkey  # type: ignore[method-assign]
