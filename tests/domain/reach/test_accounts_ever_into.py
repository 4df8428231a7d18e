"""Whose changes bear on the paths to an account's administrators: those of accounts that its roles trust."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.attestation.attest import Attestation, attest
from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.conditions import escalation
from erstwhile.domain.attestation.conditions.escalation import EscalationWithin
from erstwhile.domain.events import Body
from erstwhile.domain.events.principals import RoleCreated
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.reach.accounts_into import EverInto
from erstwhile.domain.reach.states import states
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.documents import allow
from tests.support.examples import examples
from tests.support.records import ACCOUNT
from tests.support.stories import (
    NOON,
    Told,
    arn,
    created,
    history_of,
    inline,
    inline_deleted,
    log_of_story,
    role,
    second,
    user,
)

OTHER, THIRD = "444455556666", "777788889999"
OPS, EVE = role("ops"), user("eve")
CI, BUILD = role("ci"), role("build")
END = 1_000


def trusting(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def story(*told: Told) -> IntervalHistory:
    return history_of(log_of_story(*sorted(told, key=lambda each: each[0])))


def others(account: str, changes: int) -> list[Told]:
    """Changes of one account's role."""
    born: Told = (-9, made(CI, account, trusting({"AWS": account})), account)
    return [born, *((10 + each, inline(CI, allow(f"s3:Get{each}")), account) for each in range(changes))]


def ops(trust: str) -> list[Told]:
    return [(-10, created(OPS, trust)), (-10, inline(OPS, allow("*")))]


def attested(history: IntervalHistory, progress: list[tuple[int, int]] | None = None) -> Attestation:
    ground = Ground(
        history=history, begin=NOON, end=second(END), accounts=frozenset((ACCOUNT,)),
        progress=lambda done, in_all: None if progress is None else progress.append((done, in_all)),
    )  # fmt: skip
    return attest(ground, [EscalationWithin()])


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (trusting({"Service": "ec2.amazonaws.com"}), {ACCOUNT}),
        (trusting({"AWS": f"arn:aws:iam::{OTHER}:role/ci"}), {ACCOUNT, OTHER, THIRD}),
        (trusting({"AWS": [THIRD]}), {ACCOUNT, THIRD}),
        (trusting("*"), None),
        (trusting({"AWS": "AROACI1"}), None),
        ('{"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "444455556666"}, "Action": "*"}]}', None),
        ("no JSON", {ACCOUNT}),
    ],
)
def test_accounts_that_are_let_in(trust: str, expected: set[str] | None) -> None:
    of_other: Told = (-10, created(BUILD, trusting({"AWS": f"arn:aws:iam::{THIRD}:root"})), OTHER)
    assert EverInto(story(*ops(trust), of_other)).accounts_into(ACCOUNT) == (expected and frozenset(expected))


def test_changes_of_accounts_that_nobody_lets_in_are_no_states() -> None:
    history = story(
        *ops(trusting({"Service": "ec2.amazonaws.com"})), (5, inline(OPS, allow("s3:*"))), *others(OTHER, 50)
    )
    assert len(states(history, NOON, second(END))) > 50
    done: list[tuple[int, int]] = []
    attested(history, done)
    assert done == [(1, 2), (2, 2)]


def test_many_states_of_a_small_account_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalation, "MOST_STATES", 5)
    told = [*ops(trusting({"AWS": ACCOUNT})), *((each, inline(EVE, allow(f"s3:Get{each}"))) for each in range(1, 21))]
    history = story((-10, created(EVE)), *told)
    done: list[tuple[int, int]] = []
    attested(history, done)
    assert done[-1] == (21, 21)
    monkeypatch.setattr(escalation, "MOST_EFFORT", 20)
    with pytest.raises(TooMuch, match=r"21 changes .* has 2 users and roles: .* about 0 hours; ask about a shorter"):
        attested(history)


@settings(max_examples=examples(200, 10), deadline=None)
@given(st.integers(0, 2**48))
def test_what_others_do_who_are_not_let_in_changes_nothing(seed: int) -> None:
    """The attestation over the states of some accounts is that over all states."""
    chance = Random(seed)
    trusts = [trusting({"AWS": each}) for each in (OTHER, f"arn:aws:iam::{OTHER}:role/ci", ACCOUNT, THIRD)]
    told: list[Told] = [(-10, created(EVE)), *ops(chance.choice(trusts))]
    for account in (OTHER, THIRD):
        told += [(-10, made(each, account, chance.choice(trusts)), account) for each in (CI, BUILD)]
    documents = [allow("*"), allow("sts:AssumeRole"), allow("s3:*"), allow("iam:PutRolePolicy")]
    for number in range(1, 12):
        who, account = chance.choice(((EVE, ACCOUNT), (OPS, ACCOUNT), (CI, OTHER), (BUILD, OTHER), (CI, THIRD)))
        change = inline_deleted(who) if chance.random() < 0.3 else inline(who, chance.choice(documents))
        told.append((number, change, account))
    history = story(*told)
    some = attested(history)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EverInto, "accounts_into", lambda *_: None)
        assert attested(history) == some
    assert all(each.end - each.begin > timedelta(0) for each in some.lapses)


def made(who: Ref, account: str, trust: str) -> Body:
    return RoleCreated(subject=who, arn=arn(f"role/{who.name}", account), trust_policy=trust)
