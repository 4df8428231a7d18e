"""Facts: what the state is made of. One fact is one thing that is true of one entity for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

Value = dict[str, Any]
"""A fact's value: JSON. An empty object where the fact's being there says it all."""

NOTHING: Value = {}
"""The one empty value: millions of facts share it. Values are never changed."""

_TAGS: dict[str, Value] = {}
_MOST_TAGS = 4_096


def document_value(document: str | None, principals: dict[str, str] | None) -> Value:
    """The value of a policy that names principals: with those that it is bound to, where these were told."""
    return {"document": document} if principals is None else {"document": document, "principals": principals}


def tag_value(text: str) -> Value:
    """The value of a tag. Many entities have the same ones, and share them."""
    found = _TAGS.get(text)
    if found is None:
        found = {"value": text}
        if len(_TAGS) < _MOST_TAGS:
            _TAGS[text] = found
    return found


EntityKey = tuple[str, str, str]
"""(account, kind, unique id)"""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A value, since when it is so, and the position of the event that made it so."""

    value: Value
    since: datetime
    opened_by: int


class Change(NamedTuple):
    """One fact began, changed or ended at an instant, by an event. `after` is None when it ended."""

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
    """Whether an interval becomes a row. Facts that lasted no time are dropped; an entity that was created and
    deleted within one of CloudTrail's seconds is not: that it ended is known, and stragglers name it."""
    return begin < end or attribute == "entity"


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
