"""Users have their permissions by groups alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import FactCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval


class OnlyThroughGroups(FactCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.13: no user has a policy of its own or one that is attached to it."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.ATTACHED, attributes.INLINE, attributes.COVERAGE))

    def words(self) -> str:
        return "users have policies through groups alone"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [key for key in ground.holding(*sorted(self.attributes)) if key[1] == "user"]

    def of_fact(self, fact: Interval) -> Judgement | None:
        if fact.attribute == attributes.COVERAGE:
            return Judgement("", "unknown", "its policies were never seen")
        if fact.attribute == attributes.ATTACHED:
            return Judgement(fact.item, "broken", "the policy is attached to the user itself")
        return Judgement(fact.item, "broken", "it is a policy of the user's own")


class PolicyNotAttached(FactCondition, frozen=True, kw_only=True):
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

    def of_fact(self, fact: Interval) -> Judgement | None:
        return (
            Judgement("", "broken", f"the policy {self.policy} is attached to it") if fact.item == self.policy else None
        )
