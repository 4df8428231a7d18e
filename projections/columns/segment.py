"""A segment: rows of history as columns, sorted by entity, with their dictionaries and indexes. It never changes.

Codes are of one segment alone. The arrays may lie in a file that is mapped into memory (`file`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes as attribute_names
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval, Value
from erstwhile.domain.vocabulary.bounded import Bounded, Weighed
from erstwhile.domain.vocabulary.micros import instant_of
from erstwhile.projections.columns import epochs
from erstwhile.projections.columns.epochs import Epochs
from erstwhile.projections.columns.made_once import MadeOnce
from erstwhile.projections.columns.texts import ABSENT, Codes, Ints, Texts, dictionary_of, encoded, hash_of, index_of

Arrays = dict[str, npt.NDArray[Any]]
Place = tuple[str, str]
"""An account and a kind."""

SORTED = ("valid_from", "valid_to", "opened_by", "closed_by")
"""The columns by whose numbers rows are found."""
MOST_DECODED = 6_000_000
"""Bytes of the values that are kept decoded."""
_ENTRY = 300
"""Bytes that an entry takes, however short its value."""
MOST_ITEMS_READ = 20_000
"""Items that are kept as texts."""
MOST_FOUND = 20_000
"""Facts, keys and entities that are kept, each."""
MOST_STATES = 5_000
"""States of entities that are kept."""
MOST_ITEMS = 1 << 40
"""The keys of the links are `attribute * MOST_ITEMS + item`."""


def key_text(account: str, kind: str, name: str) -> bytes:
    """An entity's key, or its name, as one text."""
    return encoded(f"{account}\x1f{kind}\x1f{name}")


