"""Who would gain and lose what if changes were made at an instant that nobody made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.supposed import SupposedHistory


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """`difference`: its `events` are positions from `first` on, one a change in the order of the question."""

    instant: datetime
    known_at: int
    first: int
    difference: Diff

    def changes_of(self, events: Sequence[int]) -> list[int]:
        """The changes behind events of the difference, counted from 0."""
        return [each - self.first for each in events]


def what_if(
    history: FactHistory,
    instant: datetime,
    changes: Sequence[AnyChange],
    *,
    principal: str | None = None,
    account: str | None = None,
    resource: str | None = None,
    few: int | None = None,
) -> WhatIf:
    """The effective permissions at an instant against those right after all of these changes, each made in what those
    before it left; of one principal, those of an account, or all, with outsiders whom changed policies name; on one
    resource, or on all.

    Raises ImpossibleChange for a change that IAM would refuse; MalformedArn, UnknownPrincipal, TooManyParts, TooMuch
    and, with `few`, ManyConcerned as `diff` does."""
    supposed = SupposedHistory(history, instant, changes)
    difference = diff(
        supposed, supposed.made_at - TICK, supposed.made_at, principal=principal, account=account, resource=resource,
        few=few,
    )  # fmt: skip
    return WhatIf(instant=instant, known_at=history.known_at, first=history.known_at + 1, difference=difference)
