"""Query items: how a decision says which later events would make it void."""

from __future__ import annotations

import msgspec


class QueryItem(msgspec.Struct, frozen=True):
    """Matches an event of one of `types` (of any, if empty) that carries all `tags`."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
