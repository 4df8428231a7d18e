"""The law of late events that merely name something: what is not folded anew for them would have come out the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import (
    PolicyAttached,
    PolicyCreated,
    PolicyDeleted,
    PolicyDetached,
    PolicyListed,
    PolicyVersionCreated,
)
from erstwhile.domain.events.principals import (
    EntityListed,
    GroupCreated,
    GroupDeleted,
    GroupMemberAdded,
    GroupMemberRemoved,
    GroupRenamed,
    UserCreated,
    UserDeleted,
)
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT

BEGIN = datetime(2026, 3, 3, 12, tzinfo=UTC)
IDS = {"user": "AIDA", "group": "AGPA", "policy": "ANPA"}


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def ref(chance: random.Random, kind: str) -> Ref:
    """Of some names, with the id of one of two bearers, or without one."""
    name = chance.choice("ab" if kind == "user" else "AB")
    return Ref(kind, name, chance.choice(("", "", f"{IDS[kind]}{name}1", f"{IDS[kind]}{name}2")))


def body(chance: random.Random) -> Body:
    user, group, policy = ref(chance, "user"), ref(chance, "group"), ref(chance, "policy")
    its_arn = arn(policy.name)
    date = format_instant(BEGIN + timedelta(seconds=chance.randrange(-5, 30))) if chance.random() < 0.7 else ""
    return chance.choice(
        [
            UserCreated(subject=user), UserDeleted(subject=user), GroupCreated(subject=group),
            GroupDeleted(subject=group), GroupRenamed(subject=group, new_name=chance.choice("ABC")),
            PolicyCreated(subject=policy, arn=its_arn, document="{}"), PolicyDeleted(subject=policy, arn=its_arn),
            PolicyVersionCreated(subject=policy, arn=its_arn, version_id="v2", document="{}", is_default=True),
            *[PolicyAttached(subject=chance.choice((user, group)), policy_arn=its_arn)] * 4,
            *[GroupMemberAdded(subject=user, group=group)] * 4, GroupMemberRemoved(subject=user, group=group),
            PolicyDetached(subject=user, policy_arn=its_arn),
            EntityListed(subject=user, groups=[group.name], attached=[its_arn], created_at=date),
            EntityListed(subject=group, attached=[its_arn], created_at=date),
            PolicyListed(subject=policy, arn=its_arn, created_at=date),
            SnapshotTaken(sha256="", complete=chance.random() < 0.5, baseline=True, entities=1),
        ]
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((6, 15, 30)), st.sampled_from((4, 20, 200)))
def test_what_is_not_folded_anew_would_have_come_out_the_same(seed: int, length: int, seconds: int) -> None:
    chance = random.Random(seed)
    whole, ours = MemoryLog(folds_all=True), MemoryLog()
    for number in range(length):
        happened, at = body(chance), BEGIN + timedelta(seconds=chance.randrange(seconds))
        for log in (whole, ours):
            log.append(ACCOUNT, happened, at, str(number))
        assert ours.state() == whole.state(), (number, happened)
        assert sorted(map(repr, ours.intervals())) == sorted(map(repr, whole.intervals())), (number, happened)
        assert ours.engine.directory.position == whole.engine.directory.position


def test_a_late_attachment_folds_its_user_alone() -> None:
    """And a late member the group no more than an attachment the policy."""
    log = MemoryLog()
    log.append(ACCOUNT, PolicyCreated(subject=Ref("policy", "A"), arn=arn("A"), document="{}"), BEGIN)
    log.append(ACCOUNT, GroupCreated(subject=Ref("group", "B", "AGPAB1")), BEGIN)
    for number in range(9):
        user, at = Ref("user", f"u{number}", f"AIDAu{number}"), BEGIN + timedelta(minutes=1 + number)
        log.append(ACCOUNT, UserCreated(subject=user), at)
        log.append(ACCOUNT, PolicyAttached(subject=user, policy_arn=arn("A")), at + timedelta(seconds=1))
        log.append(ACCOUNT, GroupMemberAdded(subject=user, group=Ref("group", "B")), at + timedelta(seconds=2))
    folded = log.folded
    late = BEGIN + timedelta(minutes=1, milliseconds=500)
    log.append(ACCOUNT, PolicyAttached(subject=Ref("user", "u0"), policy_arn=arn("A")), late)
    log.append(ACCOUNT, GroupMemberAdded(subject=Ref("user", "u0"), group=Ref("group", "B")), late)
    assert log.folded - folded == 2
