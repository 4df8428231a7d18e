"""Tells systemd that the server answers, and that it ends: the unit has Type=notify.

Source: sd_notify(3): a datagram of assignments to the socket that NOTIFY_SOCKET names; one that begins with @ is in the
abstract namespace. Only the main process tells: a server's children do not get the variable.
"""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger("erstwhile")

_VARIABLE = "NOTIFY_SOCKET"


class ServiceManager:
    """Who started this process and wants to hear of it; nobody where `address` is empty."""

    def __init__(self, address: str) -> None:
        self._address = address

    @staticmethod
    def of_process() -> ServiceManager:
        """The one that the environment names, which is taken out of it: PostgreSQL speaks to it, too."""
        return ServiceManager(os.environ.pop(_VARIABLE, ""))

    def is_ready(self, status: str) -> None:
        """`status`: a line for people."""
        self._tell(f"READY=1\nSTATUS={status}")

    def ends(self) -> None:
        self._tell("STOPPING=1\nSTATUS=calls under way end")

    def _tell(self, assignments: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.setblocking(False)  # the end waits for nobody who does not read
                channel.connect(address)
                channel.send(assignments.encode())
        except (OSError, ValueError) as error:
            log.warning("systemd cannot be told of this server: %s", error)
