"""The life of one principal of `benchmarks/company.py`: one lawful change after another."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.world import TEAMS
from erstwhile.domain.events import Body
from erstwhile.domain.events.credentials import AccessKeyCreated, AccessKeyDeleted
from erstwhile.domain.events.policies import (
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyDetached,
)
from erstwhile.domain.events.principals import (
    GroupMemberAdded,
    GroupMemberRemoved,
    PrincipalSeen,
    RoleCreated,
    Tagged,
    TrustPolicyUpdated,
    UserCreated,
)
from erstwhile.domain.vocabulary.identifiers import Ref

NEVER_CREATED = 97
"""Of so many principals, one of the observed account was seen acting, and its creation was not: what policies it has
is unknown."""


class Life:
    """`number`: of the principal in its company; `groups` and `policies`: how many its account has."""

    def __init__(
        self, account: str, is_observed: bool, kind: str, name: str, number: int, groups: int, policies: int
    ) -> None:
        self._account, self._number = account, number
        self._is_never_created = is_observed and number % NEVER_CREATED == 0
        self._groups, self._policies = groups, policies
        letters = "AIDA" if kind == "user" else "AROA"
        self.subject = Ref(kind, name, f"{letters}{number:016d}")
        self._is_there = self._is_bounded = False
        self._in: list[int] = []
        self._has: list[str] = []
        self._inline: list[str] = []
        self._keys: list[str] = []
        self._made = 0

    def next(self, chance: random.Random) -> Body:
        """What happens to it next."""
        if not self._is_there:
            self._is_there = True
            return self._beginning()
        steps: list[Callable[[random.Random], Body]] = [self._attachment, self._attachment, self._document, self._tag]
        steps += [self._membership, self._membership, self._membership, self._key]
        if self.subject.kind == "role":
            steps[4:] = [self._attachment, self._trust]
        if self._number % 10 == 3:
            steps.append(self._boundary)
        return chance.choice(steps)(chance)

    def _arn(self) -> str:
        return f"arn:aws:iam::{self._account}:{self.subject.kind}/{self.subject.name}"

    def _beginning(self) -> Body:
        arn = self._arn()
        if self._is_never_created:
            return PrincipalSeen(principal=self.subject, arn=arn)
        if self.subject.kind == "user":
            return UserCreated(subject=self.subject, arn=arn, tags={"team": TEAMS[self._number % len(TEAMS)]})
        return RoleCreated(subject=self.subject, arn=arn, trust_policy=self._trusting("ec2"))

    def _trusting(self, service: str) -> str:
        return (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'
            + service
            + '.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
        )

    def _trust(self, chance: random.Random) -> Body:
        return TrustPolicyUpdated(
            subject=self.subject, document=self._trusting(chance.choice(("ec2", "lambda", "ecs")))
        )

    def _attachment(self, chance: random.Random) -> Body:
        if self._has and (len(self._has) > 2 or chance.random() < 0.4):
            return PolicyDetached(subject=self.subject, policy_arn=self._has.pop(chance.randrange(len(self._has))))
        arn = f"arn:aws:iam::{self._account}:policy/p{chance.randrange(self._policies)}"
        if chance.random() < 0.1:
            arn = f"arn:aws:iam::aws:policy/Shipped{chance.randrange(11)}"  # the eleventh was never seen
        if arn not in self._has:
            self._has.append(arn)
        return PolicyAttached(subject=self.subject, policy_arn=arn)

    def _membership(self, chance: random.Random) -> Body:
        if self._in and (len(self._in) > 2 or chance.random() < 0.4):
            left = self._group(self._in.pop(chance.randrange(len(self._in))))
            return GroupMemberRemoved(subject=self.subject, group=left)
        number = chance.randrange(self._groups)
        if number not in self._in:
            self._in.append(number)
        return GroupMemberAdded(subject=self.subject, group=self._group(number))

    def _group(self, number: int) -> Ref:
        return Ref("group", f"g{number}", f"AGPA{self._account}{number}")

    def _document(self, chance: random.Random) -> Body:
        if self._inline and chance.random() < 0.5:
            return InlinePolicyDeleted(subject=self.subject, policy_name=self._inline.pop())
        name = f"i{len(self._inline)}"
        self._inline.append(name)
        bucket = chance.randrange(40)
        document = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket-'
            f'{bucket}/*"}}]}}'
        )
        return InlinePolicyPut(subject=self.subject, policy_name=name, document=document)

    def _tag(self, chance: random.Random) -> Body:
        return Tagged(subject=self.subject, tags={"team": chance.choice(TEAMS)})

    def _key(self, chance: random.Random) -> Body:
        if self._keys and (len(self._keys) > 1 or chance.random() < 0.5):
            return AccessKeyDeleted(subject=self.subject, access_key_id=self._keys.pop(0))
        self._made += 1
        self._keys.append(f"AKIA{self._number:012d}{self._made:04d}")
        return AccessKeyCreated(subject=self.subject, access_key_id=self._keys[-1])

    def _boundary(self, chance: random.Random) -> Body:
        self._is_bounded = not self._is_bounded
        if not self._is_bounded:
            return PermissionsBoundaryRemoved(subject=self.subject)
        arn = f"arn:aws:iam::{self._account}:policy/p{chance.randrange(self._policies)}"
        return PermissionsBoundarySet(subject=self.subject, policy_arn=arn)
