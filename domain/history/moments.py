"""Step from change to change of all that concerns a principal, group, policy, resource or account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import bearers
from erstwhile.domain.history.concerns import Concern, concerns
from erstwhile.domain.history.fact_changes import FactChange, changes_of, told_in_order
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import touches


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An instant at which something changed, with each fact before and after it. At `BEFORE` stands what was there
    before all records."""

    at: datetime
    changes: tuple[FactChange, ...]


def moments(history: FactHistory, what: str | EntityKey, begin: datetime, end: datetime) -> tuple[Step, ...]:
    """The steps in [begin, end), the earliest first: of an entity, or of whoever had an ARN at some instant.

    A group counts while the principal is in it, a policy while it is attached to the principal or to such a group, or
    bounds it. Raises ValueError for a window that ends before it begins."""
    if begin >= end:
        raise ValueError("the window ends before it begins")
    keys = [bearer.key for bearer in bearers(history, what)] if isinstance(what, str) else [what]
    principals = frozenset(key for key in keys if key[1] in ("user", "role"))
    return _steps((each for key in dict.fromkeys(keys) for each in concerns(history, key)), principals, begin, end)


def _steps(
    found: Iterable[Concern], principals: frozenset[EntityKey], begin: datetime, end: datetime
) -> tuple[Step, ...]:
    by_instant: dict[datetime, dict[tuple[object, ...], FactChange]] = {}
    for concern in found:
        for instant, changes in changes_of(concern.intervals, principals, begin, end).items():
            if touches(concern.windows, instant):
                at = by_instant.setdefault(instant, {})
                for each in changes:
                    # Two groups may have the same policy: its change is told once.
                    at[each.key, each.attribute, each.item, each.position, each.after is None] = each
    return tuple(
        Step(at=instant, changes=told_in_order(by_instant[instant].values())) for instant in sorted(by_instant)
    )
