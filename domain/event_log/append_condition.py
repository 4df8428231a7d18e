"""The condition of an append: which later events would make a decision void."""

from __future__ import annotations

import msgspec


class QueryItem(msgspec.Struct, frozen=True):
    """Matches an event of one of `types` (of any, if empty) that carries all `tags`. As the library's `DCBQueryItem`,
    but hashable: a decision's items are made once and shared."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Condition(msgspec.Struct, frozen=True):
    """Fails when an event after position `after` matches any of the items."""

    items: tuple[QueryItem, ...]
    after: int
