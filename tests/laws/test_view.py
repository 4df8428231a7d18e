"""The law of views: a Directory that makes entities when they are asked for answers like one that has them all."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.resource_reach import is_pattern
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.who_can import who_can
from tests.support.fact_sources import ScannedFacts
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.policy.request_world import built

seeds = st.integers(0, 2**48)


def view_of(directory: Directory) -> DirectoryView:
    return DirectoryView(ScannedFacts(directory), directory.position, directory.as_of)


def answer(directory: Directory, request: Request) -> object:
    try:
        return authorize(directory, request)
    except UnknownPrincipal as error:
        return str(error)


@settings(max_examples=300)
@given(seeds)
def test_a_decision_is_the_same_as_over_the_whole_state(seed: int) -> None:
    world = built(generator.well_formed(generator.request(random.Random(seed))))
    if world is not None:
        directory, request = world
        assert answer(view_of(directory), request) == answer(directory, request)


@settings(max_examples=100)
@given(seeds, st.sampled_from(["strict", "discover"]))
def test_what_and_who_are_the_same_as_over_the_whole_state(seed: int, mode: Any) -> None:
    chance, directory = random.Random(seed), random_directory(seed)
    resource = chance.choice([each for each in generator.RESOURCES if not is_pattern(each)])
    for action in chance.sample(generator.ACTIONS, 3):
        view = view_of(directory)
        assert in_order(who_can(view, action, resource, mode=mode)) == in_order(
            who_can(directory, action, resource, mode=mode)
        )
    view = view_of(directory)
    for entity in directory.of_kind("user", "role"):
        assert what_can(view, entity.arn) == what_can(directory, entity.arn)


def in_order(found: Any) -> list[list[Any]]:
    return [sorted(each, key=lambda h: h.principal) for each in (found.allowed, found.conditional, found.unknown)]


@settings(max_examples=100)
@given(seeds)
def test_every_way_to_an_entity_leads_to_the_same(seed: int) -> None:
    chance, directory = random.Random(seed), random_directory(seed)
    entities = list(directory.all())
    view = view_of(directory)
    for entity in chance.sample(entities, len(entities)):
        key, arn = entity.key, directory.arn_of(entity)
        ways = [
            (view.get(*key), entity),
            (view.with_arn(arn), directory.with_arn(arn)),
            (view.named(key[0], key[1], entity.name.upper()), directory.named(key[0], key[1], entity.name.upper())),
            *((view.with_access_key(each), directory.with_access_key(each)) for each in entity.access_keys),
        ]
        for found, wanted in chance.sample(ways, len(ways)):
            assert (found and (found.key, found.facts)) == (wanted and (wanted.key, wanted.facts))
        if entity.kind == "group":
            assert keys(view.members_of(entity)) == keys(directory.members_of(entity))
        if entity.kind == "policy":
            assert keys(view.uses_of(key[0], arn)) == keys(directory.uses_of(key[0], arn))
        assert view.count(*key[:2]) == directory.count(*key[:2])
    assert view.accounts() == directory.accounts()
    assert {e.key: e.facts for e in view.all()} == {e.key: e.facts for e in entities}
    assert view.get("1", "user", "nobody") is None
    assert view.links.targets(entities[0].account, attributes.ATTACHED) is not None


def keys(entities: Any) -> list[tuple[str, str, str]]:
    return [entity.key for entity in entities]
