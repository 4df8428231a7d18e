"""Facts: the parts of the state. A fact is one value that holds for one entity during some time."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.vocabulary.bounded import Bounded

Value = dict[str, Any]
"""A fact's value: a JSON object; empty for a fact that only says that something exists."""

NOTHING: Value = {}
"""The empty value, which millions of facts share. Values are never changed in place."""

_TAGS: dict[str, Value] = {}
_MOST_TAGS = 4_096


def document_value(document: str | None, principals: dict[str, str] | None) -> Value:
    """The value of a trust or resource policy. `principals` maps ARN to unique id of the principals that the document
    names; None leaves them out."""
    return {"document": document} if principals is None else {"document": document, "principals": principals}


def credential_value(status: str, attributes: dict[str, str]) -> Value:
    """The value of a certificate, SSH key or service-specific credential."""
    return {"status": status, "attributes": attributes} if attributes else {"status": status}


def tag_value(text: str) -> Value:
    """The value of a tag. Entities with equal tags share one object, to save memory."""
    value = _TAGS.get(text)
    if value is None:
        value = {"value": text}
        if len(_TAGS) < _MOST_TAGS:
            _TAGS[text] = value
    return value


EntityKey = tuple[str, str, str]
"""(account, kind, unique id)"""
IAM_KINDS = frozenset(("user", "group", "role", "policy", "instance-profile"))
"""Kinds of entities whose ARN is made of account, path and name."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A value, since when it holds, and the log position of the event that set it."""

    value: Value
    since: datetime
    opened_by: int


MOST_FOUND = 200
"""Things made of the same facts that are kept."""


class KeptFacts(dict[str, dict[str, Fact]]):
    """Facts of an entity, by attribute and item, that many instants share, and that nobody changes. `found`: what was
    made of them alone, each as a tuple of one; not all is kept, for an organisation may have thousands of accounts."""

    __slots__ = ("found",)

    def __init__(self, facts: dict[str, dict[str, Fact]]) -> None:
        super().__init__(facts)
        self.found: Bounded[Hashable, tuple[Any]] = Bounded(MOST_FOUND)


class Change(NamedTuple):
    """The begin, change or end of one fact by an event. `before` is None for a new fact, `after` for one that ends."""

    account: str
    kind: str
    entity: str
    attribute: str
    item: str
    before: Fact | None
    after: Value | None
    at: datetime
    position: int


def is_kept(attribute: str, begin: datetime, end: datetime) -> bool:
    """Whether an interval becomes a row of history. Facts of zero duration are dropped, except that an entity existed:
    an entity that was created and deleted within one second of CloudTrail must stay known, because later records name
    it."""
    return begin < end or attribute == attributes.ENTITY


class Interval(NamedTuple):
    """A fact as a row of history: true in [valid_from, valid_to)."""

    account: str
    kind: str
    entity: str
    attribute: str
    item: str
    value: Value
    valid_from: datetime
    valid_to: datetime
    opened_by: int
    closed_by: int | None


def in_order(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals of one entity in the order of the events that opened them. It does not depend on how they are kept:
    an answer that is given once can be given again, byte for byte."""
    return sorted(intervals, key=lambda each: (each.opened_by, each.attribute, each.item, each.valid_from))


def is_vpc_endpoint(key: EntityKey) -> bool:
    """By its unique id, which is the ARN of a resource."""
    return key[1] == "resource" and ":vpc-endpoint/" in key[2]


def is_of_service(key: EntityKey, service: str) -> bool:
    """Whether a resource is one of a service, by its unique id, which is its ARN."""
    return key[2].split(":", 3)[2:3] == [service]
