"""One of several processes of a server, on its side of the channel to the parent.

The channel is a socket. The worker sends one line once it listens; the parent sends nothing. Where the parent ends,
however it ends, the channel ends too, and the worker drains and ends as it does on SIGTERM.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec

from erstwhile.domain.vocabulary.typed import decode

CHANNEL = "ERSTWHILE_WORKER"
"""The environment variable by which the parent tells a worker what it is, as JSON."""


class WorkerPlace(msgspec.Struct, frozen=True, kw_only=True):
    """`number`: from 0; `count`: how many there are; `descriptor`: of the channel; `port`: which they share; `folder`:
    where each has a socket on which it tells the others its numbers."""

    number: int
    count: int
    descriptor: int
    port: int
    folder: str

    def environment(self) -> dict[str, str]:
        return {CHANNEL: msgspec.json.encode(self).decode()}

    @staticmethod
    def of_process() -> WorkerPlace | None:
        """What the parent said; None for a process that is no worker. Its own children are none."""
        given = os.environ.pop(CHANNEL, "")
        return decode(given, WorkerPlace) if given else None

    def socket_of(self, number: int) -> Path:
        return Path(self.folder) / f"{number}.sock"


class Worker:
    """Holds the channel of this process."""

    def __init__(self, place: WorkerPlace) -> None:
        self.place = place
        self._channel = socket.socket(fileno=place.descriptor)
        self._channel.setblocking(False)

    def listens(self, address: str) -> None:
        """Tells the parent that callers are heard."""
        self._channel.send(f"{address}\n".encode())

    def when_parent_ends(self, stop: Callable[[], object]) -> None:
        """Calls `stop`, on the running loop, once the parent has ended."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            loop.remove_reader(self._channel)
            stop()

        loop.add_reader(self._channel, look)
