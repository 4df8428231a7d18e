"""The laws of replay: the Directory and its history do not depend on the order or the repetition of what arrives."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.histories import at, kinds, life, moments, names, policies
from tests.support.memory_log import log_of


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(kinds, names, policies, moments), max_size=14), st.randoms(use_true_random=False))
def test_the_directory_does_not_depend_on_the_order_of_arrival(steps: list[Any], chance: random.Random) -> None:
    records = [life(kind, name, policy, when, number) for number, (kind, name, policy, when) in enumerate(steps)]
    first = log_of(*records)
    shuffled = list(records)
    chance.shuffle(shuffled)
    second = log_of(*shuffled)
    assert second.state() == first.state()
    assert second.history() == first.history()


def test_what_contradicts_itself_in_one_slot_says_nothing_of_another() -> None:
    """Two creations of eve cannot both be; that bob was renamed before he was made anew is known all the same."""
    steps = [("create", "eve", 0), ("create", "eve", 1), ("create", "bob", 0), ("create", "bob", 1),
             ("rename", "eve", 2), ("rename", "bob", 1)]  # fmt: skip
    records = [life(kind, name, "A", at(moment), number) for number, (kind, name, moment) in enumerate(steps)]
    first = log_of(*records)
    assert any("'AIDAbob3'" in str(each) for each in first.state())
    for seed in range(100):
        shuffled = list(records)
        random.Random(seed).shuffle(shuffled)
        assert log_of(*shuffled).state() == first.state()


@pytest.mark.parametrize("seed", range(3))
def test_arriving_twice_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    kinds_of = ["create", "attach", "detach", "join"]
    records = [
        life(chance.choice(kinds_of), "eve", chance.choice("AB"), at(chance.randrange(12)), n) for n in range(12)
    ]
    once = log_of(*records)
    twice = log_of(*records, *records)
    assert twice.state() == once.state()
