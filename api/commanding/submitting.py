"""Three ways to submit a command: with a completion, with a Future, or waiting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future

from erstwhile.api.commanding.completion import Committed, Completion
from erstwhile.api.commanding.provenance import Provenance, SideStatement
from erstwhile.domain.commands import Command

TIMEOUT = 30.0
"""Seconds that `execute` waits."""


class Submitting(ABC):
    """What takes commands. Any thread may call it."""

    @abstractmethod
    def submit_to(
        self,
        completion: Completion,
        command: Command,
        caller: Provenance | None = None,
        beside: SideStatement | None = None,
    ) -> None:
        """`completion` gets what was committed, or the Refusal. `beside` commits with the events, or not at all."""

    def submit(
        self, command: Command, caller: Provenance | None = None, beside: SideStatement | None = None
    ) -> Future[Committed]:
        """Like `submit_to`, with a Future as the completion."""
        future: Future[Committed] = Future()
        self.submit_to(future, command, caller, beside)
        return future

    def execute(self, command: Command, caller: Provenance | None = None) -> Committed:
        """Submits and waits. Raises Refusal, and TimeoutError after TIMEOUT seconds."""
        return self.submit(command, caller).result(TIMEOUT)
