"""What questions over time read: the intervals of all facts, as known at one log position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.history.policy_line import PolicyLine

DOCUMENTS = (
    attributes.INLINE, attributes.VERSION, attributes.GUARDRAIL, attributes.POLICY, attributes.STATEMENT,
    attributes.TRUST,
)  # fmt: skip
"""The attributes whose values are policies, or statements of them."""


def may_have_words(value: Value, words: Iterable[str]) -> bool:
    """Whether a document may have one of some words, in lower case."""
    lowered = str(value.get("document") or value.get("statement") or "").lower()
    return "\\u" in lowered or any(word in lowered for word in words)


class FactHistory(Protocol):
    """The intervals of an entity are all that were believed at the position, in any order; an open one ends at FOREVER.

    An index names every entity that had the name, ARN, key or item at some instant, and may name others."""

    @property
    def known_at(self) -> int:
        """The log position."""

    def intervals_of(self, key: EntityKey) -> Sequence[Interval]: ...

    def intervals_within(self, key: EntityKey, begin: datetime, end: datetime) -> Sequence[Interval]:
        """Of the intervals of an entity, in their order, those that hold at some instant of [begin, end]; and perhaps
        others."""

    def intervals_with(self, key: EntityKey, names: frozenset[str]) -> Sequence[Interval]:
        """Of the intervals of an entity, in their order, those of some attributes; and perhaps others."""

    def policy_line(self, key: EntityKey) -> PolicyLine | None:
        """What a managed policy said over time, where that is known without its intervals."""

    def of_event(self, position: int) -> Sequence[Interval]:
        """The intervals that the event at a position opened or closed, of all entities."""

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        """The entities that ever had an ARN: those whose recorded ARN it was, and the users, groups, roles, policies
        and instance profiles of the account, kind and name (or unique id) that it tells."""

    def has_alone(self, key: EntityKey, arn: str) -> bool:
        """Whether `with_arn` finds one entity alone. `arn`: is on record of it, and ends in its name."""

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]: ...

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        """`name` in lower case."""

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        """The entities that there ever were of a kind; of an account alone, if it is given."""

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        """The entities that ever had an item of an attribute; for `boundary`, the item is the policy's ARN."""

    def having(self, attribute: str) -> Iterable[EntityKey]:
        """The entities that ever had an attribute."""

    def items_of(self, attribute: str) -> Iterable[str]:
        """The items that an attribute ever had, of all entities."""

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        """The resources that are VPC endpoints."""

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        """The secrets whose ARN, without the seven characters that end it, ever was this."""

    def kinds(self) -> Iterable[tuple[str, str]]:
        """Each account with each kind of entity that it ever had."""

    def changed(self, after: datetime, until: datetime, names: frozenset[str] | None = None) -> Iterable[EntityKey]:
        """The entities of which an interval begins or ends in (after, until], of one of some attributes; None for all.
        It may name others."""

    def facts_at(self, instant: datetime) -> FactSource:
        """The facts of an instant."""

    def documents_with(self, words: tuple[str, ...]) -> Iterable[Interval]:
        """All intervals of DOCUMENTS with one of some words (lower case) in their texts; it may name others."""

    def with_attribute(self, attribute: str) -> Iterable[Interval]:
        """All intervals of an attribute: of `version`, `inline`, … these are all documents that ever held."""
