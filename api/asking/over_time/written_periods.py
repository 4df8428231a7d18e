"""Who could at any time of a window, as JSON at once: what `holders_json` tells, without dictionaries in between.

Serves the row "ever over a year" of `make bench-history`."""

from __future__ import annotations

from datetime import datetime

import msgspec
import orjson

from erstwhile.domain.history.ever import Ever
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER


class _Span(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    begin: datetime | None
    end: datetime | None
    how: str


class _Who(msgspec.Struct):
    answer: str
    principal: str
    kind: str
    account: str
    unique_id: str
    is_outsider: bool
    periods: list[_Span]
    allowed_seconds: float


def holders_written(found: Ever) -> orjson.Fragment:
    """All principals, as a list."""
    told = [
        _Who(
            name, each.principal, each.kind, each.account, each.unique_id, each.is_outsider,
            [_Span(_instant(period.begin), _instant(period.end), period.how) for period in each.periods],
            each.total().total_seconds(),
        )
        for name in ("allowed", "conditional", "unknown")
        for each in getattr(found, name)
    ]  # fmt: skip
    return orjson.Fragment(msgspec.json.encode(told))


def _instant(at: datetime) -> datetime | None:
    """None for "before all records" and "for ever"."""
    return None if at in (BEFORE, FOREVER) else at
