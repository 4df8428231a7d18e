"""Erstwhile's server: in this process on a socket, or as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from contextlib import AbstractAsyncContextManager

from erstwhile.api.aws.endpoint import AwsEndpoint
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.http.app import make_app
from erstwhile.api.http.server.listen import listening
from erstwhile.api.runtime.following import FollowingRuntime
from tests.support.program import PROGRAM, environment, ignore_no_signal
from tests.support.waiting import LONG


def on_socket(
    service: FollowingRuntime, endpoint: AwsEndpoint | None = None, decision_log: DecisionLog | None = None
) -> AbstractAsyncContextManager[str]:
    """The HTTP application on a free port, until the end of the block, which gets the URL."""
    return listening(make_app(service, endpoint, decision_log=decision_log), "127.0.0.1", 0)


class ServerProcess:
    """`erstwhile serve` on a free port, in a session of its own. It listens when this returns."""

    def __init__(self, *arguments: str, **environ: str) -> None:
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", *arguments],
            env=environment(None, **{"ERSTWHILE_FIRST_START": "print"} | environ),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
            preexec_fn=ignore_no_signal,
        )  # fmt: skip
        self.url = self.token = self.announced = ""
        """The token is empty where the server's home had one already; `announced`: the line with the URL."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip().startswith("erst_"):
                self.token = line.strip()
            if "http://" in line or "https://" in line:
                self.announced = line
                self.url = next(word for word in line.split() if word.startswith(("http://", "https://"))).rstrip(";")
                break
        assert self.url, "the server did not start"

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal_hangup(self) -> None:
        os.kill(self._process.pid, signal.SIGHUP)

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = LONG, of_all: bool = False) -> int:
        """Sends a signal, to its children too where `of_all` says so, waits, and returns the status of the process."""
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if of_all else os.kill)(self._process.pid, number)
        status = self._process.wait(seconds)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status
