"""How entities are described: their rows of one attribute, ARNs and names, and who shares a name with another.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.projections.columns.attribute_rows import rows_of_attribute
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment, key_text
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import Codes, Ints, hash_of

NONE = -1
Flags = npt.NDArray[np.bool_]


class TrueRows:
    """By which row each entity of a segment has an attribute."""

    def __init__(self, rows: Codes, holders: Codes, entities: int) -> None:
        """`rows` in the order of the entities that have them, `holders`; `entities`: how many the segment has."""
        self._row_of = np.full(entities, NONE, dtype=np.int32)
        # Of several rows the last one counts, as where facts are read one after the other.
        self._row_of[holders] = rows

    def of(self, entities: Ints) -> Codes:
        """Those of some entities; NONE where they have none."""
        return self._row_of[entities]


def true_rows(facts: RowsAt, segment: Segment, attribute: str) -> TrueRows:
    """The rows of an attribute of a single item that are true at the instant."""
    held = rows_of_attribute(segment, attribute, facts.history.known_at)
    true = np.flatnonzero((held.begin <= facts.at) & (held.end > facts.at))
    return TrueRows(held.rows[true], held.holders[true], segment.entity_count)


def sharing_names(stack: Stack) -> tuple[Flags, ...]:
    """Of each entity of each layer, whether another one of its account and kind may ever have had its name. Made once
    for each stack, which its uppermost segment tells."""
    kept = stack[0].segment.once(_sharing_below)
    if not kept:
        kept.append(_sharing(stack))
    return kept[0]


def _sharing_below(_: Segment) -> list[tuple[Flags, ...]]:
    return []


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
    """Of each entity, whether it is of one of some kinds. Found once for each segment: nobody may change it."""
    kept = segment.once(_no_kinds)
    found = kept.get(kinds)
    if found is None:
        found = np.array([kind in kinds for _, kind in segment.places], dtype=bool)[segment.place]
        found.flags.writeable = False
        kept[kinds] = found
    return found


def _no_kinds(_: Segment) -> dict[tuple[str, ...], Flags]:
    return {}


def described_at(facts: RowsAt, segment: Segment) -> TrueRows:
    """The rows that describe entities at the instant: those that exist."""
    return true_rows(facts, segment, attributes.ENTITY)
