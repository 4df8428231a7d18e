"""A server of several processes on one port."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from erstwhile.api.serving.ports import reserved
from tests.support.notified import Notified
from tests.support.program import erstwhile
from tests.support.servers import ServerProcess
from tests.support.waiting import wait_until

_PATIENCE = 60.0
"""Seconds in which something must happen on a busy machine."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Each test has processes of its own, over one database."""
    return str(tmp_path_factory.mktemp("serving") / "home")


@pytest.fixture
def notified() -> Iterator[Notified]:
    """Hears what a server says to systemd."""
    with Notified() as found:
        yield found


def children(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").iterdir():
        found |= set(map(int, (task / "children").read_text().split()))
    return found


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def listeners(port: int) -> int:
    """How many sockets listen on a port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(1 for line in lines if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A")


def answers(url: str, token: str) -> bool:
    request = urllib.request.Request(f"{url}/v1/status", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
        return bool(response.status == 200)


def test_workers_share_a_port_come_again_and_end_together(home: str, notified: Notified) -> None:
    server = ServerProcess("--workers", "2", ERSTWHILE_HOME=home, NOTIFY_SOCKET=notified.address)
    assert server.token
    assert notified.heard() == f"READY=1\nSTATUS=listens on {server.url}"
    port = int(server.url.rsplit(":", 1)[1])
    said = re.search(r"2 workers \(processes (\d+), (\d+)\); process (\d+);", server.announced)
    assert said is not None
    first, second, parent = map(int, said.groups())
    assert parent == server.pid and {first, second} <= children(parent) and listeners(port) == 2
    assert all(answers(server.url, server.token) for _ in range(8))

    # The port is taken, also for another server that would share it.
    taken = erstwhile(None, "serve", "--workers", "2", "--port", str(port), ERSTWHILE_HOME=home)
    assert taken.returncode == 1 and f"port {port} of 127.0.0.1 is in use" in taken.stderr

    os.kill(first, signal.SIGKILL)
    # Gone, not only ending: until its last thread has ended, its socket takes connections that nobody answers.
    wait_until(lambda: not Path(f"/proc/{first}").exists() and listeners(port) == 2)
    assert second in children(parent) and all(answers(server.url, server.token) for _ in range(8))
    assert not notified.has_heard(), "a worker, or the database, told systemd"

    held = children(parent)
    assert server.end(signal.SIGINT) == 0
    assert not any(map(is_alive, held & {second} | held)) and listeners(port) == 0
    assert notified.heard().startswith("STOPPING=1") and not notified.has_heard()


def test_workers_end_with_their_parent(home: str) -> None:
    server = ServerProcess("--workers", "2", ERSTWHILE_HOME=home)
    workers = [int(each) for each in re.findall(r"\d+", server.announced.split("(")[1].split(")")[0])]
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not any(map(is_alive, workers)))


def test_a_worker_that_cannot_start_ends_the_server(home: str) -> None:
    ended = erstwhile(
        None, "serve", "--workers", "2", "--port", "0", ERSTWHILE_HOME=home, ERSTWHILE_MASTER_KEY="no key"
    )
    assert ended.returncode == 1 and "ERSTWHILE_MASTER_KEY" in ended.stderr and "listens" not in ended.stdout


def test_a_throw_away_database_has_one_process() -> None:
    ended = erstwhile(None, "serve", "--ephemeral", "--workers", "2", "--port", "0")
    assert ended.returncode == 2 and "one process" in ended.stderr


def test_a_reserved_port_is_shared_only_by_those_who_say_so() -> None:
    with reserved("127.0.0.1", 0) as port:
        with socket.socket() as alone, pytest.raises(OSError, match="in use"):
            alone.bind(("127.0.0.1", port))
        with socket.socket() as sharing:
            sharing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sharing.bind(("127.0.0.1", port))
            sharing.listen()
            # No second server on it, however it would share.
            with pytest.raises(OSError, match="in use"), reserved("127.0.0.1", port):
                pass
