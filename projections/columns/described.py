"""How entities are described: their rows of one attribute, ARNs and names, and who shares a name with another.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.directory.named import Named
from erstwhile.domain.history.wide_history import is_of_service
from erstwhile.domain.policy.inputs.caller import is_service_linked_arn
from erstwhile.domain.vocabulary.identifiers import is_arn_of
from erstwhile.projections.columns.principals import principal_of, principals_of
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment, key_text
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import Codes, Ints, hash_of

NONE = -1
_UNKNOWN = -1
Flags = npt.NDArray[np.bool_]
_kept: WeakKeyDictionary[Segment, Described] = WeakKeyDictionary()
_shared: WeakKeyDictionary[Segment, tuple[Flags, ...]] = WeakKeyDictionary()


class TrueRows(NamedTuple):
    """Rows of one attribute, in the order of the entities that have them."""

    rows: Codes
    holders: Codes

    def of(self, entities: Ints) -> Ints:
        """The rows by which some entities have the attribute; NONE where they have none."""
        found = np.full(len(entities), NONE, dtype=np.int64)
        if len(self.rows):
            # Of several rows the last one counts, as where facts are read one after the other.
            places = np.searchsorted(self.holders, entities, "right") - 1
            has = (places >= 0) & (self.holders[np.maximum(places, 0)] == entities)
            found[has] = self.rows[places[has]]
        return found


class Described:
    """Of one segment, which it must not hold: as long as that lives, this is kept."""

    def __init__(self, segment: Segment) -> None:
        self._rows: dict[str, tuple[Codes, Codes]] = {}
        self._usual = np.full(len(segment.of_attribute(attributes.ENTITY)), _UNKNOWN, dtype=np.int8)
        """Of each row that describes an entity, whether it is usual."""

    def true_rows(self, facts: RowsAt, segment: Segment, attribute: str) -> TrueRows:
        """The rows of an attribute of a single item that are true at the instant."""
        rows, holders = self._all(segment, attribute)
        true = facts.true_of(segment, rows)
        return TrueRows(rows[true], holders[true])

    def _all(self, segment: Segment, attribute: str) -> tuple[Codes, Codes]:
        """All rows of an attribute in their order, which is that of the entities; and these."""
        kept = self._rows.get(attribute)
        if kept is None:
            rows = np.sort(segment.of_attribute(attribute))
            kept = self._rows[attribute] = rows, segment.entity[rows]
        return kept

    def are_usual(self, segment: Segment, rows: Ints) -> Flags:
        """Of each of some rows that describe principals, whether their recorded ARN fits their name, and no service of
        AWS has them as its role. Looked at once for each row."""
        places = np.searchsorted(self._all(segment, attributes.ENTITY)[0], rows)
        found = self._usual[places]
        unknown = np.flatnonzero(found == _UNKNOWN)
        if len(unknown):
            codes = rows[unknown]
            keys = segment.keys(segment.entity[codes].tolist())
            texts = segment.values.raws(segment.value[codes].tolist())
            found[unknown] = [_is_usual(key, orjson.loads(text)) for key, text in zip(keys, texts, strict=True)]
            self._usual[places] = found
        usual: Flags = found == 1
        return usual


def names_of(segment: Segment, rows: Ints) -> list[Named]:
    """Of the principals that some rows describe."""
    return principals_of(segment, segment.entity[rows].astype(np.int64), segment.value[rows].astype(np.int64))


def name_of(segment: Segment, row: int) -> Named:
    """As `names_of`, of one."""
    return principal_of(segment, int(segment.entity[row]), int(segment.value[row]))


def _is_usual(key: EntityKey, described: Value) -> bool:
    arn, name = str(described.get("arn", "")), str(described.get("name", ""))
    fits = is_arn_of(arn, key[0], key[1], name)
    return fits and not is_of_service(described) and not is_service_linked_arn(arn)


def described_of(segment: Segment) -> Described:
    """Made once for each segment."""
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = Described(segment)
    return found


def sharing_names(stack: Stack) -> tuple[Flags, ...]:
    """Of each entity of each layer, whether another one of its account and kind may ever have had its name. Made once
    for each stack, which its uppermost segment tells."""
    found = _shared.get(stack[0].segment)
    if found is None:
        found = _shared[stack[0].segment] = _sharing(stack)
    return found


def _sharing(stack: Stack) -> tuple[Flags, ...]:
    hashes: list[Ints] = []
    for layer in stack:
        known, codes = layer.segment.hashed_names()
        hashes.append(known[layer.counts[codes]])
    every, times = np.unique(np.concatenate(hashes), return_counts=True)
    several = np.concatenate((every[times > 1], _ids_of_nameless(stack)))
    found = []
    for layer in stack:
        known, codes = layer.segment.hashed_names()
        shares = np.zeros(layer.segment.entity_count, dtype=bool)
        shares[codes[np.isin(known, several)]] = True
        found.append(shares)
    return tuple(found)


def _ids_of_nameless(stack: Stack) -> Ints:
    """The names that entities without a name may have: their unique ids."""
    found = [
        hash_of(key_text(account, kind, layer.segment.key(entity)[2].lower()))
        for layer in stack
        for account, kind in layer.segment.places
        for entity in layer.segment.named(account, kind, "")
    ]
    return np.array(found, dtype=np.int64)


def is_of_kind(segment: Segment, *kinds: str) -> Flags:
    """Of each entity, whether it is of one of some kinds."""
    return np.array([kind in kinds for _, kind in segment.places], dtype=bool)[segment.place]


def described_at(facts: RowsAt, segment: Segment) -> TrueRows:
    """The rows that describe entities at the instant: those that exist."""
    return described_of(segment).true_rows(facts, segment, attributes.ENTITY)
