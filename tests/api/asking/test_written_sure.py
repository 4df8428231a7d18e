"""The law of who-can as JSON: what is written from columns says what is told line by line, with the events."""

from __future__ import annotations

import random
from datetime import timedelta

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.asking.answers import who_can_json
from erstwhile.api.asking.granting_events import GrantingEvents
from erstwhile.api.asking.written_holders import LaterKnown, unwritten
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.who_can import WhoCanFound, find_who_can
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.random_crowds import ACTIONS, RESOURCES, Crowd
from tests.support.random_intervals import BEGIN


def found_in(chance: random.Random) -> WhoCanFound:
    instant = BEGIN + timedelta(hours=chance.randint(0, 20))
    view = DirectoryView(ColumnFacts(history_of(Crowd(chance).rows, chance), instant), 1, instant)
    context: dict[str, tuple[str, ...]] = {"aws:requestedregion": ("eu-west-1",)} if chance.random() < 0.5 else {}
    asked = Asked(action=chance.choice(ACTIONS), resource_account="111122223333", context=context, mode="discover")
    return find_who_can(view, asked, chance.choice(RESOURCES))


@settings(max_examples=examples(600, each_run=60), deadline=None)
@given(st.integers(0, 2**48))
def test_what_is_written_says_what_is_told(seed: int) -> None:
    chance = random.Random(seed)
    found = found_in(chance)
    told = who_can_json(found.whole())
    unseen = [each["principal"] for each in told["unknown"]]
    known = LaterKnown(
        {each: f"2026-0{number % 9 + 1}" for number, each in enumerate(unseen) if number % 2},
        {each: {"evidence": each} for number, each in enumerate(unseen) if number % 3},
    )
    known.tell(told["unknown"])
    later = unwritten(found, known)
    granting = GrantingEvents().of(told)
    granting.events = {position: {"event": f"e{position}"} for position in granting.positions if position % 3}
    granting.tell()
    events = {position: orjson.dumps(event) for position, event in granting.events.items()}
    assert {at for each in later.values() for at in each.positions()} >= granting.positions
    for name, each in later.items():
        assert orjson.loads(each.written(events).whole()) == told[name]


def test_many_are_columns() -> None:
    """Else the law above would say nothing of them."""
    found = [found_in(random.Random(seed)) for seed in range(40)]
    assert sum(each.sure is not None and len(each.sure.numbers) > 0 for each in found) > 10


def test_many_on_condition_are_columns() -> None:
    """As above; with statements of their own, too."""
    found = [found_in(random.Random(seed)).on_condition for seed in range(60)]
    assert sum(each is not None and len(each.numbers) > 0 for each in found) > 10
    assert sum(each is not None and len(each.own().principal) > 0 for each in found if each and len(each.numbers)) > 5


def test_many_who_were_never_seen_are_columns() -> None:
    """As above."""
    found = [found_in(random.Random(seed)).unseen for seed in range(60)]
    assert sum(each is not None and len(each.numbers) > 0 for each in found) > 4
