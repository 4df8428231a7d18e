"""Takes a port for several processes: each listens on a socket of its own, and the kernel deals out connections."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[int]:
    """Keeps a port for the block, which gets its number; port 0 is any free one. Sockets of the same user that set
    SO_REUSEPORT may listen on it. The socket that keeps it does not listen, so no connection ever waits in it. Raises
    OSError."""
    with contextlib.ExitStack() as held:
        for family, kind, protocol, _, address in _addresses(host, port):
            # Whether it is free is asked without SO_REUSEPORT, which would share the port with any other server.
            with socket.socket(family, kind, protocol) as asking:
                _prepare(asking, family)
                asking.bind((address[0], port, *address[2:]))
            kept = held.enter_context(socket.socket(family, kind, protocol))
            _prepare(kept, family)
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            kept.bind((address[0], port, *address[2:]))
            port = kept.getsockname()[1]
        yield port


def _addresses(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(found))  # type: ignore[arg-type]


def _prepare(taken: socket.socket, family: int) -> None:
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
