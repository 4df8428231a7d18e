"""Rows of pairs at an instant: many pairs are looked for in another way than few, and nothing else is found."""

from __future__ import annotations

import random

import numpy as np

from erstwhile.projections.columns.held_items import HeldItems, RowOrder


def _held(chance: random.Random) -> HeldItems:
    pairs = [("111122223333", f"item{number}") for number in range(40)]
    begins = np.append(0, np.cumsum([chance.randint(0, 6) for _ in pairs]))
    count = int(begins[-1])
    valid_from = np.array([chance.randrange(10) for _ in range(count)], dtype=np.int64)
    valid_to = valid_from + np.array([chance.randrange(10) for _ in range(count)], dtype=np.int64)
    rows = np.array(chance.sample(range(count), count), dtype=np.int32)
    return HeldItems(pairs, begins, rows, rows // 3, rows, valid_from, valid_to, RowOrder())


def test_many_pairs_as_one_after_the_other() -> None:
    chance = random.Random(1)
    held = _held(chance)
    valid_from, valid_to = held.valid_from, held.valid_to
    for at in range(12):
        for wanted in ([], [7], list(range(40)), sorted(chance.sample(range(40), 12))):
            single = [held.places([each])[0] for each in wanted]
            true = [
                [place for place in those.tolist() if valid_from[place] <= at < valid_to[place]] for those in single
            ]
            places, owners = held.true_places(at, wanted)
            assert places.tolist() == [place for those in true for place in those]
            assert owners.tolist() == [number for number, those in enumerate(true) for _ in those]


def test_those_of_a_window_stand_in_the_order_of_their_rows() -> None:
    chance = random.Random(2)
    held = _held(chance)
    for begin in range(12):
        end = begin + chance.randint(1, 4)
        for numbers in ([], [7], list(range(40)), sorted(chance.sample(range(40), 12))):
            wanted = np.array([chance.random() < 0.5 for _ in held.row], dtype=bool)
            for mask in (None, wanted):
                places, owners = held.places(numbers)
                found = [
                    (int(held.row[place]), place, owner)
                    for place, owner in zip(places.tolist(), owners.tolist(), strict=True)
                    if held.valid_from[place] < end and held.valid_to[place] > begin
                    if mask is None or mask[held.entity[place]]
                ]
                within = held.within(begin, end, np.array(numbers, dtype=np.int64), mask)
                assert [each.tolist() for each in within] == [[each[at] for each in sorted(found)] for at in (1, 2)]
