"""systemd is told when callers are heard, and when the end begins; nobody else is."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erstwhile.api.serving.service_manager import ServiceManager
from tests.support.notified import Notified


@pytest.fixture(params=["abstract", "path"])
def notified(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notified]:
    """Both kinds of address."""
    folder = tmp_path_factory.mktemp("n") if request.param == "path" else None
    with Notified(folder) as found:
        yield found


def test_it_hears_what_is_told(notified: Notified, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", notified.address)
    manager = ServiceManager.of_process()
    assert "NOTIFY_SOCKET" not in os.environ, "a child would tell it, too"
    manager.is_ready("listens on http://127.0.0.1:8080")
    manager.ends()
    assert notified.heard() == "READY=1\nSTATUS=listens on http://127.0.0.1:8080"
    assert notified.heard() == "STOPPING=1\nSTATUS=calls under way end"


@pytest.mark.parametrize("tell", [lambda manager: manager.is_ready("x"), ServiceManager.ends])
def test_a_server_runs_without_it(
    tell: Callable[[ServiceManager], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with caplog.at_level(logging.WARNING):
        tell(ServiceManager.of_process())
        assert caplog.text == ""
        for address in (str(tmp_path / "gone"), "@" + "x" * 200, "vsock:2:1"):
            tell(ServiceManager(address))
    assert caplog.text.count("systemd cannot be told of this server") == 3


def test_one_that_does_not_read_makes_nobody_wait() -> None:
    with Notified(None) as notified:
        manager = ServiceManager(notified.address)
        for _ in range(1_000):
            manager.ends()
        assert notified.heard().startswith("STOPPING=1")
