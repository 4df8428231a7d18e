"""Answers that are ready in the same turn of the event loop are sent together, at its end.

A client that sleeps until an answer comes is woken by each write, and waking costs more than writing. Sent together,
the first of them wakes it, and it is still awake for the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, cast

_AT_ONCE = 64 * 1024
"""Bytes from which on nothing is gained by waiting."""
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""The answer to a connection that finds no place."""
Data = bytes | bytearray | memoryview


class Turn:
    """What was written in this turn of a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: list[BatchedTransport] = []

    def add(self, transport: BatchedTransport) -> None:
        if not self._waiting:
            self.loop.call_soon(self._send)
        self._waiting.append(transport)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            transport.flush()


class BatchedTransport(asyncio.Transport):
    """A transport that holds what is written until the turn ends."""

    def __init__(self, transport: asyncio.Transport, turn: Turn) -> None:
        super().__init__()
        self._transport = transport
        self._turn = turn
        self._gathered: list[Data] = []
        self._size = 0
        self.began = turn.loop.time()
        self._unread = (0, 0.0)
        # What is not about writing is the transport's own.
        self.is_closing = transport.is_closing  # type: ignore[method-assign]
        self.get_extra_info = transport.get_extra_info  # type: ignore[method-assign]
        self.pause_reading = transport.pause_reading  # type: ignore[method-assign]
        self.resume_reading = transport.resume_reading  # type: ignore[method-assign]

    def write(self, data: Data) -> None:
        if not self._gathered:
            if len(data) >= _AT_ONCE:
                self._transport.write(data)
                return
            self._turn.add(self)
        self._gathered.append(data)
        self._size += len(data)
        if self._size >= _AT_ONCE:
            self.flush()

    def writelines(self, list_of_data: Iterable[Data]) -> None:
        self.write(b"".join(list_of_data))

    def flush(self) -> None:
        """Sends what was gathered."""
        gathered, self._gathered, self._size = self._gathered, [], 0
        if gathered and not self._transport.is_closing():
            self._transport.write(gathered[0] if len(gathered) == 1 else b"".join(gathered))

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._gathered, self._size = [], 0
        self._transport.abort()

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def unread_for(self, now: float) -> float:
        """Seconds for which the other side has read nothing of what waits for it, as far as was seen by such looks."""
        size = self.get_write_buffer_size()
        if size == 0 or size != self._unread[0]:
            self._unread = (size, now)
        return now - self._unread[1]

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size() + self._size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()


class _Opening(asyncio.Protocol):
    """Stands before a protocol until the connection is made, and gives it the batched transport."""

    def __init__(self, protocol: asyncio.Protocol, turn: Turn, admit: Callable[[], bool]) -> None:
        self._protocol = protocol
        self._turn = turn
        self._admit = admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._admit():
            cast(asyncio.Transport, transport).write(BUSY)
            cast(asyncio.Transport, transport).close()
            return
        transport.set_protocol(self._protocol)
        # uvloop's transports are of classes of their own.
        self._protocol.connection_made(BatchedTransport(cast(asyncio.Transport, transport), self._turn))


def batched(
    factory: Callable[[], Any], loop: asyncio.AbstractEventLoop, admit: Callable[[], bool] = lambda: True
) -> Callable[[], asyncio.Protocol]:
    """A factory of the same protocols, that write in batches; `admit` says whether one more connection may come."""
    turn = Turn(loop)
    return lambda: _Opening(factory(), turn, admit)
