"""The states of slots that a replay goes on from: lifetimes from history's columns, clocks from table `fold_clock`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.replay.listings import Lifetime
from erstwhile.domain.vocabulary.micros import instant_of
from erstwhile.domain.vocabulary.slots import Slot, name_slot
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.sql import Connection, with_infinity


class EarlierColumns:
    """An `EarlierSlots`, as known at the history's position. Clocks may be later: an event that is not later than its
    slot's clock is folded from the log, which is right whatever the clock was."""

    def __init__(self, history: ColumnHistory, lend: Callable[[], Connection]) -> None:
        """`lend`: a connection that is open."""
        self._history = history
        self._lend = lend

    def clocks_of(self, texts: Sequence[str]) -> Mapping[str, datetime]:
        rows = with_infinity(self._lend()).execute(
            "SELECT slot, occurred_at FROM fold_clock WHERE slot = ANY (%s)", (list(texts),)
        )
        return dict(rows.fetchall())

    def lives_of(self, slot: Slot) -> list[Lifetime]:
        if slot.kind == "resource":
            return []
        found: list[Lifetime] = []
        for key in self._history.with_name(slot.account, slot.kind, slot.name):
            for name, begin, end, _ in self._names_of(key):
                if name.lower() == slot.name:
                    found.append((begin, end, key[2]))
        return sorted(found)

    def slots_of(self, account: str) -> Iterable[Slot]:
        found: dict[Slot, None] = {}
        for layer in self._history.stack:
            for place, (owner, kind) in enumerate(layer.segment.places):
                if owner == account and kind != "resource":
                    for entity in layer.segment.of_place(place):
                        if layer.counts[entity]:
                            names = self._names_in(layer, entity)
                            found |= {name_slot(account, kind, name): None for name, *_ in names}
        return list(found)

    def renamed_by_listing(self) -> Iterator[list[Slot]]:
        """The slots of each user or group that a listing described under a new name, that name last: no event connects
        the two."""
        for layer in self._history.stack:
            for entity in layer.segment.anew.tolist():
                key = layer.segment.key(entity)
                if not layer.counts[entity] or key[1] not in ("user", "group"):
                    continue
                names = sorted(self._names_in(layer, entity), key=lambda each: each[1])
                anew = [name for name, _, _, is_anew in names if is_anew]
                if anew:
                    slots = dict.fromkeys(
                        name_slot(key[0], key[1], name) for name in (*(n[0] for n in names), anew[-1])
                    )
                    last = name_slot(key[0], key[1], anew[-1])
                    yield [*(slot for slot in slots if slot != last), last]

    def _names_of(self, key: EntityKey) -> Iterator[tuple[str, datetime, datetime, bool]]:
        found = self._history.place_of(key)
        return self._names_in(*found) if found is not None else iter(())

    def _names_in(self, layer: Layer, entity: int) -> Iterator[tuple[str, datetime, datetime, bool]]:
        """(name, from, to, whether a later description of the entity) of an entity's descriptions."""
        segment = layer.segment
        code = segment.attribute_codes.get(attributes.ENTITY)
        for row in self._history.believed(segment, entity):
            if segment.attribute_of[row] == code:
                value = segment.value_of(row)
                begin, end = instant_of(segment.valid_froms[row]), instant_of(segment.valid_tos[row])
                yield str(value["name"]), begin, end, "begun" in value
