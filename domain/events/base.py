"""What every event body has in common."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, ClassVar

import msgspec

from erstwhile.domain.events.concerns import no_references, of_account
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot


class Rank(IntEnum):
    """What to try first among the events of one instant."""

    CREATE = 0
    MODIFY = 1
    DETACH = 2
    DELETE = 3
    LISTING = 4
    """What a listing of the whole found: last."""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What happened. Immutable; fields are JSON types, documents are strings exactly as given.

    Each event's class says the following of itself; `registry` refuses one that does not. The functions are compiled,
    so they are no methods: call them by the class, as `type(body).slot(account, body)`.
    """

    rank: ClassVar[Rank]
    slot: ClassVar[Callable[[str, Any], Slot]]
    """(account, body) → the slot of the entity that the event is about."""
    references: ClassVar[Callable[[str, Any], list[Ref]]]
    """(account, body) → the entities that the event names beside its subject."""
    targets: ClassVar[tuple[str, ...]]
    """The fields by which the audit trail finds the event: the SQL function event_targets() reads the same ones."""


class TrailBody(Body, frozen=True, kw_only=True):
    """An event of the audit trail alone: it changes no state, and the log finds it by no slot."""

    rank = Rank.MODIFY
    slot = of_account
    references = no_references
