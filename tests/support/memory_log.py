"""A log in memory, for the fold's tests: no database, the same engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change, Interval, is_kept
from erstwhile.domain.events import TYPE_NAMES, Body, Envelope, Event
from erstwhile.domain.events.account import AccountRegistered, SnapshotTaken
from erstwhile.domain.events.slots import log_slots
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import translate
from erstwhile.domain.replay import Replayer
from erstwhile.domain.replay.absence import LISTED
from erstwhile.domain.vocabulary.instants import FOREVER
from tests.support.records import ACCOUNT

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class MemoryLog:
    """Events by slot; `engine` has applied all of them."""

    def __init__(self, account: str = ACCOUNT, folds_all: bool = False) -> None:
        """`folds_all`: each late event folds all that it names anew."""
        self.events: list[Event] = []
        self._by_slot: dict[str, list[int]] = defaultdict(list)
        self._nearby = None if folds_all else self._around
        self.engine = Replayer(self._load, around=self._nearby)
        self.folded = 0
        """Components that late events have folded anew."""
        self._rows: dict[tuple[str, str, str], list[Interval]] = defaultdict(list)
        self.append(account, AccountRegistered(mode="observed"), NOW)

    def _load(self, slots: frozenset[str], upto: int) -> Iterable[Event]:
        positions = {position for slot in slots for position in self._by_slot[slot] if position <= upto}
        return [self.events[position - 1] for position in sorted(positions)]

    def _around(
        self, slots: frozenset[str], instants: Collection[datetime], positions: Collection[int], upto: int
    ) -> Iterable[Event]:
        found = self._load(slots, upto)
        return [each for each in found if each.occurred_at in instants or each.position in positions]

    def append(self, account: str, body: Body, at: datetime, evidence: str = "", source: str = "") -> None:
        """`source`: what a listing tells is of a snapshot, everything else of a record, where nothing is said."""
        position = len(self.events) + 1
        source = source or ("snapshot" if isinstance(body, (SnapshotTaken, *LISTED)) else "cloudtrail")
        envelope = Envelope(source=source, evidence=evidence or str(position), body=body)
        recorded = NOW + timedelta(microseconds=position)
        event = Event(position, recorded, at, str(position), TYPE_NAMES[type(body)], account, envelope)
        self.events.append(event)
        for slot in log_slots(account, body):
            self._by_slot[slot.text].append(position)
        changes, replacements = self.engine.apply(event)
        for change in changes:
            self._note(change)
        self.folded += len(replacements)
        for replacement in replacements:
            for key in replacement.stale | {row[:3] for row in replacement.intervals}:
                self._rows.pop(key, None)
            for row in replacement.intervals:
                self._rows[row[:3]].append(row)

    def _note(self, change: Change) -> None:
        rows = self._rows[change[:3]]
        for index, row in enumerate(rows):
            if row[:5] == change[:5] and row.valid_to == FOREVER:
                rows[index] = row._replace(valid_to=change.at, closed_by=change.position)
                if not is_kept(row.attribute, row.valid_from, change.at):
                    del rows[index]
                break
        if change.after is not None:
            rows.append(Interval(*change[:5], change.after, change.at, FOREVER, change.position, None))

    def go_on_with(self, directory: Directory) -> None:
        """From here on events are applied to this Directory, which is as far as the engine's is."""
        self.engine = Replayer(self._load, directory, self.engine.slots, self.engine.apart, self._nearby)

    def record(self, raw: dict[str, Any]) -> None:
        """Appends what a CloudTrail record means."""
        record = Record(raw)
        for body in translate(record).bodies:
            self.append(record.account, body, record.occurred_at, record.event_id)

    def intervals(self) -> list[Interval]:
        """All intervals."""
        return [row for rows in self._rows.values() for row in rows]

    def history(self) -> list[tuple[Any, ...]]:
        """All intervals, positions aside: what is known now of every instant."""
        return sorted(
            (*row[:5], repr(sorted(row.value.items())), row.valid_from, row.valid_to)
            for rows in self._rows.values()
            for row in rows
        )

    def state(self) -> list[tuple[Any, ...]]:
        """What holds now, positions aside."""
        return sorted(
            (*fact[:5], repr(sorted(fact[5].value.items())), fact[5].since) for fact in self.engine.directory.facts()
        )


def log_of(*records: dict[str, Any]) -> MemoryLog:
    """A log in which these CloudTrail records came in this order."""
    log = MemoryLog()
    for each in records:
        log.record(each)
    return log
