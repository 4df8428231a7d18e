"""Rows of pairs at an instant: many pairs are looked for in another way than few, and nothing else is found."""

from __future__ import annotations

import random

import numpy as np

from erstwhile.projections.columns.held_items import HeldItems, RowOrder


def test_many_pairs_as_one_after_the_other() -> None:
    chance = random.Random(1)
    pairs = [("111122223333", f"item{number}") for number in range(40)]
    begins = np.append(0, np.cumsum([chance.randint(0, 6) for _ in pairs]))
    count = int(begins[-1])
    valid_from = np.array([chance.randrange(10) for _ in range(count)], dtype=np.int64)
    valid_to = valid_from + np.array([chance.randrange(10) for _ in range(count)], dtype=np.int64)
    numbers = np.arange(count, dtype=np.int32)
    held = HeldItems(pairs, begins, numbers, numbers, numbers, valid_from, valid_to, RowOrder())
    for at in range(12):
        for wanted in ([], [7], list(range(40)), sorted(chance.sample(range(40), 12))):
            single = [held.places([each])[0] for each in wanted]
            true = [
                [place for place in those.tolist() if valid_from[place] <= at < valid_to[place]] for those in single
            ]
            places, owners = held.true_places(at, wanted)
            assert places.tolist() == [place for those in true for place in those]
            assert owners.tolist() == [number for number, those in enumerate(true) for _ in those]
