"""What a server does while it waits for its end."""

from __future__ import annotations

import asyncio

import pytest

from erstwhile.api.cli import run_server


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
        monkeypatch.setattr(run_server, "TIDIED", 0.001)
        await run_server.until(stop)

    asyncio.run(run())
    assert times >= 3


def test_the_stop_ends_the_waiting() -> None:
    async def run() -> None:
        stop = asyncio.Event()
        stop.set()
        await run_server.until(stop)

    asyncio.run(run())
