"""A company of three years, as events: what `benchmarks/history.py` asks about.

Half of the principals stand in a governed account, whose events occur in the order of the log; half in an observed one,
whose records come in files of three days each, one in a hundred up to two months late. A twentieth of all events change
policies (new versions, versions rolled back) and what groups have; a few change guardrails and buckets' policies. The
others are the lives of principals: made, put into groups and taken out, given managed and inline policies, boundaries,
tags and keys.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from benchmarks import lives
from benchmarks.lives import Life
from benchmarks.world import statements
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDetached,
    OrganizationListed,
    OrganizationNode,
    OrganizationPolicy,
)
from erstwhile.domain.events.policies import (
    DefaultPolicyVersionSet,
    PolicyAttached,
    PolicyCreated,
    PolicyDetached,
    PolicyVersionCreated,
    PolicyVersionDeleted,
)
from erstwhile.domain.events.principals import GroupCreated, UserCreated
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref

GOVERNED, OBSERVED, ORGANIZATION = "111122223333", "444455556666", "999988887777"
ACCOUNTS = (GOVERNED, OBSERVED)
EDITION = 2
"""Counts up where the events become others: databases that were written before are not used then."""
BEGIN, END = datetime(2023, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
FILE = timedelta(days=3)
"""The time whose records come together in one file."""
ADMINISTRATORS = 20
"""Of each account: the actors of nearly all events."""
BUCKETS = 40
_MOST_VERSIONS = 5
_ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_LIMIT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["s3:DeleteObject", "sqs:PurgeQueue"], "Resource": "*"},
    ],
}


class Happened(NamedTuple):
    """An event, when it occurred, and when the log has it."""

    recorded: datetime
    occurred: datetime
    account: str
    body: Body


class Company:
    """`principals` who have `each` events; the same for the same numbers."""

    def __init__(self, principals: int, each: int) -> None:
        self.principals, self.events = principals, principals * each
        self.groups = min(2_000, max(10, principals // 10)) // 2
        self.policies = min(2_000, max(40, principals // 5)) // 2
        """Groups and policies of each account."""
        self._chance = random.Random(principals * 1_000 + each)
        self._has: dict[tuple[str, int], list[int]] = {}
        self._versions: dict[tuple[str, int], list[int]] = {}
        self._default: dict[tuple[str, int], int] = {}

    def name(self, number: int) -> str:
        return f"u{number}" if number % 5 else f"r{number}"

    def arn(self, number: int) -> str:
        """A principal's; every fifth is a role."""
        kind = "user" if number % 5 else "role"
        return f"arn:aws:iam::{self.account(number)}:{kind}/{self.name(number)}"

    def account(self, number: int) -> str:
        return ACCOUNTS[number // 5 % 2]

    def key(self, number: int) -> tuple[str, str, str]:
        """(account, kind, unique id)"""
        kind, letters = ("user", "AIDA") if number % 5 else ("role", "AROA")
        return self.account(number), kind, f"{letters}{number:016d}"

    def born(self, number: int) -> datetime:
        """When a principal was made: half of them within two months, the others at any time."""
        span = (END - BEGIN).total_seconds() - 86_400
        share = random.Random(number).random()
        return BEGIN + timedelta(seconds=86_400 + share * (span / 18 if number % 2 else span))

    def observed_user(self, chance: random.Random) -> int:
        """A user of the observed account that is made in the first two months, and never has a boundary."""
        while True:
            number = chance.randrange(self.principals)
            is_user = number % 5 and number % lives.NEVER_CREATED and number % 10 != 3
            if is_user and number % 2 and self.account(number) == OBSERVED:
                return number

    def happened(self) -> list[Happened]:
        """All events, in the order of the log."""
        found = list(self._beginning())
        changes = self.events // 20
        found += self._changes(changes)
        found += self._lives(self.events - len(found))
        found.sort(key=lambda each: (each.recorded, each.occurred))
        return found

    def _document(self, account: str) -> str:
        text = orjson.dumps({"Version": "2012-10-17", "Statement": statements(self._chance)}).decode()
        return text.replace(GOVERNED, account)

    def _arn(self, account: str, policy: int) -> str:
        return f"arn:aws:iam::{account}:policy/p{policy}"

    def _beginning(self) -> Iterator[Happened]:
        for body_account, mode in ((GOVERNED, "governed"), (OBSERVED, "observed"), (ORGANIZATION, "observed"),
                                   (AWS_MANAGED, "observed")):  # fmt: skip
            yield _at_begin(body_account, AccountRegistered(mode="governed" if mode == "governed" else "observed"))
        for number in range(10):
            arn = f"arn:aws:iam::aws:policy/Shipped{number}"
            subject = Ref("policy", f"Shipped{number}")
            yield _at_begin(
                AWS_MANAGED, PolicyCreated(subject=subject, arn=arn, document=self._document(GOVERNED)), minutes=0
            )
        yield _at_begin(ORGANIZATION, self._organization())
        for account in ACCOUNTS:
            yield from self._account(account)
        for number in range(BUCKETS):
            yield _at_begin(GOVERNED, self._bucket_policy(number), minutes=5)

    def _organization(self) -> OrganizationListed:
        nodes = [OrganizationNode("r-1", "root"), OrganizationNode("ou-1", "unit", "r-1", "work")]
        nodes += [OrganizationNode(account, "account", "ou-1", account) for account in ACCOUNTS]
        nodes.append(OrganizationNode(ORGANIZATION, "account", "r-1", "management"))
        everything, limit = orjson.dumps(_ADMIN).decode(), orjson.dumps(_LIMIT).decode()
        everywhere = ["r-1", "ou-1", *ACCOUNTS, ORGANIZATION]
        policies = [
            OrganizationPolicy("p-all", "SERVICE_CONTROL_POLICY", "all", everything, everywhere),
            OrganizationPolicy("p-limit", "SERVICE_CONTROL_POLICY", "limit", limit),
        ]
        return OrganizationListed(organization="o-1", management_account=ORGANIZATION, nodes=nodes, policies=policies)

    def _account(self, account: str) -> Iterator[Happened]:
        admin = Ref("policy", "admin", f"ANPAADMIN{account}")
        arn = f"arn:aws:iam::{account}:policy/admin"
        yield _at_begin(account, PolicyCreated(subject=admin, arn=arn, document=orjson.dumps(_ADMIN).decode()))
        for number in range(ADMINISTRATORS):
            user = administrator(account, number)
            yield _at_begin(account, UserCreated(subject=user, arn=f"arn:aws:iam::{account}:user/{user.name}"), 2)
            yield _at_begin(account, PolicyAttached(subject=user, policy_arn=arn), 3)
        for number in range(self.policies):
            subject = Ref("policy", f"p{number}", f"ANPA{account}{number}")
            body = PolicyCreated(subject=subject, arn=self._arn(account, number), document=self._document(account))
            yield _at_begin(account, body, 2)
            self._versions[account, number], self._default[account, number] = [1], 1
        for number in range(self.groups):
            group = group_of(account, number)
            yield _at_begin(account, GroupCreated(subject=group, arn=f"arn:aws:iam::{account}:group/{group.name}"), 2)
            self._has[account, number] = self._chance.sample(range(self.policies), 3)
            for policy in self._has[account, number]:
                yield _at_begin(account, PolicyAttached(subject=group, policy_arn=self._arn(account, policy)), 4)

    def _bucket_policy(self, number: int) -> ResourcePolicyPut:
        principal = {"AWS": f"arn:aws:iam::{OBSERVED}:root"}
        if self._chance.random() < 0.5:
            principal = {"AWS": f"arn:aws:iam::{GOVERNED}:user/admin-{self._chance.randrange(ADMINISTRATORS)}"}
        statement = {
            "Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": f"arn:aws:s3:::bucket-{number}/*",
        }  # fmt: skip
        document = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
        return ResourcePolicyPut(resource=f"arn:aws:s3:::bucket-{number}", document=document)

    def _instants(self, count: int) -> list[datetime]:
        """From the second day on, so that groups and policies are there."""
        span = (END - BEGIN).total_seconds() - 86_400
        return [
            BEGIN + timedelta(seconds=86_400 + second)
            for second in sorted(self._chance.random() * span for _ in range(count))
        ]

    def _changes(self, count: int) -> Iterator[Happened]:
        guardrails = 0
        for number, at in enumerate(self._instants(count)):
            account = ACCOUNTS[number % 2]
            if number % 500 == 250:
                guardrails += 1
                kind = GuardrailAttached if guardrails % 2 else GuardrailDetached
                yield self._delivered(ORGANIZATION, at, kind(policy="p-limit", target="ou-1"))
            elif number % 50 == 25:
                yield self._delivered(GOVERNED, at, self._bucket_policy(self._chance.randrange(BUCKETS)))
            elif number % 3 == 0:
                yield self._delivered(account, at, self._group_change(account))
            else:
                yield self._delivered(account, at, self._version_change(account))

    def _group_change(self, account: str) -> Body:
        number = self._chance.randrange(self.groups)
        has = self._has[account, number]
        if len(has) > 2:
            policy = has.pop(self._chance.randrange(len(has)))
            return PolicyDetached(subject=group_of(account, number), policy_arn=self._arn(account, policy))
        policy = self._chance.choice([each for each in range(self.policies) if each not in has])
        has.append(policy)
        return PolicyAttached(subject=group_of(account, number), policy_arn=self._arn(account, policy))

    def _version_change(self, account: str) -> Body:
        number = self._chance.randrange(self.policies)
        versions = self._versions[account, number]
        subject, arn = Ref("policy", f"p{number}", f"ANPA{account}{number}"), self._arn(account, number)
        if len(versions) == _MOST_VERSIONS:
            oldest = next(each for each in versions if each != self._default[account, number])
            versions.remove(oldest)
            return PolicyVersionDeleted(subject=subject, arn=arn, version_id=f"v{oldest}")
        if len(versions) > 1 and self._chance.random() < 0.2:
            self._default[account, number] = self._chance.choice(versions[:-1])
            back = f"v{self._default[account, number]}"
            return DefaultPolicyVersionSet(subject=subject, arn=arn, version_id=back)
        last = versions[-1] + 1
        versions.append(last)
        self._default[account, number] = last
        return PolicyVersionCreated(
            subject=subject, arn=arn, version_id=f"v{last}", document=self._document(account), is_default=True
        )

    def _lives(self, count: int) -> Iterator[Happened]:
        chance, end = self._chance, END.timestamp()
        steps: list[tuple[float, int]] = []
        base, more = divmod(count, self.principals)
        for number in range(self.principals):
            born = self.born(number).timestamp()
            steps.append((born, number))
            of_it = base + (number < more) - 1
            steps += [(born + chance.random() * (end - born), number) for _ in range(of_it)]
        steps.sort()
        known: dict[int, Life] = {}
        for second, number in steps:
            account = self.account(number)
            life = known.get(number)
            if life is None:
                kind, is_observed = self.key(number)[1], account == OBSERVED
                life = Life(account, is_observed, kind, self.name(number), number, self.groups, self.policies)
                known[number] = life
            yield self._delivered(account, datetime.fromtimestamp(second, UTC), life.next(chance))

    def _delivered(self, account: str, at: datetime, body: Body) -> Happened:
        if account == GOVERNED:
            return Happened(at, at, account, body)
        at = at.replace(microsecond=0)
        recorded = BEGIN + FILE * ((at - BEGIN) // FILE + 1)
        if self._chance.random() < 0.01:
            recorded += FILE * self._chance.randrange(1, 20)
        return Happened(recorded, at, account, body)


def _at_begin(account: str, body: Body, minutes: int = 1) -> Happened:
    at = BEGIN + timedelta(minutes=minutes)
    return Happened(at, at, account, body)


def administrator(account: str, number: int) -> Ref:
    return Ref("user", f"admin-{number}", f"AIDAADMIN{account}{number}")


def group_of(account: str, number: int) -> Ref:
    return Ref("group", f"g{number}", f"AGPA{account}{number}")
