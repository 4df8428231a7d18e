"""The law of who-can over time: at every instant it lists whoever `can` lets, users, roles and roots; and `ever` and
the timelines of roots say the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.account_modes import is_there
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.ever import Ever, ever
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.evaluation.applicable import evaluate_in
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.random_modes import with_modes
from tests.support.random_stories import BUCKET, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, log_of_story

TICK = timedelta(microseconds=1)
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
ASKED = (
    ("s3:GetObject", f"{BUCKET}/key"), ("s3:PutObject", BUCKET), ("sqs:SendMessage", QUEUE), ("iam:CreateUser", "*"),
    ("sts:AssumeRole", arn("role/admin")), ("s3:GetBucketPolicy", BUCKET),
)  # fmt: skip
Lists = dict[str, str]
"""Unique id → the effect, of those who may, perhaps under conditions."""


def who(directory: Directory, request: Request) -> Lists:
    found = who_can(
        directory, request.action, request.resource, resource_account=request.resource_account, mode=request.mode
    )
    every = (*found.allowed, *found.conditional, *found.unknown)
    return {each.unique_id: each.decision.effect for each in every if not each.is_outsider and each.unique_id}


def of_each(directory: Directory, request: Request, roots: dict[str, str]) -> Lists:
    """`roots`: account → the ARN of its root, of all accounts that there ever were."""
    people = {each.id: directory.arn_of(each) for each in directory.of_kind("user", "role") if each.exists}
    found: Lists = {}
    for unique_id, principal in {**people, **roots}.items():
        one = Request(
            principal=principal, action=request.action, resource=request.resource,
            resource_account=request.resource_account, mode=request.mode,
        )  # fmt: skip
        try:
            effect = authorize(directory, one).effect
            assert evaluate_in(directory, one).effect == effect
        except UnknownPrincipal:
            assert unique_id in roots
            assert not is_there(directory.mode(unique_id))
            continue
        if effect in ("allow", "conditional"):
            found[unique_id] = effect
    return found


def ever_at(found: Ever, at: datetime) -> Lists:
    every = (*found.allowed, *found.conditional, *found.unknown)
    return {
        holder.unique_id: "allow" if each.how == "allowed" else "conditional"
        for holder in every if not holder.is_outsider and holder.unique_id
        for each in holder.periods if each.begin <= at < each.end
    }  # fmt: skip


@settings(max_examples=examples(60, each_run=20), deadline=None)
@given(st.integers(0, 2**48))
def test_every_instant_lists_whom_can_lets(seed: int) -> None:
    chance = random.Random(seed)
    rows = with_modes(log_of_story(*richer_story(chance)).intervals(), chance)
    history, columns = IntervalHistory(rows), history_of(rows, chance)
    roots = {key[0]: f"arn:aws:iam::{key[0]}:root" for key in history.of_kind("account") if key[0].isdigit()}
    action, resource = chance.choice(ASKED)
    request = Request(
        principal="", action=action, resource=resource, mode=chance.choice(("discover", "strict")),
        resource_account=chance.choice((None, None, ACCOUNT)),
    )  # fmt: skip
    found = ever(
        history, action, resource, BEFORE, FOREVER, mode=request.mode, resource_account=request.resource_account
    )
    spans = {
        unique_id: timeline(
            history, root, action, resource, BEFORE, FOREVER, mode=request.mode,
            resource_account=request.resource_account,
        ).spans
        for unique_id, root in roots.items()
    }  # fmt: skip
    for at in sorted({near for each in instants_of(rows) for near in (each - TICK, each) if each > BEFORE + TICK}):
        view = directory_at(history, at)
        whole = Directory.from_facts(view.facts(), 0, at)
        expected = of_each(whole, request, roots)
        over_columns = DirectoryView(ColumnFacts(columns, at), 1, at)
        assert who(view, request) == who(whole, request) == who(over_columns, request) == expected, (at, request)
        assert ever_at(found, at) == expected, (at, request)
        for unique_id, root in spans.items():
            [span] = [each for each in root if each.begin <= at < each.end]
            effect = span.decision.effect if span.decision is not None else ""
            assert (effect if effect in ("allow", "conditional") else None) == expected.get(unique_id), (at, request)
