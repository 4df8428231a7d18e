"""Questions over a view of columns are answered as over a Directory that has all facts: who-can too, which makes
entities of those alone whom it may concern."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact, Interval, Value
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.resource_reach import is_pattern
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.random_intervals import BEGIN, cut_into_intervals
from tests.support.same_directories import assert_same

seeds = st.integers(0, 2**48)


def at_an_hour(seed: int, hour: int) -> tuple[DirectoryView, Directory]:
    """A random history at an instant: from columns, and whole. Before its first hour, nothing was cut."""
    chance, directory = random.Random(seed), random_directory(seed)
    instant = BEGIN + timedelta(hours=hour)
    rows = cut_into_intervals(directory, chance)
    if hour < 0:
        rows = [Interval(*fact[:5], fact[5].value, BEFORE, FOREVER, 1, None) for fact in directory.facts()]
    rows = [row for row in rows if row.attribute != attributes.VANISHED]
    there = [row for row in rows if row.valid_from <= instant < row.valid_to]
    # What came of one event stands in the order of its names.
    there.sort(key=lambda row: (row.opened_by, row.attribute, row.item))
    whole = Directory.from_facts(
        ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in there), 1, instant
    )
    return DirectoryView(ColumnFacts(history_of(rows, chance), instant), 1, instant), whole


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(-3, 25))
def test_a_view_is_the_same(seed: int, hour: int) -> None:
    assert_same(*at_an_hour(seed, hour))


@settings(max_examples=examples(200, each_run=70), deadline=None)
@given(seeds, st.integers(-10, 20), st.sampled_from(["strict", "discover"]))
def test_who_can(seed: int, hour: int, mode: Any) -> None:
    chance = random.Random(seed)
    view, whole = at_an_hour(seed, hour)
    for action in chance.sample(generator.ACTIONS, 4):
        resource, owner = chance.choice(generator.RESOURCES), chance.choice((None, *generator.ACCOUNTS))
        asked = {"resource_account": owner, "mode": mode}
        assert who_can(view, action, resource, **asked) == who_can(whole, action, resource, **asked), action


def document(action: str, resource: str) -> str:
    allows = {"Effect": "Allow", "Action": action, "Resource": resource}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [allows]}).decode()


def test_who_can_looks_at_those_alone_whom_it_may_concern() -> None:
    account = "111122223333"

    def row(kind: str, name: str, attribute: str, item: str, value: Value) -> Interval:
        return Interval(account, kind, name, attribute, item, value, BEFORE, FOREVER, 1, None)

    def entity(kind: str, name: str) -> Interval:
        return row(kind, name, "entity", "", {"name": name, "arn": f"arn:aws:iam::{account}:{kind}/{name}"})

    rows = [row("account", account, "mode", "", {"mode": "governed"})]
    documents = {
        "reads": ("s3:Get*", "*"),
        "writes": ("s3:Put*", "*"),
        "elsewhere": ("s3:Get*", "arn:aws:s3:::other/*"),
    }
    for policy, allowed in documents.items():
        arn = f"arn:aws:iam::{account}:policy/{policy}"
        rows += [entity("policy", policy), row("policy", policy, "default", "", {"version": "v1"})]
        rows.append(row("policy", policy, "version", "v1", {"document": document(*allowed)}))
        rows += [entity("user", f"{policy} by policy"), row("user", f"{policy} by policy", "attached", arn, {})]
        rows += [entity("group", policy), row("group", policy, "attached", arn, {})]
        rows += [entity("user", f"{policy} by group"), row("user", f"{policy} by group", "member_of", policy, {})]
        inline = {"document": document(*allowed)}
        rows += [entity("role", f"{policy} itself"), row("role", f"{policy} itself", "inline", "own", inline)]
    facts = ColumnFacts(history_of(rows, random.Random(1)), BEGIN)
    asked = "arn:aws:s3:::payroll/x"
    found = who_can(DirectoryView(facts, 1, BEGIN), "s3:GetObject", asked, resource_account=account)
    names = ["reads by group", "reads by policy", "reads itself"]
    assert sorted(holder.unique_id for holder in found.allowed if holder.kind != "root") == names
    assert sorted(unique_id for _, _, unique_id in facts.candidates("s3:getobject", asked) or ()) == names
    view = DirectoryView(facts, 1, BEGIN).about("s3:getobject")
    attached = {entity.id: list(entity.attached_policies) for entity in view.of_kind("user", "group")}
    assert attached["reads by policy"] == attached["reads"] == [f"arn:aws:iam::{account}:policy/reads"]
    assert attached["writes by policy"] == attached["writes"] == []


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(-10, 20))
def test_one_principal(seed: int, hour: int) -> None:
    chance = random.Random(seed)
    view, whole = at_an_hour(seed, hour)
    for entity in list(whole.of_kind("user", "role")):
        arn, action = whole.arn_of(entity), chance.choice(generator.ACTIONS)
        resource = chance.choice([each for each in generator.RESOURCES if not is_pattern(each)])
        request = Request(principal=arn, action=action, resource=resource)
        assert outcome(view, request) == outcome(whole, request)
        assert which_resources(view, arn, action) == which_resources(whole, arn, action)


def outcome(directory: Directory, request: Request) -> object:
    try:
        return authorize(directory, request)
    except UnknownPrincipal as error:
        return str(error)
