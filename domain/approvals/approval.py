"""An approval, and what is on record of the approval of an event or a grant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

from erstwhile.domain.vocabulary.instants import format_instant

State = Literal["approved", "approved_later", "not_on_record", "no_reference"]
"""`approved`: by an approval that was given before the change. `approved_later`: by one that was given after it.
`not_on_record`: the change names a ticket, and no approval of that was imported. `no_reference`: it names none, and no
approval names it."""
_WORST: Final[tuple[State, ...]] = ("no_reference", "not_on_record", "approved_later", "approved")


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One approval, as it was imported. `position`: of the event by which it came."""

    ticket: str
    approved_by: str
    approved_at: datetime | None = None
    """None where the list did not say when."""
    event: str = ""
    """Where the approval is of one event: its log position (`@4711`), the id of its record, or its request's id."""
    note: str = ""
    position: int = 0


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of the approval of one event, or of all events of a grant."""

    state: State
    tickets: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()

    @property
    def by(self) -> str:
        """Who approved, each once, with commas between; '' where nobody is on record."""
        return ", ".join(dict.fromkeys(each.approved_by for each in self.approvals))

    @property
    def words(self) -> str:
        """One line for a report's cell."""
        if self.approvals:
            said = ", ".join(dict.fromkeys(_words(each) for each in self.approvals))
            return f"{said}, after the change" if self.state == "approved_later" else said
        if self.tickets:
            return f"no approval of {', '.join(self.tickets)} on record"
        return "no ticket named"


NO_REFERENCE = Approved(state="no_reference")


class Approvals(Protocol):
    """Tells by whom events of the log were approved, as known at one log position."""

    def of_events(self, positions: Iterable[int]) -> Mapping[int, Approved]:
        """By position, for each that the log has."""


def of_grant(found: Mapping[int, Approved], positions: Iterable[int]) -> Approved:
    """The approval of a grant, from the approvals of the events that made it so: it is as good as the worst of them."""
    those = [found.get(position, NO_REFERENCE) for position in dict.fromkeys(positions)]
    if not those:
        return NO_REFERENCE
    return Approved(
        state=min((each.state for each in those), key=_WORST.index),
        tickets=tuple(dict.fromkeys(ticket for each in those for ticket in each.tickets)),
        approvals=tuple(dict.fromkeys(approval for each in those for approval in each.approvals)),
    )


def _words(each: Approval) -> str:
    at = f", {format_instant(each.approved_at)}" if each.approved_at is not None else ""
    return f"{each.approved_by} ({each.ticket}{at})" if each.ticket else f"{each.approved_by}{at}"
