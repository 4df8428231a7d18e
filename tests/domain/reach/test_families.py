"""Each family of edges: allowed where all that it needs is allowed, and never where a boundary, a guardrail, a
condition or a missing permission keeps one need from it."""

from __future__ import annotations

import pytest

from erstwhile.domain.policy.knowledge.service_reference import action_details, resource_patterns
from erstwhile.domain.policy.language.patterns.pattern_parts import intersect
from erstwhile.domain.reach.catalogue.families import BECOMING, BY_ID, FAMILIES, MAKING, RAISING
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.edges import Edge, proofs
from erstwhile.domain.reach.openings import asks_of
from erstwhile.domain.reach.ways import Ways
from tests.support.reach_worlds import ACCOUNT, FamilyWorld, Variant

EDGES = (*BECOMING, *RAISING, *MAKING)


def edges_of(world: FamilyWorld) -> list[Edge]:
    """The edges of the family between source and target, as both ways of looking find them."""
    ways = Ways(world.directory)
    if world.is_gain:
        into = [each for edges in ways.rises().values() for each in edges]
        out = [each for each in ways.out_of(world.source) if each.is_rise]
    else:
        into = [each for each in ways.into(world.target) if each.source == world.source]
        out = [each for each in ways.out_of(world.source) if each.target == world.target]
    found = [each for each in into if each.family == world.family.id and each.source == world.source]
    assert {(each.target, each.how) for each in found} == {
        (each.target, each.how) for each in out if each.family == world.family.id
    }
    for each in found:
        effects = {proof.decision.effect for proof in proofs(ways.questions, each)}
        assert effects <= {"allow", "conditional"}
    return found


@pytest.mark.parametrize("family", EDGES, ids=lambda family: family.id)
def test_a_family_is_an_edge_where_all_of_it_is_allowed(family: Family) -> None:
    found = edges_of(FamilyWorld(family, "positive"))
    assert found
    expected = "conditional" if family.terms else "allow"
    assert {each.how for each in found} == {expected}


@pytest.mark.parametrize("variant", ["boundary", "guardrail", "condition", "incomplete"])
@pytest.mark.parametrize("family", EDGES, ids=lambda family: family.id)
def test_a_family_is_no_edge_where_one_need_is_blocked(family: Family, variant: Variant) -> None:
    if family.kind == "federated" and variant == "boundary":
        pytest.skip("an identity provider has no boundary")
    assert edges_of(FamilyWorld(family, variant)) == []


@pytest.mark.parametrize("family", EDGES, ids=lambda family: family.id)
def test_a_condition_that_nothing_settles_is_one_of_the_edge(family: Family) -> None:
    world = FamilyWorld(family, "conditional")
    found = edges_of(world)
    assert found
    assert {each.how for each in found} == {"conditional"}
    questions = Ways(world.directory).questions
    keys = {key for each in found for proof in proofs(questions, each) for key in proof.decision.missing_context}
    expected = "token.actions.githubusercontent.com:sub" if family.kind == "federated" else "aws:MultiFactorAuthPresent"
    assert expected in keys


def test_a_family_has_one_id() -> None:
    assert len(BY_ID) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_a_family_needs_actions_that_there_are_on_resources_that_they_are_about(family: Family) -> None:
    """As AWS's service authorization reference has them."""
    words = {
        "target": f"arn:aws:iam::{ACCOUNT}:{(family.of or ('user',))[0]}/x",
        "new": f"arn:aws:iam::{ACCOUNT}:{(family.of or ('user',))[0]}/x",
        "new-group": f"arn:aws:iam::{ACCOUNT}:group/x",
        "group": f"arn:aws:iam::{ACCOUNT}:group/x",
        "policy": f"arn:aws:iam::{ACCOUNT}:policy/x",
    }
    world = FamilyWorld(family, "positive") if family.kind == "existing-service" else None
    for ask in asks_of(family.needs, FamilyWorld(BECOMING[0], "positive").directory, ACCOUNT, words):
        for action in ask.actions:
            service, _, name = action.partition(":")
            assert action_details(service, name) is not None, action
            patterns = resource_patterns(action, "aws", ACCOUNT) or ["*"]
            if world is None:
                assert any(intersect(each, ask.resource) for each in patterns), (action, ask.resource, patterns)
    assert family.source.startswith("https://docs.aws.amazon.com/")
