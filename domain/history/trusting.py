"""Which roles' trusts may name a principal, at any instant, from the intervals of all trusts: the roles need not be
read for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.policy.evaluation.layers import how_named
from erstwhile.domain.policy.inputs.caller import NOT_NAMED, Caller
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.principal_binding import bound
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import instant_of, micros_of

_ASSUME = "sts:assumerole"
MOST_CALLERS = 400
"""Of whom is kept which trusts may name them: a byte a trust."""


class Trusting:
    """Of one history, which keeps it (`WideHistory.once`). Thousands of roles have few different trusts: each is read
    once. Any thread may ask."""

    def __init__(self, history: WideHistory) -> None:
        self._window = window = history.window(BEFORE, FOREVER)
        rows = window.rows(attributes.TRUST)
        of_roles = np.array([kind == "role" for _, kind in window.places], dtype=bool)
        self._rows = rows.only(of_roles[window.place[rows.entity]])
        values, self._trust_of = np.unique(self._rows.value, return_inverse=True)
        self._allowing = [_allowing_of(value) for value in map(window.value, values.tolist())]
        """Of each different trust, the statements by which users and roles may assume the role."""
        self._naming: Bounded[tuple[str, str], npt.NDArray[np.bool_]] = Bounded(MOST_CALLERS)
        """By ARN and unique id: a trust may be bound to one of several that had a name one after the other."""

    def roles(self, caller: Caller, instant: datetime) -> list[EntityKey]:
        """The roles that may let a caller assume them at an instant, as far as their trusts say: none is left out."""
        at, rows = micros_of(instant), self._rows
        there = self._names(caller) & (rows.begin <= at) & (rows.end > at)
        found = dict.fromkeys(rows.entity[there].tolist())
        return self._window.keys(np.array(list(found), dtype=np.int64))

    def begins(self, caller: Caller, begin: datetime, end: datetime) -> list[datetime]:
        """The instants in (begin, end) from which on a trust may name a caller, in order. A caller without its unique
        id is not found where a trust is bound to that."""
        begins = self._rows.begin[self._names(caller)]
        within = (begins > micros_of(begin)) & (begins < micros_of(end))
        return [instant_of(each) for each in np.unique(begins[within]).tolist()]

    def _names(self, caller: Caller) -> npt.NDArray[np.bool_]:
        """Of each row, whether its trust may name a caller."""
        who = (caller.arn, caller.unique_id)
        found = self._naming.get(who)
        if found is None:
            of_trusts = [any(_may_name(each, caller) for each in allowing) for allowing in self._allowing]
            found = self._naming.keep(who, np.array(of_trusts, dtype=bool)[self._trust_of])
        return found


def _allowing_of(value: Value) -> tuple[CompiledStatement, ...]:
    document = value.get("document")
    return () if document is None else _allowing(bound(document, value.get("principals") or {}))


def _may_name(compiled: CompiledStatement, caller: Caller) -> bool:
    statement = compiled.statement
    # A role stands for its sessions, and a trust may name one of these.
    if any(":assumed-role/" in name for _, name in (*(statement.principals or ()), *(statement.not_principals or ()))):
        return True
    # Since when its words are in force is left open: a name counts for whoever has it, and takes nobody out.
    return statement.not_principals is not None or how_named(statement, caller, None, False) != NOT_NAMED


@lru_cache(maxsize=16_384)
def _allowing(text: str) -> tuple[CompiledStatement, ...]:
    """The statements of a trust by which a user or role may assume it; none of a document that cannot be read, for
    nothing is known to follow from it."""
    try:
        document = compile_document(text)
    except (MalformedDocument, UnknownOperator):
        return ()
    return tuple(each for each in document.about(_ASSUME) if each.allows and _is_of_principals(each))


def _is_of_principals(compiled: CompiledStatement) -> bool:
    principals: Sequence[tuple[str, str]] | None = compiled.statement.principals
    return principals is None or any(kind not in ("Service", "Federated") for kind, _ in principals)
