"""Messages between a server and a process that works for it: each is MessagePack, after its length in four bytes.

Both ends are processes of one server; what one sends is the other's to believe.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Sequence
from typing import Any

import msgspec

_LENGTH = struct.Struct(">I")
_LIST = struct.Struct(">BI")
"""How a list of any length begins: https://github.com/msgpack/msgpack/blob/master/spec.md#array-format-family"""
_LIST_32 = 0xDD
_decoder = msgspec.msgpack.Decoder()


class Channel:
    """One end of a pair of sockets, for one thread."""

    def __init__(self, ours: socket.socket, seconds: float | None = None) -> None:
        """`seconds`: how long a single wait for the other end may take."""
        self._socket = ours
        ours.settimeout(seconds)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def wait_for_the_end(self) -> None:
        """Returns once the other end is closed; any thread may wait. What is sent is for another one."""
        closed = select.poll()
        closed.register(self._socket.fileno(), 0)
        closed.poll()

    def send(self, message: Any) -> None:
        """Raises OSError (TimeoutError included)."""
        data = msgspec.msgpack.encode(message)
        self._socket.sendall(_LENGTH.pack(len(data)))
        self._socket.sendall(data)

    def receive(self) -> Any:
        """Raises EOFError once the other end is closed, and OSError (TimeoutError included)."""
        [length] = _LENGTH.unpack(self._exactly(_LENGTH.size))
        return _decoder.decode(self._exactly(length))

    def _exactly(self, size: int) -> bytearray:
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            count = self._socket.recv_into(rest)
            if count == 0:
                raise EOFError("the other end is closed")
            rest = rest[count:]
        return data


def list_of(packed: Sequence[bytes]) -> msgspec.Raw:
    """A list of things that are MessagePack already, as a part of a message."""
    return msgspec.Raw(b"".join([_LIST.pack(_LIST_32, len(packed)), *packed]))
