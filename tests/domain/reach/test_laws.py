"""The laws of reach: its edges are those of single questions, asked one by one; its paths are all simple ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact, Interval
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.policy.evaluation.applicable import evaluate_in
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import action_details
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.own_patterns import layers_of
from erstwhile.domain.reach import paths, wide_walk
from erstwhile.domain.reach.accounts_into import EverInto
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.catalogue.families import BY_ID, MAKING
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.cuts import best_cuts, cuts
from erstwhile.domain.reach.edges import Edge, Proved
from erstwhile.domain.reach.from_some import WaysFrom
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening, Openings
from erstwhile.domain.reach.paths import paths_between, paths_to_administrator, tabled, tabled_one_by_one
from erstwhile.domain.reach.questions import Questions
from erstwhile.domain.reach.raising import Raising
from erstwhile.domain.reach.ways import MAX_RISES, Ways
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.random_reach import ACCOUNTS, FUNCTIONS, random_reach
from tests.support.reach_worlds import trusting
from tests.support.stories import second

seeds = st.integers(0, 2**48)
STEPS = 3
Line = tuple[str, str, str, str]
"""Source, family, target, and how."""


def named(edge: Edge) -> Line:
    return edge.source.text, edge.family, edge.target.text, edge.how


def principals(directory: Directory) -> list[str]:
    return [directory.arn_of(entity) for entity in directory.of_kind("user", "role")]


def effect(directory: Directory, principal: str, action: str, resource: str, ask: Ask) -> int:
    """2: allowed; 1: under a condition; 0: denied."""
    context = ask.context
    entity = directory.with_arn(principal)
    if entity is not None and "team" not in entity.tags:
        context |= {"aws:principaltag/team": ()}  # no trust of these worlds lets sessions be tagged
    request = Request(
        principal=principal, action=action, resource=resource, context=context, resource_account=ask.owner,
        mode="discover",
    )  # fmt: skip
    return {"allow": 2, "conditional": 1}.get(evaluate_in(directory, request).effect, 0)


def asked(directory: Directory, principal: str, ask: Ask) -> int:
    resources = [ask.resource]
    if is_pattern(ask.resource):
        account = ask.resource.split(":")[4]
        service = ask.resource.split(":")[2]
        resources = [f"arn:aws:{service}:eu-west-1:{account}:{name}" for name in FUNCTIONS]
    return max(min(effect(directory, principal, action, each, ask) for action in ask.actions) for each in resources)


def after_trust(directory: Directory, principal: str, role: str) -> int:
    """Whether it could assume the role, were it named by its trust."""
    entity = directory.at_arn(role)
    facts = dict(entity.facts)
    document = trusting({"AWS": principal})
    fact = facts["trust"][""]
    entity.facts["trust"] = {"": Fact({"document": document}, fact.since, fact.opened_by)}
    try:
        return effect(directory, principal, "sts:AssumeRole", role, Ask(("sts:AssumeRole",), role))
    finally:
        entity.facts["trust"] = facts["trust"]


def single(directory: Directory, principal: str, opening: Opening) -> int:
    if opening.target.principal == principal:
        return 0
    if not opening.crosses_accounts and f":{opening.account}:" not in principal:
        return 0
    found = [asked(directory, principal, each) for each in opening.asks]
    if opening.trust is not None:
        found.append(asked(directory, opening.family.trusted, opening.trust))
    if opening.family.kind == "trust" and min(found):
        found.append(after_trust(directory, principal, opening.target.principal))
    return min(min(found), 1) if opening.terms else min(found)


@settings(max_examples=30)
@given(seeds)
def test_edges_are_what_single_questions_say(seed: int) -> None:
    directory = random_reach(seed)
    expected: set[Line] = set()
    openings = Openings(Questions(directory))
    for target in list(directory.of_kind("user", "role")):
        for opening in openings.into(target):
            for principal in principals(directory):
                how = single(directory, principal, opening)
                if how and opening.family.kind != "federated":
                    expected.add((principal, opening.family.id, opening.target.text, ("", "conditional", "allow")[how]))
    ways = Ways(random_reach(seed))
    nodes = [Node(each) for each in principals(directory)]
    into = {named(each) for node in nodes for each in ways.into(node) if not each.source.gains}
    out = {named(each) for node in nodes for each in ways.out_of(node) if not each.is_rise and not each.target.is_made}
    inside = {each[0] for each in expected} | {node.text for node in nodes}
    assert {each for each in into if each[0] in inside} == expected
    assert out == expected


NEW_NAMES = ("app-1", "new", "x/app-2")
"""Names that nobody has, of all that the policies of these worlds tell apart."""


def with_new_roles(seed: int) -> Directory:
    """The world with roles of these names, which trust everybody of their account by name."""
    directory = random_reach(seed)
    for account in ACCOUNTS:
        trusted = [each for each in principals(directory) if f":{account}:" in each]
        for name in NEW_NAMES:
            entity = directory.ensure((account, "role", f"IDNEW{name}"))
            path, _, last = f"/{name}".rpartition("/")
            named_so = {"name": last, "path": f"{path}/", "arn": f"arn:aws:iam::{account}:role/{name}"}
            entity.facts["entity"] = {"": Fact(named_so, BEFORE, 1)}
            entity.facts["trust"] = {"": Fact({"document": trusting({"AWS": trusted})}, BEFORE, 1)}
            directory.index(entity)
    return directory


def made(directory: Directory, later: Directory, principal: str, family: Family, boundary: str, group: str) -> int:
    """How a principal may make another by a family, of all names that are free. `later`: where it is made."""
    [kind], account = family.of, principal.split(":")[4]
    keys = {"iam:PermissionsBoundary": boundary, "iam:PolicyARN": ""}

    def of_name(name: str) -> int:
        found = []
        for need in family.needs:
            details = action_details(*need.action.split(":"))
            assert details is not None
            own = {key.lower(): value if key in details["conditionKeys"] else "" for key, value in keys.items()}
            own |= {key: value.format(partition="aws") for key, value in need.given}
            resource = group if need.on == "group" else f"arn:aws:iam::{account}:{kind}/{name}"
            ask = Ask((need.action,), resource, tuple(own.items()))
            found.append(effect(directory, principal, need.action, resource, ask))
        if kind == "role":
            role = f"arn:aws:iam::{account}:role/{name}"
            found.append(effect(later, principal, "sts:AssumeRole", role, Ask(("sts:AssumeRole",), role)))
        return min(found)

    return max(map(of_name, NEW_NAMES))


@settings(max_examples=30)
@given(seeds)
def test_who_makes_new_principals_is_what_single_questions_say(seed: int) -> None:
    ways, directory, later = Ways(random_reach(seed)), random_reach(seed), with_new_roles(seed)
    rises = ways.rises()
    got_to = set(map(Node, principals(directory)))
    for _ in range(MAX_RISES):
        got_to |= {
            node
            for node, edges in rises.items()
            if any(each.how == "allow" and each.source in got_to for each in edges)
        }
    sure = {node.principal for node in got_to if node.gains and not node.is_made and ways.is_administrator(node)}
    expected: set[Line] = set()
    for principal in principals(directory):
        account = principal.split(":")[4]
        if principal in sure or ways.is_administrator(Node(principal)):
            continue
        for family in MAKING:
            joins = any(need.on == "group" for need in family.needs)
            target = f"arn:aws:iam::{account}:{family.of[0]}/* made anew " + ("in group staff" if joins else ANY)
            group = f"arn:aws:iam::{account}:group/staff"
            bound = f"arn:aws:iam::{account}:policy/bound"

            def how(family: Family, boundary: str, who: str = principal, group: str = group) -> int:
                return made(directory, later, who, family, boundary, group)

            plain = BY_ID[family.id.removesuffix("-delete-boundary").removesuffix("-replace-boundary")]
            free = max(how(plain, ""), how(plain, ADMINISTRATOR))
            if family is plain and free:
                expected.add((principal, family.id, target, ("", "conditional", "allow")[free]))
            is_named = any("policy/bound" in text for text in held_by(directory, principal))
            if not free and is_named and (within := how(family, bound)):
                told = f"{target}" if family.where else bounded_text(target, bound)
                expected.add((principal, family.id, told, ("", "conditional", "allow")[within]))
    found = {named(each) for node, edges in rises.items() if node.is_made for each in edges if not each.source.gains}
    assert found == expected


ANY = "with any policy"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def bounded_text(target: str, bound: str) -> str:
    """How a principal made within a boundary is called: its gains are in the order of their names."""
    if "in group" in target:
        return target.replace("in group", f"bounded by {bound} in group")
    return f"{target} bounded by {bound}"


def held_by(directory: Directory, principal: str) -> Iterator[str]:
    """The documents that bear on what a principal may make: its own, its groups', its boundary and the guardrails that
    name a boundary."""
    side = Questions(directory).side(Node(principal))
    for layer in layers_of(side):
        for source in layer.sources:
            yield source.document or ""


def history_with(directory: Directory) -> IntervalHistory:
    """Everything in a Directory, since ever."""
    return IntervalHistory(
        [
            Interval(*entity.key, attribute, item, fact.value, BEFORE, FOREVER, fact.opened_by, None)
            for entity in directory.all()
            for attribute, items in entity.facts.items()
            for item, fact in items.items()
        ],
        1,
    )


@settings(max_examples=30)
@given(seeds)
def test_the_ways_out_of_some_are_those_that_are_found_over_all(seed: int) -> None:
    ways, directory = Ways(random_reach(seed)), random_reach(seed)
    some = WaysFrom(directory, second(1), Trusting(history_with(directory)))
    nodes = [Node(each) for each in principals(directory)]
    outsiders = {each.source for node in nodes for each in ways.into(node)} - set(nodes)
    for node in (*nodes, *ways.rises(), *(each for each in outsiders if not each.gains)):
        assert {named(each) for each in some.out_of(node)} == {named(each) for each in ways.out_of(node)}, node


@settings(max_examples=30)
@given(seeds)
def test_paths_into_an_account_come_from_those_accounts_from_which_trusts_lead_there(seed: int) -> None:
    directory = random_reach(seed)
    ways, ever = Ways(directory), EverInto(history_with(directory))
    for account in ACCOUNTS:
        accounts = ever.accounts_into(account)
        sources = {each.principal for each in paths_to_administrator(ways, STEPS, 10_000, account).principals}
        inside = [each for each in sources if directory.with_arn(each) is not None]
        assert accounts is None or {account_in(each) for each in inside} <= accounts


def all_edges(ways: Ways, administrators: bool) -> list[Edge]:
    nodes = [Node(each) for each in principals(ways.directory)] + list(ways.rises())
    found = [each for node in nodes for each in ways.out_of(node)]
    outsiders = {each.source for node in nodes if not node.gains for each in ways.into(node)} - set(nodes)
    found += [each for node in outsiders for each in ways.out_of(node)]
    if administrators:
        raising = Raising(ways)
        entities = [entity for node in nodes if not node.gains and (entity := ways.entity(node)) is not None]
        for raiser in raising.raisers():
            found += raising.of_others(raiser, entities)
            for target, access in raising.accessible(raiser):
                for each in raising.of_others(raiser, [target]):
                    how = each.how if access.how == "allow" else access.how
                    found.append(Edge(raiser, each.target, each.opening, how, each.found, access))
    return found


def walks(edges: list[Edge], source: Node, goals: set[Node]) -> Iterator[tuple[Edge, ...]]:
    """All paths, by trying every edge."""

    def go(node: Node, walked: tuple[Edge, ...], met: set[str]) -> Iterator[tuple[Edge, ...]]:
        for each in (each for each in edges if each.source == node):
            name = each.target.principal
            raises = each.opening.raised is not None and not each.is_rise
            if raises and each.access is None:
                fits = name in met
            else:
                fits = each.is_rise or name not in met
            if not fits:
                continue
            path = (*walked, each)
            if each.target in goals or raises:
                yield path
            elif len(path) < STEPS:
                yield from go(each.target, path, met | {name})

    yield from go(source, (), {source.principal})


@settings(max_examples=15)
@given(seeds)
def test_paths_between_two_are_all_simple_ones(seed: int) -> None:
    ways = Ways(random_reach(seed))
    edges = all_edges(ways, administrators=False)
    names = principals(ways.directory)
    for source, target in ((names[0], names[-1]), (names[1], names[4])):
        expected = {tuple(map(named, each)) for each in walks(edges, Node(source), {Node(target)})}
        found = paths_between(ways, source, target, STEPS, 100_000)
        assert not found.is_cut
        assert [len(each.edges) for each in found.paths] == sorted(len(each.edges) for each in found.paths)
        assert {tuple(map(named, each.edges)) for each in found.paths} == expected
        assert len(found.paths) == len(expected)
        assert (Node(source) in found.principals) == bool(expected)


@settings(max_examples=15)
@given(seeds)
def test_paths_to_administrators_are_all_simple_ones(seed: int) -> None:
    ways = Ways(random_reach(seed))
    edges = all_edges(ways, administrators=True)
    names = [*map(Node, principals(ways.directory))]
    goals = {node for node in (*names, *ways.rises()) if ways.is_administrator(node)}
    starts = {each.source for each in edges if not each.source.gains} - goals
    expected = {
        tuple(map(named, each))
        for source in starts
        for each in walks([each for each in edges if each.source not in goals], source, goals)
    }
    found = paths_to_administrator(ways, STEPS, 1_000_000)
    assert not found.is_cut
    assert {tuple(map(named, each.edges)) for each in found.paths} == expected
    assert len(found.paths) == len(expected)
    assert set(found.principals) == {
        each.source for each in edges if each.source.text in {path[0][0] for path in expected}
    }


@settings(max_examples=15)
@given(seeds)
def test_a_table_has_all_paths(seed: int) -> None:
    ways = Ways(random_reach(seed))
    expected = paths_to_administrator(ways, STEPS, 1_000_000).paths
    table = paths_to_administrator(ways, STEPS, 1_000_000, gather=tabled).table
    assert table is not None
    paths = [
        tuple(table.edges[number] for number in numbers[place : place + length])
        for length, numbers in sorted(table.by_length.items())
        for place in range(0, len(numbers), length)
    ]
    assert [tuple(map(named, path)) for path in paths] == [tuple(map(named, each.edges)) for each in expected]
    assert table.count == len(expected)
    found = best_cuts(ways.questions, table.places(), 5, Proved(ways.questions))
    assert found == cuts(ways.questions, expected, 5)


@settings(max_examples=30)
@given(seeds)
def test_many_paths_at_once_are_those_that_are_walked_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    ways, steps, limit = Ways(random_reach(seed)), chance.randint(1, 5), chance.choice((1, 5, 40, 1_000_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "MAX_VISITS", chance.choice((3, 50, 100_000)))
        patch.setattr(wide_walk, "_AT_ONCE", chance.choice((1, 7, 200_000)))
        together, one_by_one = (
            paths_to_administrator(ways, steps, limit, gather=each) for each in (tabled, tabled_one_by_one)
        )
    assert together.table is not None and one_by_one.table is not None
    assert msgspec.structs.replace(together, table=None) == msgspec.structs.replace(one_by_one, table=None)
    assert together.table.edges == one_by_one.table.edges
    assert (together.table.by_length, together.table.count) == (one_by_one.table.by_length, one_by_one.table.count)
    assert list(together.table.places()) == list(one_by_one.table.places())


@settings(max_examples=15)
@given(seeds)
def test_the_best_cuts_are_the_first_of_all(seed: int) -> None:
    ways = Ways(random_reach(seed))
    paths = paths_to_administrator(ways, STEPS, 1_000).paths
    every = cuts(ways.questions, paths, 1_000_000)
    assert [len(each.closes) for each in every] == sorted((len(each.closes) for each in every), reverse=True)
    assert cuts(ways.questions, paths, 3) == every[:3]
