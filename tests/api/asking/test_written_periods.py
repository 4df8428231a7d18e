"""Who could ever, written at once, against the same told one by one."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.asking.over_time.told_holders import holders_json
from erstwhile.api.asking.over_time.written_periods import holders_written
from erstwhile.domain.directory.named import Named, principals
from erstwhile.domain.history.at_once.settled import settled
from erstwhile.domain.history.at_once.spans import Spans
from erstwhile.domain.history.ever import HOW, Ever, EverFound, Holder
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import micros_of

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NAMES = ("a", "B", 'ä"\\', "b/a", "a\U0001f600", "a\uffff")
LISTS: tuple[HeldHow, ...] = ("allowed", "conditional", "unknown")


def periods_of(chance: random.Random) -> list[Period]:
    instants = [NOON + timedelta(microseconds=chance.choice((1, 10**6, 123_456_789))) * n for n in range(1, 6)]
    instants = sorted({*chance.sample(instants, chance.randint(2, 5)), *chance.sample((BEFORE, FOREVER), 1)})
    pairs = itertools.pairwise(instants)
    found = [Period(begin, end, chance.choice(LISTS)) for begin, end in pairs if chance.random() < 0.7]
    return found or [Period(instants[0], instants[1], "allowed")]


def found_by(chance: random.Random) -> EverFound:
    numbers = {how: number for number, how in HOW.items()}
    named = []
    rows: list[tuple[int, int, int, int]] = []
    for number in range(chance.randint(0, 6)):
        key = ("111122223333", chance.choice(("user", "role")), f"A{number}")
        named.append(Named(key, f"arn:aws:iam::111122223333:user/{chance.choice(NAMES)}", ""))
        for each in periods_of(chance):
            rows.append((number, micros_of(each.begin), micros_of(each.end), numbers[each.how]))
    columns = settled(principals(named), Spans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T))
    lists: dict[HeldHow, list[Holder]] = {how: [] for how in LISTS}
    for kind in chance.choices(("root", "user", "anonymous"), k=chance.randint(0, 4)):
        holder = Holder(
            principal=f"arn:aws:iam::111122223333:user/{chance.choice(NAMES)}", kind=kind, account="1", unique_id="",
            periods=tuple(periods_of(chance)), is_outsider=kind == "anonymous",
        )  # fmt: skip
        lists[holder.best()].append(holder)
    rest = Ever(
        action="s3:GetObject", resource="*", begin=BEFORE, end=FOREVER, allowed=tuple(lists["allowed"]),
        conditional=tuple(lists["conditional"]), unknown=tuple(lists["unknown"]), principals=2, states=3, gaps=(),
        known_at=1,
    )  # fmt: skip
    return EverFound(
        columns, EverFound(settled(principals(()), Spans(*[np.empty(0, dtype=np.int64)] * 4)), rest).whole()
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**48))
def test_what_is_written_says_what_is_told(seed: int) -> None:
    found = found_by(random.Random(seed))
    assert orjson.loads(holders_written(found).whole()) == list(holders_json(found.whole()))
