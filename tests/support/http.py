"""A server on a real socket, for tests: the API over a fresh database, and a client with a token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from erstwhile.api.applications.names import Names
from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.http.app import make_app
from erstwhile.api.http.server.listen import listening
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.serving.access_log import AccessLog
from erstwhile.api.serving.serve_settings import ServeSettings
from erstwhile.api.serving.tracing import Tracing


class Client:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: str,
        database: Database,
        service: FollowingRuntime,
        app: web.Application,
    ) -> None:
        self.session, self.base, self.database, self.service, self.app = session, base, database, service, app

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        given = ({"Content-Type": "application/json"} if data is not None else {}) | headers
        async with self.session.request(method, self.base + path, data=data, headers=given) as response:
            return response.status, orjson.loads(await response.read())

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        return await self.call("POST", path, body, **headers)

    async def put(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        return await self.call("PUT", path, body, **headers)


@asynccontextmanager
async def serving(
    database: Database,
    scopes: tuple[str, ...] = ("read", "import"),
    names: Names | None = None,
    name: str = "test",
    decision_log: DecisionLog | None = None,
    access_log: AccessLog | None = None,
    settings: ServeSettings | None = None,
    traces: Tracing | None = None,
) -> AsyncIterator[Client]:
    """The API over a database, until the end of the block."""
    service = await asyncio.to_thread(
        FollowingRuntime, database, names, 0 if settings is None else settings.long_questions
    )
    with database.connect() as connection:
        token = tokens.create(connection, name, list(scopes))
    if decision_log is not None:
        service.background.add(decision_log)
    headers = {"Authorization": f"Bearer {token}"}
    app = make_app(service, decision_log=decision_log, access_log=access_log, settings=settings, traces=traces)
    try:
        async with (
            listening(app, "127.0.0.1", 0) as base,
            aiohttp.ClientSession(headers=headers) as session,
        ):
            yield Client(session, base, database, service, app)
    finally:
        await asyncio.to_thread(service.close)
