"""Requests byte by byte, for what no client library would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.support.http import Client


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self.reader, self.writer, self._token = reader, writer, token

    def send(self, method: str, path: str, *headers: str, body: bytes = b"") -> None:
        lines = (f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: {self._token}", *headers, "", "")
        self.writer.write("\r\n".join(lines).encode() + body)

    async def status(self) -> int:
        """The status of the next answer; 0 where the connection ends without one."""
        line = await asyncio.wait_for(self.reader.readline(), 60)
        return int(line.split()[1]) if line else 0

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = await self.status()
        headers = {}
        while line := (await self.reader.readline()).strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return status, headers, await self.reader.readexactly(int(headers["Content-Length"]))

    async def problem(self) -> tuple[int, Any]:
        status, _, body = await self.answer()
        return status, orjson.loads(body)

    async def ended(self) -> bool:
        """Waits until the server ends the connection, whatever it still says."""
        try:
            await asyncio.wait_for(self.reader.read(), 60)
        except ConnectionError:
            pass
        return True


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[Wire]:
    """A connection, closed at the end of the block."""
    parts = urlsplit(client.base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Wire(reader, writer, client.session.headers["Authorization"])
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except ConnectionError:
            pass  # the server was faster
