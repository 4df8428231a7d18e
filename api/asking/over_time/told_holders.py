"""Who could at any time of a window, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.api.asking.over_time.spans import instant
from erstwhile.domain.history.ever import Ever, Holder


def holders_json(found: Ever) -> Iterator[dict[str, Any]]:
    """Each principal with the periods in which it could, and for how many seconds in all it was allowed."""
    for name in ("allowed", "conditional", "unknown"):
        for each in getattr(found, name):
            yield _holder(each, name)


def _holder(each: Holder, name: str) -> dict[str, Any]:
    return {"answer": name, **who_json(each), "allowed_seconds": each.total().total_seconds()}


def who_json(each: Holder) -> dict[str, Any]:
    """Who it is, and the periods in which it could."""
    return {
        "principal": each.principal,
        "kind": each.kind,
        "account": each.account,
        "unique_id": each.unique_id,
        "is_outsider": each.is_outsider,
        "periods": [
            {"from": instant(period.begin), "to": instant(period.end), "how": period.how} for period in each.periods
        ],
    }
