"""What principals of several segments hold, under numbers that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import NOBODY, SEVERAL, Held, HeldPolicy
from erstwhile.domain.directory.named import Principals, all_of
from erstwhile.projections.columns.believed import as_known
from erstwhile.projections.columns.held_items import held_items
from erstwhile.projections.columns.held_pairs import PairsOf
from erstwhile.projections.columns.principals import principals_in
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import ABSENT, Codes, Ints


class Part(NamedTuple):
    """Principals of one segment."""

    segment: Segment
    entities: Ints
    """In order."""
    who: Ints
    """Of each the place in `PrincipalColumns`."""
    pairs: PairsOf
    boundaries: Ints
    bounded_by: Ints


def together(
    facts: RowsAt,
    parts: Sequence[Part],
    policies: list[HeldPolicy],
    through: Callable[[int], tuple[str, ...]],
    apart: list[EntityKey],
) -> Held:
    return _Together(facts, parts).held(policies, through, apart)


class _Together:
    def __init__(self, facts: RowsAt, parts: Sequence[Part]) -> None:
        self._facts = facts
        self._parts = parts
        self._entities = [each.entities.data for each in parts]
        self._begins = np.cumsum([0, *(len(each.entities) for each in parts)]).tolist()

    def held(
        self, policies: list[HeldPolicy], through: Callable[[int], tuple[str, ...]], apart: list[EntityKey]
    ) -> Held:
        places: dict[tuple[str, str], int] = {}
        place = []
        for part in self._parts:
            numbers = np.array([places.setdefault(each, len(places)) for each in part.segment.places], dtype=np.int64)
            place.append(numbers[part.segment.place[part.entities]])

        pairs = PairsOf(*map(np.concatenate, zip(*(part.pairs for part in self._parts), strict=True)))
        return Held(
            places=list(places), place=np.concatenate(place), begins=np.append(0, np.cumsum(pairs.counts)),
            policy=pairs.policies, way=pairs.ways, granted_by=pairs.granted_by,
            boundary=np.concatenate([part.boundaries for part in self._parts]),
            bounded_by=np.concatenate([part.bounded_by for part in self._parts]), policies=policies, through=through,
            apart=apart, key=self._key, names=self._names, number=self._number, who=self._who, tags=self._tags,
        )  # fmt: skip

    def _where(self, number: int) -> tuple[int, int]:
        """The part of a principal, and its place in it."""
        part = 0
        while number >= self._begins[part + 1]:
            part += 1
        return part, number - self._begins[part]

    def _key(self, number: int) -> EntityKey:
        part, place = self._where(number)
        return self._parts[part].segment.key(self._entities[part][place])

    def _names(self, number: int) -> tuple[str, str]:
        part, place = self._where(number)
        who = principals_in(self._parts[part].segment).named(int(self._parts[part].who[place]))
        return who.arn, who.name

    def _number(self, key: EntityKey) -> int:
        for part, begin in zip(self._parts, self._begins, strict=False):
            code = part.segment.entity_code(key)
            place = int(np.searchsorted(part.entities, code))
            if code != ABSENT and place < len(part.entities) and part.entities[place] == code:
                return int(begin) + place
        return NOBODY

    def _who(self, numbers: Ints) -> Principals:
        limits = np.searchsorted(numbers, self._begins)
        parts = zip(self._parts, self._begins, limits[:-1], limits[1:], strict=False)
        return all_of([
            principals_in(part.segment).who(part.who[numbers[first:last] - begin])
            for part, begin, first, last in parts
        ])  # fmt: skip

    def _tags(self, key: str) -> tuple[Ints, list[str]]:
        values: dict[str, int] = {}
        return np.concatenate([self._tags_in(part, key, values) for part in self._parts]), list(values)

    def _tags_in(self, part: Part, key: str, values: dict[str, int]) -> Ints:
        segment, known_at = part.segment, self._facts.history.known_at
        found = np.full(len(part.entities), NOBODY, dtype=np.int64)
        if not len(found):
            return found
        held, told = held_items(segment, attributes.TAG, known_at), as_known(segment, known_at, _tag_values, key)
        place_of = np.full(segment.entity_count, NOBODY, dtype=np.int32)
        place_of[part.entities] = np.arange(len(part.entities))
        for pairs in told.pairs:
            tagged, _ = held.true_places(self._facts.at, pairs)
            places = place_of[held.entity[tagged]]
            is_there = places != NOBODY
            tagged, places = tagged[is_there], places[is_there]
            of = told.text[tagged]
            codes = np.full(len(told.texts), NOBODY, dtype=np.int64)
            there = np.flatnonzero(np.bincount(of, minlength=len(codes)))
            codes[there] = [values.setdefault(told.texts[each], len(values)) for each in there.tolist()]
            has_other = found[places] != NOBODY
            found[places] = codes[of]
            found[places[has_other]] = SEVERAL
        return found


class _TagValues(NamedTuple):
    """Of one key of tags, in lower case. `pairs`: for each way in which it is written, the pairs that have it
    (`held_items`)."""

    pairs: list[list[int]]
    text: Codes
    """Of each row of these pairs, which of the texts its value is."""
    texts: list[str]


def _tag_values(segment: Segment, known_at: int, key: str) -> _TagValues:
    held = held_items(segment, attributes.TAG, known_at)
    pairs: dict[str, list[int]] = {}
    for number, (_, item) in enumerate(held.pairs):
        if item.lower() == key:
            pairs.setdefault(item, []).append(number)
    places, _ = held.places(sorted(number for numbers in pairs.values() for number in numbers))
    different, of = np.unique(held.value[places], return_inverse=True)
    texts: dict[str, int] = {}
    codes = [texts.setdefault(str(segment.decoded(each)["value"]), len(texts)) for each in different.tolist()]
    text = np.full(len(held.row), NOBODY, dtype=np.int32)
    text[places] = np.array(codes, dtype=np.int32)[of]
    return _TagValues(list(pairs.values()), text, list(texts))
