"""A command that waits for the writer, and what is to be appended for it."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.api.commanding.completion import Committed, Completion
from erstwhile.api.commanding.provenance import Provenance, SideStatement
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.api.support.random_bytes import random_bytes
from erstwhile.domain.commands import Command
from erstwhile.domain.event_log.append_condition import Condition, QueryItem
from erstwhile.domain.event_log.new_events import SALT_LENGTH, Append, NewEvent, encoded
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import CommandRefused
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.domain.vocabulary.storable_text import storable

_MOST_OF_A_TEXT = 2_000
"""Characters that are recorded of a refused command's target and of the reason."""


class Waiting(msgspec.Struct):
    """A command in the queue. `recorded`: the bodies to append, which are `bodies`, or the one of a refusal."""

    command: Command
    caller: Provenance
    completion: Completion
    beside: SideStatement | None = None
    bodies: list[Body] = []
    recorded: list[Body] = []
    item: dict[str, Any] | None = None
    first_event: str = ""
    refusal: Refusal | None = None

    def begin(self) -> None:
        """Forgets an earlier attempt: the command is decided anew."""
        self.bodies, self.item, self.refusal = [], None, None

    def propose(self, bodies: list[Body], depends: tuple[QueryItem, ...], after: int) -> None:
        """Takes the decision, to be appended if nothing that it depends on came after `after`. Raises NotIJson."""
        self.bodies = bodies
        self.item = encoded(Append(self._events(bodies), Condition(depends, after)))

    def refuse(self, refusal: Refusal) -> None:
        """Takes a refusal, which is recorded and answered."""
        self.refusal = refusal
        self.record(refusal.code, refusal.whole)

    def record(self, code: str, message: str) -> None:
        """Takes the record of an attempt that failed. It changes no state, so it depends on nothing."""
        self.bodies = []
        target = str(getattr(self.command, "name", "") or getattr(self.command, "user", ""))
        body = CommandRefused(
            command=type(self.command).__name__,
            error_code=code,
            message=storable(message, _MOST_OF_A_TEXT),
            target=storable(target, _MOST_OF_A_TEXT),
        )
        self.item = encoded(Append(self._events([body])))

    def answer(self, position: int) -> None:
        """Reports the end to `completion`."""
        if self.refusal is not None:
            self.completion.set_exception(self.refusal)
        else:
            self.completion.set_result(Committed(position, tuple(self.bodies)))

    def _events(self, bodies: list[Body]) -> tuple[NewEvent, ...]:
        caller, self.recorded = self.caller, bodies
        events = tuple(
            NewEvent(
                event_id=new_event_id(),
                account=self.command.account,
                body=body,
                actor=caller.actor,
                request_id=caller.request_id,
                action=caller.action,
                details=caller.details,
                salt=random_bytes(SALT_LENGTH) if caller.details is not None else b"",
            )
            for body in bodies
        )
        self.first_event = events[0].event_id
        return events
