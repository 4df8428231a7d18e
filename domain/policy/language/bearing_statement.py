"""The statements of a policy about principals that bear on one question, as far as the question needs them."""

from __future__ import annotations

from typing import NamedTuple

from erstwhile.domain.policy.language.part import statements_about
from erstwhile.domain.policy.language.statement import CompiledStatement


class BearingStatement(NamedTuple):
    """A statement that speaks of an action and is, or may be, about a resource."""

    number: int
    """Which of its document's statements it is."""
    sid: str
    allows: bool
    rank: int
    """0: about every resource, 1: without conditions, 2: with conditions. In this order an answer names those of all
    policies."""
    compiled: CompiledStatement | None
    """What decides besides that it bears on the question: conditions, and resources that have variables. None where
    nothing does: it applies."""


BearingStatements = tuple[BearingStatement, ...]


def bearing_statements(document: str, action: str, resource: str) -> BearingStatements:
    """Of an action (lower case). Raises MalformedDocument, UnknownOperator."""
    return tuple(
        [
            _bearing(each)
            for each in statements_about(document, action, resource)
            if each.speaks_of(action) and each.may_cover(resource)
        ]
    )


def _bearing(compiled: CompiledStatement) -> BearingStatement:
    said, rank = compiled.statement, 0 if compiled.is_always else 1 if compiled.is_fixed else 2
    return BearingStatement(said.index, said.sid, said.allows, rank, None if compiled.is_fixed else compiled)
