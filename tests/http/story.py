"""A server that knows the demonstration's story: an account with users, policies and a leaked key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import erstwhile.api.demo
from erstwhile.api.runtime.database import Database
from tests.cli.run import erstwhile as program
from tests.http.server import Client, serving

DEMO = Path(erstwhile.api.demo.__path__[0])


@asynccontextmanager
async def telling(database: Database, scopes: tuple[str, ...] = ("read", "import")) -> AsyncIterator[Client]:
    """The API over a database with the story."""
    taken = ("--taken-at", "2026-03-03T08:00:00Z", "--complete")
    await asyncio.to_thread(program, database, "import", "snapshot", str(DEMO / "snapshot.json"), *taken)
    async with serving(database, scopes) as client:
        for number in (1, 2):
            file = (DEMO / f"cloudtrail-{number}.json").read_bytes()
            status, found = await client.post("/v1/imports/cloudtrail", file)
            assert status == 200, found
        await asyncio.to_thread(client.service.wait_for, found["position"])
        yield client
