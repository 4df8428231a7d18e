"""A socket on which a server says how it is, as systemd has one."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from types import TracebackType


class Notified:
    """`address`: for NOTIFY_SOCKET; in the abstract namespace where no folder is given."""

    def __init__(self, folder: Path | None = None) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(60)
        name = f"erstwhile-{secrets.token_hex(8)}"
        self.address = f"@{name}" if folder is None else str(folder / name)
        self._socket.bind(f"\0{name}" if folder is None else self.address)

    def __enter__(self) -> Notified:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def heard(self) -> str:
        """The next message. Raises TimeoutError."""
        return self._socket.recv(65_536).decode()

    def has_heard(self) -> bool:
        """Whether there is another one."""
        self._socket.setblocking(False)
        try:
            return bool(self._socket.recv(65_536, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(60)
