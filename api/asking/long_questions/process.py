"""A process that answers one question, as the server sees it."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress

from erstwhile.api.asking.long_questions.messages import Message
from erstwhile.api.asking.long_questions.question import Job
from erstwhile.api.support.channel import Channel

PROGRAM = "erstwhile.api.asking.long_questions.program"


class AnsweringProcess:
    """For one thread, but for `kill`. Whoever starts it, ends it."""

    def __init__(self, job: Job) -> None:
        """Raises OSError where it cannot be started."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", PROGRAM], stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the server
                )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        self._channel = Channel(ours)
        with suppress(OSError):  # it is gone already, which `receive` shows
            self._channel.send(job)

    def receive(self) -> Message:
        """What it says next. Raises EOFError or OSError once it is gone."""
        kind, parts = self._channel.receive()
        return kind, parts

    def kill(self) -> None:
        """Any thread may: whoever waits for it sees its end. It leaves nothing behind that it would have to tidy."""
        self._process.kill()

    def end(self) -> str:
        """Kills it where it has not ended by itself, and returns how it did."""
        self.kill()
        self._channel.close()
        status = self._process.wait()
        return f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"
