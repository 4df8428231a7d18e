"""What a server does while it waits for its end."""

from __future__ import annotations

import asyncio

import pytest

from erstwhile.api.cli import run_server
from erstwhile.api.support.collector import Collector


def test_free_memory_is_given_back_until_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    times = 0

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def given_back() -> None:
            nonlocal times
            times += 1
            if times == 3:
                loop.call_soon_threadsafe(stop.set)

        monkeypatch.setattr(run_server, "give_back", given_back)
        monkeypatch.setattr(run_server, "COLLECTED", 0.001)
        monkeypatch.setattr(run_server, "TIDIED", 0.002)
        await run_server.until(stop)

    asyncio.run(run())
    assert times >= 3


def test_what_holds_itself_is_collected_more_often_than_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        class Noting(Collector):
            def collect(self, now: float | None = None) -> bool:
                done.append("collected")
                return True

        def given_back() -> None:
            done.append("given back")
            loop.call_soon_threadsafe(stop.set)

        monkeypatch.setattr(run_server, "Collector", Noting)
        monkeypatch.setattr(run_server, "give_back", given_back)
        monkeypatch.setattr(run_server, "COLLECTED", 0.001)
        monkeypatch.setattr(run_server, "TIDIED", 0.003)
        await run_server.until(stop)

    asyncio.run(run())
    assert done[:4] == ["collected"] * 3 + ["given back"]


def test_the_stop_ends_the_waiting() -> None:
    async def run() -> None:
        stop = asyncio.Event()
        stop.set()
        await run_server.until(stop)

    asyncio.run(run())
