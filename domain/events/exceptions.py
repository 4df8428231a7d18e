"""Exceptions: findings and breaks that an owner answers for, with a reason, until an instant."""

from __future__ import annotations

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_exception


class ExceptionAdded(Body, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_exception
    references = no_references
    targets = ("target", "name")

    name: str
    check: str  # a kind of finding, a report or a control; * for all
    target: str  # a principal, key or resource as the finding names it; * and ? stand for any characters
    account: str = ""  # empty: of all accounts
    owner: str
    reason: str
    expires: str  # RFC 3339


class ExceptionRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_exception
    references = no_references
    targets = ("name",)

    name: str
    reason: str = ""
