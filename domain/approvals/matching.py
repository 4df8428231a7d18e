"""From the tickets of an event and the approvals on record to what is said of the event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from erstwhile.domain.approvals.approval import NO_REFERENCE, Approval, Approved


class ChangeMade(msgspec.Struct, frozen=True, kw_only=True):
    """An event, with all by which an approval may mean it."""

    position: int
    occurred_at: datetime
    record_id: str = ""
    request_id: str = ""
    tickets: tuple[str, ...] = ()


class ApprovalsOnRecord:
    """Approvals by ticket and by event."""

    def __init__(self, approvals: Iterable[Approval]) -> None:
        self._by_ticket: dict[str, dict[Approval, None]] = {}
        self._by_event: dict[str, dict[Approval, None]] = {}
        for each in approvals:
            if each.event:
                self._by_event.setdefault(each.event, {})[each] = None
            else:
                self._by_ticket.setdefault(each.ticket.lower(), {})[each] = None

    def of(self, change: ChangeMade) -> Approved:
        """What is on record of a change. An approval that names an event is of that event alone; tickets are compared
        regardless of case."""
        names = (f"@{change.position}", change.record_id, change.request_id)
        found = [approval for name in names if name for approval in self._by_event.get(name, ())]
        found += [approval for ticket in change.tickets for approval in self._by_ticket.get(ticket.lower(), ())]
        found = list(dict.fromkeys(found))
        tickets = tuple(dict.fromkeys((*change.tickets, *(each.ticket for each in found if each.ticket))))
        if not found:
            return Approved(state="not_on_record", tickets=tickets) if tickets else NO_REFERENCE
        earlier = [each for each in found if each.approved_at is None or each.approved_at <= change.occurred_at]
        return Approved(
            state="approved" if earlier else "approved_later", tickets=tickets, approvals=tuple(earlier or found)
        )
