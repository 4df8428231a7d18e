"""The replayer: takes events in the order of the log and keeps the current Directory.

An event of a governed account, and one of an observed account that is later than all that its slots have
seen, is applied at once. An earlier one, or one of the same instant, re-folds its component and whatever
refers to that by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change
from erstwhile.domain.events import BareEvent, Body, Event
from erstwhile.domain.events.base import TrailBody
from erstwhile.domain.events.slots import RENAMED, new_name_slot, ref_slot, replay_slots
from erstwhile.domain.evolve import Notes, Recorder, undo
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.replay.merely_named import Around, changes_nothing
from erstwhile.domain.replay.refold import Refolded, Replacement, refold
from erstwhile.domain.replay.set_apart import CannotApply, applying, reason_of
from erstwhile.domain.replay.slot_states import SlotStates
from erstwhile.domain.replay.told_creations import creation_untold
from erstwhile.domain.replay.unsettled import Unsettled
from erstwhile.domain.replay.within import apply_within
from erstwhile.domain.vocabulary.identifiers import OWN, Ref
from erstwhile.domain.vocabulary.slots import Slot, name_slot

Loader = Callable[[frozenset[str], int], Iterable[Event]]
"""(texts of slots, position) → all events up to that position that concern one of the slots."""


class Replayer:
    """The current Directory, and what is needed to keep it so. `load` reads a slot's events from the log."""

    def __init__(
        self,
        load: Loader,
        directory: Directory | None = None,
        known: SlotStates | None = None,
        apart: dict[int, str] | None = None,
        around: Around | None = None,
    ) -> None:
        """`apart`: position → reason of the events that are not applied; those that turn out so are added. `around`:
        reads a few of a slot's events; without it, each late event folds all that it names anew."""
        self.directory = directory or Directory()
        self.slots = known or SlotStates()
        self.apart = {} if apart is None else apart
        self._load, self._around = load, around
        self._governed = {OWN}
        resolve = self.slots.resolve
        self._observed = Recorder(self.directory, resolve)
        self._commanded = Recorder(self.directory, resolve, remembers=False)
        self._endings = Recorder(self.directory, resolve, Notes.ENDINGS, remembers=False)
        self._silent = Recorder(self.directory, resolve, Notes.NONE, remembers=False)
        self._unsettled = Unsettled()
        self._taken = self.directory.position
        self._prepared: tuple[int, list[Refolded]] | None = None

    def apply_all(self, events: Iterable[Event | BareEvent]) -> None:
        """Applies many events of the log, in its order; their changes are not noted."""
        silent, directory, governed = self._silent, self.directory, self._governed
        with without_collector():
            for event in events:
                if event.account in governed or self.is_governed(event.account):
                    directory.position = event.position
                    try:
                        silent.apply(event)
                    except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
                        self.set_apart(event.position, reason_of(error))
                else:
                    self.take(event)
            self.settle()

    def endings(self, event: Event | BareEvent) -> list[Change]:
        """Applies an event of a governed account; returns the facts that it ended or changed, not those that it began:
        what is still open at the end is in the Directory."""
        self.directory.position = event.position
        try:
            self._endings.apply(event)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            self.set_apart(event.position, reason_of(error))
        return self._endings.take_changes()

    def commanded(self, event: Event | BareEvent) -> list[Change]:
        """Applies an event of a governed account while nothing waits for `settle`; returns what it changed."""
        self._taken = self.directory.position = event.position
        changes: list[Change] = []
        self._commanded.changes = changes
        try:
            self._commanded.apply(event)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            self.set_apart(event.position, reason_of(error))
            undo(self.directory, changes)
            return []
        return changes

    def apply(self, event: Event | BareEvent) -> tuple[list[Change], list[Replacement]]:
        """Applies one event; tells what changed, or what was folded anew."""
        changes = self.take(event)
        return changes, self.settle()

    def take(self, event: Event | BareEvent) -> list[Change]:
        """Applies one event; tells what changed. What has to be folded anew waits for `settle`, once for all events
        that were taken: until then the Directory says that it is where it was before the first of those."""
        changes: list[Change] = []
        self._taken = event.position
        if not self._unsettled and not self.slots.listings.waiting:
            self.directory.position = event.position
        try:
            with applying(event):
                if self.is_governed(event.account):
                    self._commanded.changes = changes
                    self._commanded.apply(event)
                elif not isinstance(event.body, TrailBody):
                    self._observed.changes = changes
                    self._take_observed(event)
        except CannotApply as error:
            self.set_apart(error.position, error.reason)
            undo(self.directory, changes)
            changes.clear()
        return changes

    def _take_observed(self, event: Event | BareEvent) -> None:
        assert isinstance(event, Event), "bare events are of governed accounts"
        listings = self.slots.listings
        was_settled = not self._unsettled and not listings.waiting
        listings.take(event)
        for component in self._components(event):
            if any(slot.is_too_long for slot in component):
                raise ValueError("it names something by more characters than anything in AWS has")
            clock = self.slots.see(component, event.occurred_at)
            if component in self._unsettled:
                self._unsettled.add(component, event)
                continue
            is_last = (clock is None or clock < event.occurred_at) and not listings.may_end(event, component)
            if not (is_last and self._apply_in_order(event, component, clock is None)):
                self._unsettled.add(component, event)
        if was_settled and (self._unsettled or listings.waiting):
            self.directory.position = event.position - 1

    def _changes_nothing(self, component: frozenset[Slot], events: list[Event]) -> bool:
        """Where a listing is of an event's instant, the order of the two may change something."""
        listed = {each.occurred_at for event in events for each in self.slots.listings.of(event.account, self._taken)}
        return (
            self._around is not None
            and listed.isdisjoint(event.occurred_at for event in events)
            and changes_nothing(component, events, self.directory, self._around, self._taken)
        )

    def _find_absent(self) -> None:
        """The names that the listings taken meanwhile lack are to be folded anew."""
        if self.slots.listings.waiting:
            for slot in self.slots.listings.unlisted(self.slots.lives_in):
                self._unsettled.add_whole(self.slots.component(slot))

    def expect(self, events: Iterable[Event | BareEvent]) -> None:
        """Reads what is needed of the slots of events that will come, for all of them together; changes nothing."""
        self.slots.read_clocks(
            slot.text
            for event in events
            if not self.is_governed(event.account)
            and isinstance(event, Event)
            and not isinstance(event.body, TrailBody)
            for slot in replay_slots(event.account, event.body)
        )

    @property
    def taken(self) -> int:
        """The position up to which events were taken; `directory.position` is behind it until they are settled."""
        return max(self._taken, self.directory.position)

    def prepare(self) -> None:
        """Reads and folds what `settle` will put in place, and changes nothing yet: a lock that is held while the
        Directory settles is then held briefly. Where `load` raises, everything stays as it was."""
        self._find_absent()
        if not self._unsettled:
            return
        refolded: list[Refolded] = []
        beside = self.slots.beside()
        for component in self._unsettled.to_fold(self.slots.component, self._changes_nothing):
            self._refold(component, beside, refolded)
        self._prepared = self._taken, refolded

    def load_with(self, load: Loader, around: Around | None = None) -> None:
        """From now on events are read by other loaders."""
        self._load, self._around = load, around

    def settle(self) -> list[Replacement]:
        """Folds anew what late events have made necessary; tells what replaces what was."""
        self._find_absent()
        refolded: list[Refolded] = []
        if self._unsettled:
            if self._prepared is None or self._prepared[0] != self._taken:
                self.prepare()
            assert self._prepared is not None
            (_, refolded), self._prepared, self._unsettled = self._prepared, None, Unsettled()
        if self.directory.position < self._taken:
            self.directory.position = self._taken
        replacements = [self._put(each) for each in refolded]
        for each in replacements:
            for position, reason in each.apart.items():
                self.set_apart(position, reason)
        return replacements

    def set_apart(self, position: int, reason: str) -> None:
        """The event at a position is not applied, and will not be."""
        self.apart[position] = reason

    def is_governed(self, account_id: str) -> bool:
        """Whether commands rule the account, as far as the log has been applied. Once so, always so."""
        if account_id in self._governed:
            return True
        governed = self.directory.mode(account_id) == "governed"
        if governed:
            self._governed.add(account_id)
        return governed

    def _components(self, event: Event) -> list[frozenset[Slot]]:
        """What the event refers to first: its subject's facts hold the ids of those."""
        account, body = event.account, event.envelope.body
        renamed_to = new_name_slot(account, body)
        if renamed_to is not None:
            self.slots.join(type(body).slot(account, body), renamed_to)
        self._join_renamed(account, body)
        found: dict[frozenset[Slot], None] = {}
        for ref in type(body).references(account, body):
            found[self.slots.component(ref_slot(account, ref))] = None
        found[self.slots.component(type(body).slot(account, body))] = None
        return list(found)

    def _join_renamed(self, account: str, body: Body) -> None:
        """Joins the slots of a user or group that the event names otherwise than the Directory: a rename was missed."""
        subject = getattr(body, "subject", None) or getattr(body, "principal", None)
        if isinstance(subject, Ref) and subject.id and subject.kind in RENAMED:
            held = self.directory.get(account, subject.kind, subject.id)
            if held is not None and held.name.lower() != subject.name.lower():
                self.slots.join(ref_slot(account, subject), name_slot(account, held.kind, held.name))

    def _apply_in_order(self, event: Event, component: frozenset[Slot], is_first: bool) -> bool:
        """False when the event gave the real id of a provisional identity, or tells when somebody was created who was
        known before: the rows of that must be replaced. `is_first`: no other event concerned the component."""
        told = creation_untold(event, component, self.directory)
        if told is not None and (not is_first or self.slots.listings.is_before(event.account, event.occurred_at)):
            return False
        recorder = self._observed
        recorder.ended, recorder.borne = self.slots.lives(component, event.account, event.occurred_at)
        already = len(recorder.changes)
        if told is not None:
            apply_within(recorder, told, component)
        apply_within(recorder, event, component)
        if recorder.aliases:
            del recorder.changes[already:]
            recorder.aliases = {}
            return False
        self.slots.note(recorder.changes[already:])
        return True

    def _refold(self, component: frozenset[Slot], beside: SlotStates, refolded: list[Refolded]) -> None:
        """Folds a component anew, and the components that refer to it where its lifetimes changed. `beside`: the slots
        as they will be."""
        found = self._load(frozenset(slot.text for slot in component), self._taken)
        # A resource's slot may be claimed by several accounts; no claim folds what commands rule.
        found = [each for each in found if each.position not in self.apart]
        governed = {account for account in {each.account for each in found} if self.is_governed(account)}
        events = [each for each in found if each.account not in governed]
        accounts = frozenset(event.account for event in events)
        for account in {slot.account for slot in component if slot.is_named}:
            events += self.slots.listings.of(account, self._taken)
        fresh = refold(component, events, beside.resolve, self._taken)
        lifetimes, changed = beside.replaced(component, fresh.intervals)
        beside.lifetimes.update(lifetimes)
        refolded.append(Refolded(fresh, lifetimes, accounts))
        if changed:
            for other in self.slots.referrers(component, events):
                self._refold(other, beside, refolded)

    def _put(self, refolded: Refolded) -> Replacement:
        """Puts what was folded anew in the place of what was."""
        fresh, lifetimes, accounts = refolded
        fresh = fresh._replace(stale=fresh.stale | self.slots.entities_of(fresh.component, accounts, self.directory))
        for key in fresh.stale:
            held = self.directory.get(*key)
            if held is not None:
                self.directory.remove(held)
        for entity in fresh.directory.entities.values():
            self.directory.adopt(entity)
        self.slots.lifetimes.update(lifetimes)
        return fresh