class Segment(MadeOnce):
    """Rows of entity `e` are those from `first_row[e]` to `first_row[e + 1]`; entities of a place are neighbours, too.

    A link is a row by its attribute and item; that of a boundary goes by the ARN of the policy."""

    def __init__(self, arrays: Arrays, places: list[Place], attributes: list[str]) -> None:
        super().__init__()
        self.arrays = arrays
        self.places = places
        self.attributes = attributes
        self.attribute_codes = {name: code for code, name in enumerate(attributes)}
        self.entity: Codes = arrays["row.entity"]
        self.attribute: npt.NDArray[np.uint8] = arrays["row.attribute"]
        self.item: Codes = arrays["row.item"]
        self.value: Codes = arrays["row.value"]
        self.valid_from: Ints = arrays["row.valid_from"]
        self.valid_to: Ints = arrays["row.valid_to"]
        self.opened_by: Ints = arrays["row.opened_by"]
        self.closed_by: Ints = arrays["row.closed_by"]
        """0: no event ended it."""
        self.recorded_from: Ints = arrays["row.recorded_from"]
        self.recorded_to: Ints = arrays["row.recorded_to"]
        self.place: Codes = arrays["entity.place"]
        self.first_row: Ints = arrays["entity.first_row"]
        self.entities = dictionary_of(arrays, "entity")
        self.items = dictionary_of(arrays, "item")
        self.values = Texts(arrays["value.block"], arrays["value.offsets"])
        self._link_keys: Ints = arrays["link.keys"]
        """Each attribute and item that a row has, in order."""
        self._link_begins: Ints = arrays["link.begins"]
        """Where the rows of each begin; one more than there are."""
        self.link_rows: Codes = arrays["link.rows"]
        self._names = index_of(arrays, "name")
        self._arns = index_of(arrays, "arn")
        self._secrets = index_of(arrays, "secret")
        self.endpoints: Codes = arrays["endpoint.codes"]
        """The entities that are VPC endpoints."""
        self.anew: Codes = arrays["anew.codes"]
        """The entities that were described anew, and perhaps others."""
        self.ended: Codes = arrays["listing.rows"]
        """The rows of principals and groups that a listing ended, or described anew."""
        self.unseen: Codes = arrays["unseen.values"]
        """The values of policies' versions that have no document."""
        self.last = int(arrays["row.last"][0])
        """The last log position at which a row came or went: as known at any later one, the rows are the same."""
        self._listed = {
            int(position): (bool(surely), int(at))
            for position, surely, at in zip(
                arrays["listing.position"], arrays["listing.surely"], arrays["listing.at"], strict=True
            )
        }
        # Of single rows: a memory view gives Python integers, in a fraction of the time of numpy's scalars.
        self.attribute_of = self.attribute.data
        self.valid_froms, self.valid_tos = self.valid_from.data, self.valid_to.data
        self.opened_bys, self.closed_bys = self.opened_by.data, self.closed_by.data
        self.recorded_froms, self.recorded_tos = self.recorded_from.data, self.recorded_to.data
        self._items_of, self._values_of = self.item.data, self.value.data
        self._place_of, self._entity_of = self.place.data, self.entity.data
        self._decoded: Weighed[int, Value] = Weighed(MOST_DECODED)
        self._item_texts: Bounded[int, str] = Bounded(MOST_ITEMS_READ)
        self._item_codes: Bounded[str, int] = Bounded(MOST_ITEMS_READ)
        # Policies, groups and accounts are read at every instant.
        self._facts: Bounded[int, Fact] = Bounded(MOST_FOUND)
        self.intervals: Bounded[int, Interval] = Bounded(MOST_FOUND)
        """By row."""
        self.states: Bounded[tuple[int, ...], Facts] = Bounded(MOST_STATES)
        """By rows that are true together: the facts of an entity. Nobody may change them."""
        self.epochs: Bounded[int, Bounded[int, Epochs]] = Bounded(epochs.MOST_POSITIONS)
        """By the log position as known at which, and by entity."""
        self._keys: Bounded[int, EntityKey] = Bounded(MOST_FOUND)
        self._codes: Bounded[EntityKey, int] = Bounded(MOST_FOUND)
        self._named: Bounded[EntityKey, list[int]] = Bounded(MOST_FOUND)
        self._with_arn: Bounded[str, list[int]] = Bounded(MOST_FOUND)
        self._first_rows = self.first_row.data
        self._place_begins = np.searchsorted(self.place, np.arange(len(places) + 1))

    @property
    def listings(self) -> Mapping[int, tuple[bool, int]]:
        """Position → (whether entities surely ended with it, instant), of the listings that ended entities' rows."""
        return self._listed

    def forget(self) -> None:
        """What was read of single entities, rows and values."""
        for kept in (
            self._item_texts, self._item_codes, self._facts, self.intervals, self.states, self.epochs, self._keys,
            self._codes, self._named, self._with_arn, self._decoded,
        ):  # fmt: skip
            kept.clear()

    def __len__(self) -> int:
        """How many rows it has."""
        return len(self.entity)

    @property
    def entity_count(self) -> int:
        return len(self.place)

    def entity_code(self, key: EntityKey) -> int:
        """ABSENT where it has no row of the entity."""
        found = self._codes.entries.get(key)
        return found if found is not None else self._codes.keep(key, self.entities.code_of(key_text(*key)))

    def key(self, entity: int) -> EntityKey:
        found = self._keys.entries.get(entity)
        if found is None:
            account, kind, unique_id = self.entities.text(entity).split("\x1f", 2)
            found = self._keys.keep(entity, (account, kind, unique_id))
            self._codes.keep(found, entity)  # whoever finds a key asks for its rows next
        return found

    def keys(self, entities: Iterable[int]) -> list[EntityKey]:
        """Those of many entities, of which none is kept."""
        those = list(entities)
        places, place_of = self.places, self._place_of
        # Accounts and kinds are shared: with texts of their own, keys would be twice as large.
        return [
            (*places[place_of[entity]], raw.split(b"\x1f", 2)[2].decode())
            for entity, raw in zip(those, self.entities.raws(those), strict=True)
        ]

    def kind_of(self, entity: int) -> str:
        return self.places[self._place_of[entity]][1]

    def rows(self, entity: int) -> tuple[int, int]:
        """The first row of an entity, and the one after its last."""
        return self._first_rows[entity], self._first_rows[entity + 1]

    def entity_of(self, row: int) -> int:
        return self._entity_of[row]

    def item_of(self, row: int) -> str:
        code = self._items_of[row]
        found = self._item_texts.entries.get(code)
        if found is None:
            found = self._item_texts.keep(code, self.items.text(code))
            self._item_codes.keep(found, code)  # whoever reads of a policy asks for it next
        return found

    def item_code(self, item: str) -> int:
        """ABSENT where no row has the item."""
        found = self._item_codes.entries.get(item)
        return found if found is not None else self._item_codes.keep(item, self.items.code(item))

    def value_of(self, row: int) -> Value:
        """All rows, and all instants, share one object: what is compiled from a document is found by its text."""
        return self.decoded(self._values_of[row])

    def value_code(self, row: int) -> int:
        return self._values_of[row]

    def decoded(self, code: int) -> Value:
        """The value of a code."""
        found = self._decoded.entries.get(code)
        if found is None:
            raw = self.values.raw(code)
            found = self._decoded.keep(code, orjson.loads(raw), len(raw) + _ENTRY)
        return found

    def fact_of(self, row: int) -> Fact:
        found = self._facts.entries.get(row)
        if found is None:
            fact = Fact(self.value_of(row), instant_of(self.valid_froms[row]), self.opened_bys[row])
            found = self._facts.keep(row, fact)
        return found

    def hashed_names(self) -> tuple[Ints, Codes]:
        """Each name that an entity ever had, as a hash of account, kind and name, with the entity."""
        return self.arrays["name.hashes"], self.arrays["name.codes"]

    def hashed_arns(self) -> tuple[Ints, Codes]:
        """The same of ARNs."""
        return self.arrays["arn.hashes"], self.arrays["arn.codes"]

    def named(self, account: str, kind: str, name: str) -> list[int]:
        """Entities that ever had a name (lower case), and perhaps others."""
        found = self._named.entries.get((account, kind, name))
        if found is None:
            hashed = hash_of(key_text(account, kind, name))
            found = self._named.keep((account, kind, name), list(self._names.find(hashed)))
        return found

    def with_recorded_arn(self, arn: str) -> list[int]:
        """Entities that ever had an ARN, and perhaps others."""
        found = self._with_arn.entries.get(arn)
        if found is None:
            found = self._with_arn.keep(arn, list(self._arns.find(hash_of(encoded(arn)))))
        return found

    def secrets_called(self, arn: str) -> Iterator[int]:
        """Secrets that ever had an ARN, less the seven characters that end it; and perhaps others."""
        return self._secrets.find(hash_of(encoded(arn)))

    def of_place(self, place: int) -> range:
        """The entities of an account and kind."""
        return range(int(self._place_begins[place]), int(self._place_begins[place + 1]))

    def links(self, attribute: str, item: str) -> Codes:
        """The rows of an attribute and item."""
        code, item_code = self.attribute_codes.get(attribute), self.items.code(item)
        if code is None or item_code == ABSENT:
            return self.link_rows[:0]
        return self._between(code * MOST_ITEMS + item_code, code * MOST_ITEMS + item_code + 1)

    def items_with(self, attribute: str) -> list[str]:
        """The items that rows of an attribute have."""
        code = self.attribute_codes.get(attribute)
        if code is None:
            return []
        first, last = self._keys_between(code * MOST_ITEMS, (code + 1) * MOST_ITEMS)
        return [self.items.text(each) for each in (self._link_keys[first:last] - code * MOST_ITEMS).tolist()]

    def links_of(self, attribute: str) -> tuple[Codes, Ints]:
        """The rows of an attribute, and the codes of their items, by which they are in order."""
        code = self.attribute_codes.get(attribute)
        if code is None:
            return self.link_rows[:0], self._link_keys[:0]
        first, last = self._keys_between(code * MOST_ITEMS, (code + 1) * MOST_ITEMS)
        begins = self._link_begins[first : last + 1]
        items: Ints = np.repeat(self._link_keys[first:last] - code * MOST_ITEMS, np.diff(begins))
        return self.link_rows[begins[0] : begins[-1]], items

    def between(self, column: str, begin: int, end: int) -> Codes:
        """The rows whose number in a column is at least `begin`, and at most `end`."""
        numbers: Ints = self.arrays[f"row.{column}"]
        order: Codes = self.arrays[f"by.{column}"]
        number = numbers.data.__getitem__
        first = bisect_left(order.data, begin, key=number)
        return order[first : bisect_right(order.data, end, lo=first, key=number)]

    def of_attribute(self, attribute: str) -> Codes:
        """The rows of an attribute, in the order of their items; for `vanished`, the rows that it may follow from."""
        if attribute == attribute_names.VANISHED:
            return self.ended
        code = self.attribute_codes.get(attribute)
        if code is None:
            return self.link_rows[:0]
        return self._between(code * MOST_ITEMS, (code + 1) * MOST_ITEMS)

    def _between(self, begin: int, end: int) -> Codes:
        first, last = self._keys_between(begin, end)
        return self.link_rows[self._link_begins[first] : self._link_begins[last]]

    def _keys_between(self, begin: int, end: int) -> tuple[int, int]:
        """The places of the links' keys from one number to another."""
        first, last = np.searchsorted(self._link_keys, np.array((begin, end), dtype=np.int64)).tolist()
        return first, last
