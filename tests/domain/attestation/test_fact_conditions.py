"""A condition that facts break is attested from their intervals as from the states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import EntityCondition, FactCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.examples import examples

KEY = ("111122223333", "user", "AIDAADA")
NOON = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
NAMES = frozenset((attributes.ATTACHED, attributes.INLINE, attributes.COVERAGE))


def wrong(attribute: str, item: str) -> Judgement:
    if attribute == attributes.COVERAGE:
        return Judgement("", "unknown", "never seen")
    return Judgement(item, "broken", attribute)


class ByFacts(FactCondition, frozen=True, kw_only=True):
    attributes: ClassVar[frozenset[str]] = NAMES

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [KEY]

    def of_fact(self, fact: Interval) -> Judgement | None:
        return None if fact.item == "fine" else wrong(fact.attribute, fact.item)


class ByStates(EntityCondition, frozen=True, kw_only=True):
    attributes: ClassVar[frozenset[str]] = NAMES

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [KEY]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        yield from (wrong(attributes.ATTACHED, each) for each in entity.attached_policies if each != "fine")
        if not entity.is_covered:
            yield wrong(attributes.COVERAGE, "")
        yield from (wrong(attributes.INLINE, each) for each in entity.inline_policies if each != "fine")


def at(hour: int) -> datetime:
    return BEFORE if hour < 0 else FOREVER if hour > 8 else NOON + timedelta(hours=hour)


@st.composite
def rows(draw: st.DrawFn) -> list[Interval]:
    """Intervals, of which those of one attribute and item do not overlap; items of two attributes may be alike."""
    found = [Interval(*KEY, attributes.ENTITY, "", {"name": "ada"}, BEFORE, FOREVER, 1, None)]
    for attribute, items in ((attributes.ATTACHED, ("a", "b", "fine")), (attributes.INLINE, ("b", "c")),
                             (attributes.COVERAGE, ("",))):  # fmt: skip
        for item in items:
            edges = sorted(draw(st.lists(st.integers(-1, 9), max_size=4, unique=True)))
            there = draw(st.lists(st.booleans(), min_size=4, max_size=4))
            for begin, end, is_there in zip(edges, edges[1:], there, strict=False):
                if is_there:
                    position = 10 + len(found)
                    found.append(
                        Interval(*KEY, attribute, item, {"n": position}, at(begin), at(end), position, position + 50)
                    )
    return draw(st.permutations(found))


@settings(max_examples=examples(2_000, 40), deadline=None)
@given(rows())
def test_intervals_say_what_states_say(intervals: list[Interval]) -> None:
    ground = Ground(
        history=IntervalHistory(intervals, 100), begin=at(2), end=at(6), accounts=frozenset((KEY[0],))
    )  # fmt: skip
    by_facts, by_states = (sorted(each.lapses(ground), key=lambda one: one.order) for each in (ByFacts(), ByStates()))
    assert by_facts == by_states
