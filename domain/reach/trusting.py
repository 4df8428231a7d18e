"""Which roles' trusts may name a principal, at any instant, from the intervals of all trusts: the roles need not be
read for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.evaluation.layers import how_named
from erstwhile.domain.policy.inputs.caller import NOT_NAMED, Caller
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.principal_binding import bound
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document

_ASSUME = "sts:assumerole"


class _Trust(NamedTuple):
    role: EntityKey
    begin: datetime
    end: datetime
    allowing: tuple[CompiledStatement, ...]


class Trusting:
    """Over one history."""

    def __init__(self, history: FactHistory) -> None:
        self._trusts: list[_Trust] = []
        for row in history.with_attribute(attributes.TRUST):
            document = row.value.get("document")
            if row[1] == "role" and document is not None:
                text = bound(document, row.value.get("principals") or {})
                allowing = _allowing(text)
                if allowing:
                    self._trusts.append(_Trust(row[:3], row.valid_from, row.valid_to, allowing))
        self._named: dict[tuple[str, tuple[CompiledStatement, ...]], bool] = {}

    def roles(self, caller: Caller, instant: datetime) -> list[EntityKey]:
        """The roles that may let a caller assume them at an instant, as far as their trusts say: none is left out."""
        found = (each.role for each in self._trusts if each.begin <= instant < each.end and self._names(caller, each))
        return list(dict.fromkeys(found))

    def begins(self, caller: Caller, begin: datetime, end: datetime) -> list[datetime]:
        """The instants in (begin, end) from which on a trust may name a caller, in order."""
        found = {each.begin for each in self._trusts if begin < each.begin < end and self._names(caller, each)}
        return sorted(found)

    def _names(self, caller: Caller, trust: _Trust) -> bool:
        place = (caller.arn, trust.allowing)
        found = self._named.get(place)
        if found is None:
            found = self._named[place] = any(_may_name(each, caller) for each in trust.allowing)
        return found


def _may_name(compiled: CompiledStatement, caller: Caller) -> bool:
    statement = compiled.statement
    # A role stands for its sessions, and a trust may name one of these.
    if any(":assumed-role/" in name for _, name in (*(statement.principals or ()), *(statement.not_principals or ()))):
        return True
    # Since when its words are in force is left open: a name counts for whoever has it.
    return how_named(statement, caller, None, False) != NOT_NAMED


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
