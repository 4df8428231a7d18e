"""Makes a segment from the rows of table `fact`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, is_vpc_endpoint
from erstwhile.domain.vocabulary.identifiers import secret_name
from erstwhile.domain.vocabulary.micros import NEVER
from erstwhile.projections.columns.principals import PrincipalBuilder
from erstwhile.projections.columns.segment import MOST_ITEMS, SORTED, Arrays, Segment, key_text
from erstwhile.projections.columns.texts import Codes, Ints, encoded, hash_of, packed, sorted_index
from erstwhile.projections.vanished import KINDS

Row = tuple[str, str, str, str, str, str, bytes]
"""Account, kind, unique id, attribute, item, value as JSON, and six numbers of 64 bits: `NUMBERS`."""
NUMBERS = ("valid_from", "valid_to", "opened_by", "closed_by", "recorded_from", "recorded_to")
_BEGUN = '"begun"'
_DOCUMENT = '"document": "'
"""As PostgreSQL writes it; within a text, there would be backslashes."""
T = TypeVar("T")
Listings = dict[int, tuple[bool, int]]


class Builder:
    """Takes rows in any order."""

    def __init__(self) -> None:
        self._entities: dict[EntityKey, int] = {}
        self._attributes: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._values: dict[str, int] = {}
        self._codes: list[Codes] = []
        self._numbers: list[Ints] = []

    def add(self, rows: Sequence[Row]) -> None:
        entities, names, items, values = self._entities, self._attributes, self._items, self._values
        # A new text gets the number of those before it.
        codes = (
            [entities.setdefault(row[:3], len(entities)) for row in rows],
            [names.setdefault(row[3], len(names)) for row in rows],
            [items.setdefault(row[4], len(items)) for row in rows],
            [values.setdefault(row[5], len(values)) for row in rows],
        )
        self._codes.append(np.array(codes, dtype=np.int32).T)
        self._numbers.append(np.frombuffer(b"".join([row[6] for row in rows]), dtype=">i8").reshape(-1, len(NUMBERS)))

    def __len__(self) -> int:
        """How many rows it has taken."""
        return sum(map(len, self._codes))

    def ended_by(self) -> list[int]:
        """The positions of the events that ended or changed a user, group or role, or described it anew."""
        codes, numbers = self._together()
        of_kind = np.array([key[1] in KINDS for key in self._entities], dtype=bool)
        wanted = codes[:, 1] == self._attributes.get(attributes.ENTITY, -1)
        if not len(codes):
            return []
        wanted &= of_kind[codes[:, 0]] & (numbers[:, 3] > 0)
        return [int(each) for each in np.unique(numbers[wanted, 3])]

    def _together(self) -> tuple[Codes, Ints]:
        if len(self._codes) != 1:
            self._codes = [np.concatenate([np.empty((0, 4), dtype=np.int32), *self._codes])]
            self._numbers = [np.concatenate([np.empty((0, len(NUMBERS)), dtype=np.int64), *self._numbers])]
        return self._codes[0], self._numbers[0]

    def segment(self, listings: Listings) -> Segment:
        """`listings`: of the positions of `ended_by`, those of listings, with whether it is sure that entities ended,
        and the instant. The builder is of no more use."""
        codes, numbers = self._together()
        keys = sorted(self._entities)
        places = sorted({key[:2] for key in keys})
        number_of = {place: number for number, place in enumerate(places)}
        # Codes in the order of texts: what stands where does not depend on which rows came first.
        names, items = sorted(self._attributes), sorted(self._items)
        columns: Arrays = {
            "entity": _ranks(self._entities, keys)[codes[:, 0]],
            "attribute": _ranks(self._attributes, names)[codes[:, 1]],
            "item": _ranks(self._items, items)[codes[:, 2]],
        }
        self._entities.clear()
        columns |= {name: numbers[:, place] for place, name in enumerate(NUMBERS)}
        # Facts that hold at one instant stand in the order in which events made them.
        order = np.lexsort(
            [columns[name] for name in ("recorded_from", "valid_from", "item", "attribute", "opened_by", "entity")]
        )
        types = {"entity": np.int32, "attribute": np.uint8, "item": np.int32}
        arrays: Arrays = {
            f"row.{name}": column[order].astype(types.get(name, np.int64)) for name, column in columns.items()
        }
        arrays["row.value"] = codes[order, 3].astype(np.int32)
        self._codes, self._numbers = [], []
        del codes, numbers, columns, order
        # Rows by the number in a column: what an event did, what began or ended between two instants.
        for name in SORTED:
            arrays[f"by.{name}"] = np.argsort(arrays[f"row.{name}"], kind="stable").astype(np.int32)
        arrays["entity.place"] = np.array([number_of[key[:2]] for key in keys], dtype=np.int32)
        arrays["entity.first_row"] = np.searchsorted(arrays["row.entity"], np.arange(len(keys) + 1)).astype(np.int64)
        values = list(self._values)
        self._values.clear()
        self._items = {item: code for code, item in enumerate(items)}
        arrays |= _links(arrays, values, names, self._items)
        arrays |= _described(arrays, keys, values, names)
        arrays |= _dictionary("entity", [key_text(*key) for key in keys])
        arrays |= _dictionary("item", [encoded(each) for each in self._items])
        arrays["value.block"], arrays["value.offsets"] = packed([each.encode() for each in values])
        arrays["anew.codes"] = _described_anew(arrays, values)
        arrays["unseen.values"] = _unseen(arrays, values, names)
        arrays["row.last"] = np.array([_last(arrays)], dtype=np.int64)
        arrays["listing.rows"] = _ended(arrays, keys, names, listings)
        arrays["listing.position"] = np.array(list(listings), dtype=np.int64)
        arrays["listing.surely"] = np.array([surely for surely, _ in listings.values()], dtype=bool)
        arrays["listing.at"] = np.array([at for _, at in listings.values()], dtype=np.int64)
        return Segment(arrays, places, names)


def _ranks(codes: dict[T, int], ordered: list[T]) -> Ints:
    """Code → place in the order."""
    ranks = np.empty(len(ordered), dtype=np.int64)
    ranks[[codes[each] for each in ordered]] = np.arange(len(ordered))
    return ranks


def _ended(arrays: Arrays, keys: list[EntityKey], names: list[str], listings: Listings) -> Codes:
    """The rows of users, groups and roles that a listing ended, or described anew."""
    if not listings or attributes.ENTITY not in names:
        return np.empty(0, dtype=np.int32)
    rows = np.isin(arrays["row.closed_by"], list(listings))
    rows &= arrays["row.attribute"] == names.index(attributes.ENTITY)
    rows &= np.array([key[1] in KINDS for key in keys], dtype=bool)[arrays["row.entity"]]
    return np.flatnonzero(rows).astype(np.int32)


def _described_anew(arrays: Arrays, values: list[str]) -> Codes:
    """The entities of which a value says since when they were there before, and perhaps others."""
    says = np.fromiter((_BEGUN in each for each in values), dtype=bool, count=len(values))
    found: Codes = np.unique(arrays["row.entity"][says[arrays["row.value"]]])
    return found


def _unseen(arrays: Arrays, values: list[str], names: list[str]) -> Codes:
    """The values of policies' versions that have no document."""
    if attributes.VERSION not in names:
        return np.empty(0, dtype=np.int32)
    codes = np.unique(arrays["row.value"][arrays["row.attribute"] == names.index(attributes.VERSION)])
    return np.array([code for code in codes.tolist() if _DOCUMENT not in values[code]], dtype=np.int32)


