"""What the replayer knows of each slot: its clock, the entities that had its name, the slots that a rename joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change, EntityKey, Interval
from erstwhile.domain.events import Event
from erstwhile.domain.events.slots import replay_slots
from erstwhile.domain.replay.listings import Lifetime, Listings
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.vocabulary.slots import Slot, name_slot

Lifetimes = dict[Slot, list[Lifetime]]
"""By slot."""
_REFERRERS = {"group": "user", "role": "instance-profile"}
"""Kind → the kind whose facts hold unique ids of it."""


class EarlierSlots(Protocol):
    """The states of slots before a replay began, read when they are asked for."""

    def clocks_of(self, texts: Sequence[str]) -> Mapping[str, datetime]:
        """Text of a slot → the instant of the last event that it had seen, of those that had seen any; it may be that
        of a later event, too."""

    def lives_of(self, slot: Slot) -> list[Lifetime]: ...

    def slots_of(self, account: str) -> Iterable[Slot]:
        """The slots of an account that had lifetimes."""


class SlotStates:
    """Clocks, lifetimes and rename links of the slots of observed accounts, and these accounts' complete listings."""

    def __init__(self, earlier: EarlierSlots | None = None) -> None:
        self.clocks: dict[str, datetime] = {}  # by the slot's text, as the table fold_clock has them
        self.lifetimes: Lifetimes = {}
        self.listings = Listings()
        self._joined: dict[Slot, frozenset[Slot]] = {}
        self._earlier = earlier
        self._clocks_read: set[str] = set()

    def component(self, slot: Slot) -> frozenset[Slot]:
        """The slots that fold together with this one."""
        return self._joined.get(slot) or frozenset((slot,))

    def join(self, one: Slot, other: Slot) -> None:
        """A rename moved an entity from one slot to the other."""
        together = self.component(one) | self.component(other)
        for slot in together:
            self._joined[slot] = together

    def see(self, component: Iterable[Slot], at: datetime) -> datetime | None:
        """Notes an event of this instant; the instant of the last event that any of the slots had seen before."""
        last: datetime | None = None
        for slot in component:
            text = slot.text
            seen = self.clocks.get(text)
            if seen is None and self._earlier is not None:
                self.read_clocks((text,))
                seen = self.clocks.get(text)
            if seen is None or seen < at:
                self.clocks[text] = at
            if seen is not None and (last is None or seen > last):
                last = seen
        return last

    def read_clocks(self, texts: Iterable[str]) -> None:
        """Reads what these slots had seen before the replay began, where that was not read yet: those of many events
        together."""
        if self._earlier is None:
            return
        unread = [text for text in dict.fromkeys(texts) if text not in self._clocks_read and text not in self.clocks]
        if unread:
            for text, at in self._earlier.clocks_of(unread).items():
                self.clocks.setdefault(text, at)
            self._clocks_read.update(unread)

    def lives_of(self, slot: Slot) -> list[Lifetime]:
        """The lifetimes of those that had a slot's name."""
        found = self.lifetimes.get(slot)
        if found is None:
            if self._earlier is None:
                return []
            found = self.lifetimes[slot] = self._earlier.lives_of(slot)
        return found

    def lives_in(self, account: str) -> list[tuple[Slot, list[Lifetime]]]:
        """The lifetimes in all slots of an account."""
        earlier = self._earlier.slots_of(account) if self._earlier is not None else ()
        slots = dict.fromkeys((*(slot for slot in self.lifetimes if slot.account == account), *earlier))
        return [(slot, self.lives_of(slot)) for slot in slots]

    def lives(
        self, component: Iterable[Slot], account: str, at: datetime
    ) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """(kind, id) of those that have ended by an instant, and (kind, name) of the names that were borne, or that a
        complete listing of the account lacked."""
        ended: set[tuple[str, str]] = set()
        borne: set[tuple[str, str]] = set()
        for slot in component:
            lives = self.lives_of(slot)
            if lives:
                borne.add((slot.kind, slot.name))
                ended |= {(slot.kind, unique_id) for _, end, unique_id in lives if end <= at}
            elif slot.is_named and slot.kind != "instance-profile" and self.listings.is_before(account, at):
                borne.add((slot.kind, slot.name))
        return ended, borne

    def resolve(self, account: str, kind: str, name: str, at: datetime) -> str | None:
        """The unique id that bore the name at an instant."""
        for begin, end, unique_id in reversed(self.lives_of(name_slot(account, kind, name))):
            if begin <= at < end:
                return unique_id
        return None

    def note(self, changes: Iterable[Change]) -> None:
        """Keeps the lifetimes up with changes of entities."""
        for change in changes:
            if change.attribute != attributes.ENTITY or change.kind == "resource":
                continue
            if change.before is not None:
                slot = name_slot(change.account, change.kind, change.before.value["name"])
                self.lifetimes[slot] = [
                    (begin, change.at if end == FOREVER and unique_id == change.entity else end, unique_id)
                    for begin, end, unique_id in self.lives_of(slot)
                ]
            if change.after is not None:
                slot = name_slot(change.account, change.kind, change.after["name"])
                lives = self.lifetimes[slot] = self.lives_of(slot)
                lives.append((change.at, FOREVER, change.entity))

    def replaced(self, component: Iterable[Slot], intervals: Iterable[Interval]) -> tuple[Lifetimes, bool]:
        """The lifetimes that a component has by its intervals, and whether they differ from those it had."""
        fresh: Lifetimes = {slot: [] for slot in component}
        for row in intervals:
            if row.attribute == attributes.ENTITY and row.kind != "resource":
                slot = name_slot(row.account, row.kind, row.value["name"])
                fresh.setdefault(slot, []).append((row.valid_from, row.valid_to, row.entity))
        changed = any(_merged(self.lives_of(slot)) != _merged(rows) for slot, rows in fresh.items())
        return {slot: sorted(rows) for slot, rows in fresh.items()}, changed

    def referrers(self, component: frozenset[Slot], events: Iterable[Event]) -> list[frozenset[Slot]]:
        """The components whose facts hold unique ids of this one's entities, by its events."""
        kinds = {_REFERRERS.get(slot.kind) for slot in component}
        found: dict[frozenset[Slot], None] = {}
        for event in events:
            for slot in replay_slots(event.account, event.body):
                if slot.kind in kinds and slot not in component:
                    found[self.component(slot)] = None
        return list(found)

    def entities_of(
        self, component: frozenset[Slot], accounts: frozenset[str], directory: Directory
    ) -> frozenset[EntityKey]:
        """The entities that the component's slots hold or have held, of those accounts that its events are of."""
        keys: set[EntityKey] = set()
        for slot in component:
            kind, account, name = slot
            if slot.is_named:
                keys |= {(account, kind, unique_id) for _, _, unique_id in self.lives_of(slot)}
                live = directory.named(account, kind, name)
                if live is not None:
                    keys.add(live.key)
            elif kind == "resource":
                keys |= {(account, kind, name) for account in accounts}
            else:
                keys.add((account, "assignments" if kind == "assignment" else kind, name or account))
        return frozenset(keys)

    def beside(self) -> SlotStates:
        """A copy in which lifetimes can be set while these stay as they are."""
        return SlotStates(_Beside(self))


class _Beside:
    """`EarlierSlots`: the states of now."""

    def __init__(self, states: SlotStates) -> None:
        self._states = states

    def clocks_of(self, texts: Sequence[str]) -> Mapping[str, datetime]:
        self._states.read_clocks(texts)
        return {text: self._states.clocks[text] for text in texts if text in self._states.clocks}

    def lives_of(self, slot: Slot) -> list[Lifetime]:
        return list(self._states.lives_of(slot))

    def slots_of(self, account: str) -> Iterable[Slot]:
        return [slot for slot, _ in self._states.lives_in(account)]


def _merged(rows: list[Lifetime]) -> list[Lifetime]:
    """Adjacent lifetimes of one id as one: an entity's value changed, its life went on."""
    merged: list[Lifetime] = []
    for begin, end, unique_id in sorted(rows):
        if merged and merged[-1][2] == unique_id and merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], end, unique_id)
        else:
            merged.append((begin, end, unique_id))
    return merged
