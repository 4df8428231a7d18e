"""Recorded calls that succeeded, as they can be decided about again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from erstwhile.domain.vocabulary.context_values import ContextValues


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that succeeded. `resources`: the ARNs that its record names; `*` where it names none. `key`: what the
    caller knows it by."""

    key: str
    at: datetime
    principal: str
    action: str
    resources: tuple[str, ...]
    account: str
    context: ContextValues = {}


class PassedCalls(msgspec.Struct, frozen=True):
    """Calls of one principal that succeeded, and that the changes cannot concern: `Wanted` leaves them out."""

    principal: str
    instants: list[datetime]


class Wanted(Protocol):
    """Which calls are looked at. `context`: some of a call's condition keys; those that are not there may have any
    values."""

    def speaks_of(self, action: str) -> bool:
        """Whether some call of an action is wanted."""

    def may_concern(self, principal: str, action: str, context: ContextValues) -> bool:
        """Whether a call is, on some resource."""

    def words_of(self, action: str) -> tuple[bytes, ...] | None:
        """Texts one of which stands in each record of a call of an action that is wanted, where a record has no
        backslash; None where nothing is known of that."""

    def bears_on(self, principal: str, action: str, resources: Iterable[str], context: ContextValues) -> bool:
        """Whether a call on these resources is."""
