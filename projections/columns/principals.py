"""Users and roles by the values that describe them: who they are, and whether a service has them, read once for each.

Serves the row "ever over a year" of `make bench-history`."""

from __future__ import annotations

from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory.named import Named
from erstwhile.domain.history.wide_history import Ints, described_principal, is_of_service
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.segment import Segment

MOST_KEPT = 250_000
"""Principals of a segment that are kept: half a kilobyte each, and as much again of what answers wrote."""
_VALUES = 1 << 32
"""More than a segment has values."""
_kept: WeakKeyDictionary[Segment, Bounded[int, Named]] = WeakKeyDictionary()


def principals_of(segment: Segment, entities: Ints, described: Ints) -> list[Named]:
    """As `WindowRows.principals`, of one segment."""
    kept = _kept.get(segment)
    if kept is None:
        kept = _kept[segment] = Bounded(MOST_KEPT)
    places = (entities * _VALUES + described).tolist()
    found = list(map(kept.entries.get, places))
    missing = [number for number, each in enumerate(found) if each is None]
    if missing:
        codes, values = entities[missing].tolist(), described[missing].tolist()
        texts = segment.values.raws(values)
        for number, key, text in zip(missing, segment.keys(codes), texts, strict=True):
            found[number] = kept.keep(places[number], described_principal(key, orjson.loads(text)))
        return [each for each in found if each is not None]
    return cast(list[Named], found)


def principal_of(segment: Segment, entity: int, described: int) -> Named:
    """As `principals_of`, of one."""
    kept = _kept.get(segment)
    found = None if kept is None else kept.entries.get(entity * _VALUES + described)
    if found is not None:
        return found
    [found] = principals_of(segment, np.array([entity]), np.array([described]))
    return found


_UNKNOWN, _IS_OF_SERVICE = -1, 1
_of_services: WeakKeyDictionary[Segment, npt.NDArray[np.int8]] = WeakKeyDictionary()
"""Of each value of a segment, whether it describes a role of a service."""


def are_of_services(segment: Segment, described: Ints) -> npt.NDArray[np.bool_]:
    """As `WindowRows.are_of_services`, of one segment. Each value is looked at once."""
    kept = _of_services.get(segment)
    if kept is None:
        kept = _of_services[segment] = np.full(len(segment.values), _UNKNOWN, dtype=np.int8)
    unknown = np.unique(described[kept[described] == _UNKNOWN])
    kept[unknown] = [is_of_service(orjson.loads(text)) for text in segment.values.raws(unknown.tolist())]
    found: npt.NDArray[np.bool_] = kept[described] == _IS_OF_SERVICE
    return found
