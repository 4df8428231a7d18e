"""The law of what-if: it equals telling the log of a story the events that its changes would be, and comparing."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.lookups import ImpossibleChange
from erstwhile.domain.what_if.supposed import SupposedHistory
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import random_story
from tests.support.stories import Told, history_of, log_of_story, second, tell
from tests.support.supposed import random_changes

AT = second(100)


def told(log: MemoryLog, changes: list[c.AnyChange]) -> None:
    """Tells the log what these changes would be, each in what those before it left and a microsecond after them: events
    of one instant have an order of their own."""
    ticks = 0
    for change in changes:
        there = directory_at(history_of(log), AT + ticks * TICK)
        for account, body in list(change.made(there)):
            ticks += 1
            event: Told = (100 + ticks / 1_000_000, body, account)
            tell(log, event)


def lines(found: Diff) -> set[object]:
    """What a difference says, without the positions of events and the ids of what the changes create."""
    whole = {(each.principal, each.change) for each in found.whole}
    return whole | {
        (each.principal, each.change, each.actions, each.resources, each.before, each.after)
        for each in found.differences
    }


@settings(max_examples=120)
@given(st.integers(0, 2**48))
def test_it_equals_the_log_with_the_events_appended(seed: int) -> None:
    chance = random.Random(seed)
    story = [event for event in random_story(random.Random(seed)) if event[0] < 100]
    history = history_of(log_of_story(*story))
    changes = random_changes(chance, directory_at(history, AT))
    log = log_of_story(*story)
    try:
        supposed = SupposedHistory(history, AT, changes)
    except ImpossibleChange:
        return
    told(log, changes)
    try:
        expected = diff(history_of(log), AT, second(101))
    except TooMuch:
        return
    assert lines(diff(supposed, AT, supposed.made_at)) == lines(expected)
