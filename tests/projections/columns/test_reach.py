"""The laws of reach over columns: it finds what it finds where all principals are read."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.paths import Reach, paths_into, paths_to_administrator
from erstwhile.domain.reach.questions import Questions
from erstwhile.domain.reach.read_principals import ReadPrincipals
from erstwhile.domain.reach.sources import Sources
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.random_crowds import ACTIONS, RESOURCES, Crowd, UnclearCrowd
from tests.support.random_intervals import BEGIN, cut_into_intervals
from tests.support.random_reach import ACCOUNTS, random_reach

seeds = st.integers(0, 2**48)
STEPS, MOST = 3, 10_000


def from_columns(rows: list[Interval], chance: random.Random, hour: int) -> tuple[DirectoryView, Directory]:
    """One instant, from columns and whole."""
    instant = BEGIN + timedelta(hours=hour)
    there = [row for row in rows if row.valid_from <= instant < row.valid_to]
    there.sort(key=lambda row: (row.opened_by, row.attribute, row.item))
    facts = ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in there)
    view = DirectoryView(ColumnFacts(history_of(rows, chance), instant), 1, instant)
    return view, Directory.from_facts(facts, 1, instant)


def cut(directory: Directory, chance: random.Random) -> list[Interval]:
    """Its facts; in one of two, all have begun and ended at random."""
    if chance.random() < 0.5:
        return cut_into_intervals(directory, chance)
    return [
        Interval(account, kind, entity, attribute, item, fact.value, BEFORE, FOREVER, fact.opened_by, None)
        for account, kind, entity, attribute, item, fact in directory.facts()
    ]


def told(reach: Reach) -> object:
    return [(each.key, each.how) for each in reach.paths], reach.principals, sorted(reach.administrators)


@settings(max_examples=examples(100, each_run=25), deadline=None)
@given(seeds, st.integers(0, 12))
def test_paths_are_those_that_are_found_where_all_are_read(seed: int, hour: int) -> None:
    chance = random.Random(seed)
    view, whole = from_columns(cut(random_reach(seed), chance), chance, hour)
    assert view.numbered_principals() is not None
    for account in ("", *ACCOUNTS):
        expected = paths_to_administrator(Ways(whole), STEPS, MOST, account)
        assert told(paths_to_administrator(Ways(view), STEPS, MOST, account)) == told(expected)
    people = [whole.arn_of(each) for each in whole.of_kind("user", "role") if each.exists]
    for arn in chance.sample(people, min(3, len(people))):
        assert told(paths_into(Ways(view), arn, STEPS, MOST)) == told(paths_into(Ways(whole), arn, STEPS, MOST))
        assert told(reachable(Ways(view), arn, STEPS, MOST)) == told(reachable(Ways(whole), arn, STEPS, MOST))
        for action in ("sts:AssumeRole", "sts:TagSession", "lambda:InvokeFunction"):
            assert which_resources(view, arn, action) == which_resources(whole, arn, action)


@settings(max_examples=examples(150, each_run=50), deadline=None)
@given(seeds, st.integers(0, 20), st.sampled_from([Crowd, UnclearCrowd]))
def test_nobody_is_left_out_who_may_be_allowed(seed: int, hour: int, kind: type[Crowd]) -> None:
    chance = random.Random(seed)
    rows = kind(chance).rows
    view, whole = from_columns(rows, chance, hour)
    found, read = Sources(Questions(view)), ReadPrincipals(whole)
    people = (each for each in whole.of_kind("user", "role") if each.exists and not is_service_linked(each))
    there = {each.key: whole.arn_of(each) for each in people}
    assert keys_of(found, found.everybody) == set(there)
    for number, entity in found.acting(found.everybody):
        same_name = [key for key, arn in there.items() if arn == there[entity.key]]
        assert found.number_of(found.node(entity)) == number or len(same_name) > 1
    for action in ACTIONS:
        expected = {read.key(each) for each in read.speaking(action.lower())} & there.keys()
        assert keys_of(found, found.speaking(action)) >= expected
        for resource in RESOURCES[:3]:
            expected = {read.key(each) for each in read.may(action.lower(), resource)} & there.keys()
            assert keys_of(found, found.may(action, resource)) >= expected


def test_few_are_among_those_who_may_be_allowed_for_nothing() -> None:
    """Else the law above would say little: those whose policy is younger than its attachment alone."""
    more = of_all = 0
    for seed in range(40):
        chance = random.Random(seed)
        view, whole = from_columns(Crowd(chance).rows, chance, 3)
        found, read = Sources(Questions(view)), ReadPrincipals(whole)
        for action in ACTIONS:
            expected = {read.key(each) for each in read.speaking(action.lower())}
            more += len(keys_of(found, found.speaking(action)) - expected)
            of_all += len(expected)
    assert more < of_all / 20


def keys_of(sources: Sources, those: BitMap) -> set[EntityKey]:
    return {entity.key for _, entity in sources.acting(those)}
