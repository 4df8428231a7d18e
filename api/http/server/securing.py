"""Connections over TLS. The event loop's own listener cannot end those of callers that never agree on TLS, nor those of
callers that never acknowledge the end: here the socket of each is held, and shut down with the server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any

log = logging.getLogger("erstwhile.tls")

_FAREWELL = 1.0
"""Seconds that a caller has to acknowledge the end of a connection."""
_FULL = 0.1
"""Seconds until the next connection is taken when the system has no room for one more."""
_BACKLOG = 1_024


class SecureListener:
    """Accepts connections, agrees on TLS with each, and has a protocol serve it."""

    def __init__(self, factory: Callable[[], asyncio.Protocol], context: ssl.SSLContext, seconds: float) -> None:
        """`factory`: makes that protocol; `seconds`: until TLS is agreed."""
        self._factory, self._context, self._seconds = factory, context, seconds
        self.sockets: list[socket.socket] = []
        self._held: set[socket.socket] = set()
        """Those of connections that are open, and of some that were."""
        self._pruned = 100
        self._tasks: set[asyncio.Task[Any]] = set()
        self._accepting: list[asyncio.Task[Any]] = []

    async def listen(self, host: str, port: int, shared: bool) -> None:
        """`shared`: other processes listen on the port, too. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, kind, protocol, _, address in dict.fromkeys(found):
                listening = socket.socket(family, kind, protocol)
                self.sockets.append(listening)
                listening.setblocking(False)
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if shared:
                    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                if family == socket.AF_INET6:
                    listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listening.bind(address)
                listening.listen(_BACKLOG)
        except OSError:
            self.close()
            raise
        self._accepting = [loop.create_task(self._accept(each)) for each in self.sockets]

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, _ = await loop.sock_accept(listening)
            except OSError as error:
                log.warning("a connection cannot be taken: %s", error)
                await asyncio.sleep(_FULL)
                continue
            if len(self._held) >= 2 * self._pruned:
                self._held = {each for each in self._held if each.fileno() >= 0}
                self._pruned = max(100, len(self._held))
            self._held.add(taken)
            task = loop.create_task(self._secure(taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _secure(self, taken: socket.socket) -> None:
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._factory, taken, ssl=self._context, ssl_handshake_timeout=self._seconds,
                ssl_shutdown_timeout=_FAREWELL,
            )  # fmt: skip
        except (OSError, TimeoutError):  # it spoke something else, or nothing, or went away
            self._held.discard(taken)
            taken.close()

    def close(self) -> None:
        """Accepts no more connections."""
        for task in self._accepting:
            task.cancel()
        for listening in self.sockets:
            listening.close()

    async def end(self) -> None:
        """Ends all connections, whatever their callers do."""
        for each in self._held:
            with contextlib.suppress(OSError):
                if each.fileno() >= 0:
                    each.shutdown(socket.SHUT_RDWR)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL)
        await asyncio.sleep(0.01)  # in which the loop sees their ends
