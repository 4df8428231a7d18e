"""The account of `benchmarks/reach.py` as events of three years: its principals are made within two months, and from
then on users change groups, trusts are rewritten, and roles get and lose policies that open paths to administrator."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.company import BEGIN, END
from benchmarks.reach import ACCOUNT as FROM
from benchmarks.reach import TEAMS, Account, allow, document
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.policies import (
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundarySet,
    PolicyCreated,
)
from erstwhile.domain.events.principals import (
    GroupCreated,
    GroupMemberAdded,
    GroupMemberRemoved,
    RoleCreated,
    TrustPolicyUpdated,
    UserCreated,
)
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.sql import Connection

ACCOUNT = "777788889999"
SETTLED = BEGIN + timedelta(days=61)
"""From then on all principals are there."""
_BATCH = 5_000
_OPENING = (
    allow("sts:AssumeRole"), allow(["iam:PassRole", "lambda:*", "ec2:*"]),
    allow("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/role-*0"),
)  # fmt: skip


def write_paths(connection: Connection, principals: int) -> None:
    """Appends the events of an account with so many principals."""
    log = EventLog.within(connection)
    happened = sorted(_happened(principals), key=lambda each: each[0])
    for begin in range(0, len(happened), _BATCH):
        events = tuple(
            NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body, occurred_at=at, source="cloudtrail")
            for at, body in happened[begin : begin + _BATCH]
        )
        with connection.transaction():
            log.append_batch([Append(events)])


def _happened(principals: int) -> Iterator[tuple[datetime, Body]]:
    chance = random.Random(principals)
    yield BEGIN, AccountRegistered(mode="observed")
    intervals = Account(principals).intervals
    trusts = {row.entity: row.value["document"] for row in intervals if row.attribute == "trust"}
    names = {row[1:3]: Ref(row.kind, row.value["name"], row.entity) for row in intervals if row.attribute == "entity"}
    born: dict[str, datetime] = {}
    groups = {row.entity: row.item for row in intervals if row.attribute == "member_of"}
    for row in intervals:
        if row.attribute == "entity":
            is_principal = row.kind in ("user", "role")
            born[row.entity] = BEGIN + timedelta(minutes=chance.randrange(2_000, 86_000) if is_principal else 1)
        body = _beginning(row, names, trusts)
        if body is not None:
            yield born[row.entity] + timedelta(seconds=0 if row.attribute == "entity" else 1), body
    yield from _changes(chance, principals, names, groups)


def _beginning(row: Interval, names: dict[tuple[str, str], Ref], trusts: dict[str, str]) -> Body | None:
    """What happened so that a fact is there."""
    if row.kind == "account":
        return None
    subject, value = names[row[1:3]], {key: str(each).replace(FROM, ACCOUNT) for key, each in row.value.items()}
    match row.attribute, row.kind:
        case "entity", "user":
            return UserCreated(subject=subject, arn=value["arn"])
        case "entity", "group":
            return GroupCreated(subject=subject, arn=value["arn"])
        case "entity", "role":
            trust = trusts[row.entity].replace(FROM, ACCOUNT)
            return RoleCreated(subject=subject, arn=value["arn"], trust_policy=trust)
        case "version", _:
            arn = f"arn:aws:iam::{ACCOUNT}:policy/{subject.name}"
            return PolicyCreated(subject=subject, arn=arn, document=value["document"])
        case "inline", _:
            return InlinePolicyPut(subject=subject, policy_name=row.item, document=value["document"])
        case "member_of", _:
            return GroupMemberAdded(subject=subject, group=names["group", row.item])
        case "boundary", _:
            return PermissionsBoundarySet(subject=subject, policy_arn=value["policy"])
    return None


def _changes(
    chance: random.Random, principals: int, names: dict[tuple[str, str], Ref], groups: dict[str, str]
) -> Iterator[tuple[datetime, Body]]:
    """One for each principal, in the order of time."""
    users = [ref for (kind, _), ref in names.items() if kind == "user"]
    roles = [ref for (kind, _), ref in names.items() if kind == "role"]
    span = (END - SETTLED).total_seconds() - 30 * 86_400
    for second in sorted(chance.random() * span for _ in range(principals)):
        at = SETTLED + timedelta(seconds=int(second))
        user, role = chance.choice(users), chance.choice(roles)
        if chance.random() < 0.5:
            new = f"AGPA-team-{chance.randrange(TEAMS)}"
            if groups[user.id] != new and groups[user.id].startswith("AGPA-team"):
                yield at, GroupMemberRemoved(subject=user, group=names["group", groups[user.id]])
                yield at + timedelta(seconds=1), GroupMemberAdded(subject=user, group=names["group", new])
                groups[user.id] = new
        elif chance.random() < 0.7:
            trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            yield at, TrustPolicyUpdated(subject=role, document=document(trust))
        else:
            # It is there for two weeks.
            text = document(chance.choice(_OPENING))
            yield at, InlinePolicyPut(subject=role, policy_name="opening", document=text)
            yield at + timedelta(days=14), InlinePolicyDeleted(subject=role, policy_name="opening")
