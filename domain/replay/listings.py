"""The complete listings of observed accounts: which there are, and which were taken and wait for what they list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from erstwhile.domain.events import Event
from erstwhile.domain.events.slots import replay_slots
from erstwhile.domain.replay.absence import LISTED, is_complete_listing
from erstwhile.domain.vocabulary.slots import Slot

Lifetime = tuple[datetime, datetime, str]
"""(from, to, unique id) of who bore a name."""


class Listings:
    """Remembers the event of each complete listing, by account."""

    def __init__(self) -> None:
        self._known: dict[str, list[Event]] = {}  # the earliest first
        self.waiting: list[Event] = []
        self._listed: set[tuple[Slot, datetime]] = set()  # (slot, instant) of what came since the first that waits

    def note(self, event: Event) -> None:
        """A complete listing that was taken before, and is settled."""
        held = self._known.setdefault(event.account, [])
        held.append(event)
        held.sort(key=lambda each: (each.occurred_at, each.position))

    def take(self, event: Event) -> None:
        """Any event of an observed account: a listing waits from now on, and what is listed is kept in mind for it."""
        if is_complete_listing(event):
            self.waiting.append(event)
            self.note(event)
        elif self.waiting and isinstance(event.body, LISTED):
            self._listed |= {(slot, event.occurred_at) for slot in replay_slots(event.account, event.body)}

    def of(self, account: str, position: int) -> list[Event]:
        """The complete listings of an account, as known at a position."""
        return [event for event in self._known.get(account, ()) if event.position <= position]

    def is_before(self, account: str, at: datetime) -> bool:
        """Whether a complete listing of the account was made before an instant."""
        listings = self._known.get(account)
        return listings is not None and listings[0].occurred_at < at

    def may_end(self, event: Event, component: Iterable[Slot]) -> bool:
        """Whether what the event begins may be absent from a complete listing that is not earlier."""
        listings = self._known.get(event.account)
        if not listings:
            return False
        last = listings[-1]
        if last.occurred_at < event.occurred_at:
            return False
        if last.occurred_at == event.occurred_at and isinstance(event.body, LISTED) and last in self.waiting:
            return False  # a part of that listing
        return any(slot.is_named for slot in component)

    def unlisted(self, lives_in: Callable[[str], Iterable[tuple[Slot, list[Lifetime]]]]) -> list[Slot]:
        """The slots of names that somebody bears until a waiting listing or after it, and that this may lack. Nothing
        waits then. `lives_in`: the lifetimes in the slots of an account."""
        waiting, self.waiting = self.waiting, []
        listed, self._listed = self._listed, set()
        found: list[Slot] = []
        for each in waiting:
            at = each.occurred_at
            found += [
                slot
                for slot, lives in lives_in(each.account)
                if any(end >= at for _, end, _ in lives) and (slot, at) not in listed and slot.is_named
            ]
        return found