def _last(arrays: Arrays) -> int:
    """The last log position at which a row came or went."""
    ended = arrays["row.recorded_to"][arrays["row.recorded_to"] != NEVER]
    return max(int(arrays["row.recorded_from"].max(initial=0)), int(ended.max(initial=0)))


def _dictionary(name: str, texts: Sequence[bytes]) -> Arrays:
    arrays = _index(name, map(hash_of, texts), range(len(texts)))
    arrays[f"{name}.block"], arrays[f"{name}.offsets"] = packed(texts)
    return arrays


def _index(name: str, hashes: Iterable[int], codes: Iterable[int]) -> Arrays:
    arrays: Arrays = {}
    arrays[f"{name}.hashes"], arrays[f"{name}.codes"] = sorted_index(list(hashes), codes)
    return arrays


def _links(arrays: Arrays, values: list[str], names: list[str], items: dict[str, int]) -> Arrays:
    """Rows by attribute and item. A boundary is found by its policy, which becomes an item if it is none."""
    item = arrays["row.item"].astype(np.int64)
    if attributes.BOUNDARY in names:
        rows = np.flatnonzero(arrays["row.attribute"] == names.index(attributes.BOUNDARY))
        policies = [str(orjson.loads(values[code])["policy"]) for code in arrays["row.value"][rows].tolist()]
        item[rows] = [items.setdefault(policy, len(items)) for policy in policies]
    keys = arrays["row.attribute"].astype(np.int64) * MOST_ITEMS + item
    order = np.argsort(keys, kind="stable")
    different, begins = np.unique(keys[order], return_index=True)
    return {
        "link.keys": different, "link.begins": np.append(begins, len(keys)).astype(np.int64),
        "link.rows": order.astype(np.int32),
    }  # fmt: skip


def _described(arrays: Arrays, keys: list[EntityKey], values: list[str], names: list[str]) -> Arrays:
    """Entities by name, by ARN, and by what is known without its end: the ARN of a secret; and principals."""
    found: dict[str, dict[tuple[int, int], None]] = {"name": {}, "arn": {}, "secret": {}}
    principals = PrincipalBuilder()
    if attributes.ENTITY in names:
        rows = np.flatnonzero(arrays["row.attribute"] == names.index(attributes.ENTITY))
        pairs = dict.fromkeys(zip(arrays["row.entity"][rows].tolist(), arrays["row.value"][rows].tolist(), strict=True))
        for entity, value in pairs:
            described, (account, kind, _) = orjson.loads(values[value]), keys[entity]
            arn = str(described.get("arn", ""))
            found["name"][hash_of(key_text(account, kind, str(described["name"]).lower())), entity] = None
            found["arn"][hash_of(encoded(arn)), entity] = None
            principals.add(entity, value, keys[entity], described)
            if kind == "resource" and (secret := secret_name(arn)):
                found["secret"][hash_of(encoded(secret)), entity] = None
    indexes: Arrays = {}
    for name, entries in found.items():
        indexes |= _index(name, [hashed for hashed, _ in entries], [entity for _, entity in entries])
    endpoints = [code for code, key in enumerate(keys) if is_vpc_endpoint(key)]
    indexes["endpoint.codes"] = np.array(endpoints, dtype=np.int32)
    return indexes | principals.arrays()
