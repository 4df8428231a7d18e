"""Differences between two instants, where what is decided once for several is, and where nobody is like another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import msgspec
from hypothesis import Phase

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact, Interval
from erstwhile.domain.history.comparing.sharing import Likeness
from erstwhile.domain.history.comparing.unchanged import Unchanged
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from tests.support.random_crowds import Crowd
from tests.support.random_history import instant
from tests.support.random_intervals import cut_into_intervals

FEW = 300_000
"""Steps: what takes more is unclear."""
NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller history."""


def compared(history: IntervalHistory, pair: tuple[int, int]) -> Diff | None:
    """Without the examples: which of many alike it is, follows from the order in which entities are found."""
    try:
        found = diff(history, instant(pair[0]), instant(pair[1]), effort=FEW)
    except TooMuch:
        return None
    return without_examples(found)


def without_examples(found: Diff) -> Diff:
    differences = tuple(msgspec.structs.replace(each, example=("", "")) for each in found.differences)
    return msgspec.structs.replace(found, differences=differences)


@contextmanager
def alone() -> Iterator[None]:
    """Nobody is like another."""
    with (
        patch.multiple(Likeness, of_group=lambda *_: None, of_resource=lambda *_: None),
        patch.object(Unchanged, "alike", lambda *_: None),
    ):
        yield


def crowd(seed: int) -> IntervalHistory:
    """Many principals with few policies."""
    chance = random.Random(seed)
    facts = ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in Crowd(chance).rows)
    return IntervalHistory(cut_into_intervals(Directory.from_facts(facts), chance), 1)


def twins(rows: list[Interval], chance: random.Random) -> list[Interval]:
    """Of some users and roles others who have the same, or nearly."""
    found = []
    chosen = {each[:3] for each in rows if each.kind in ("user", "role") and chance.random() < 0.1}
    for each in (each for each in rows if each[:3] in chosen and chance.random() < 0.98):
        value = each.value
        if each.attribute == "entity":
            value = {**value, "name": f"{value['name']}-twin", "arn": value["arn"] and f"{value['arn']}-twin"}
        found.append(each._replace(entity=f"{each.entity}-TWIN", value=value))
    return found
