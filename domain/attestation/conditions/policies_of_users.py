"""Users have their permissions by groups alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey


class OnlyThroughGroups(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.13: no user has a policy of its own or one that is attached to it."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.ATTACHED, attributes.INLINE, attributes.COVERAGE))

    def words(self) -> str:
        return "users have policies through groups alone"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [key for key in ground.holding(*sorted(self.attributes)) if key[1] == "user"]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if not entity.is_covered:
            yield Judgement("", "unknown", "its policies were never seen")
        for arn in entity.attached_policies:
            yield Judgement(arn, "broken", "the policy is attached to the user itself")
        for name in entity.inline_policies:
            yield Judgement(name, "broken", "it is a policy of the user's own")


class PolicyNotAttached(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.20: a managed policy is attached to nobody."""

    policy: str

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.ATTACHED,))

    def words(self) -> str:
        return f"the policy {self.policy} is attached to no user, group or role"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.policy not in set(ground.history.items_of(attributes.ATTACHED)) and not any(
            True for _ in ground.history.with_arn(self.policy)
        ):
            yield f"policy-not-attached: no record names a policy {self.policy}"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        for account in sorted(ground.accounts):
            yield from ground.history.holders(account, attributes.ATTACHED, self.policy)

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if self.policy in entity.attached_policies:
            yield Judgement("", "broken", f"the policy {self.policy} is attached to it")
