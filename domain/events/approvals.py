"""Approvals of changes, as lists of tickets tell them, and how tickets are found."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_approvals


class ImportedApproval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    ticket: str
    approved_by: str
    approved_at: str = ""  # RFC 3339
    event: str = ""  # @ and a log position, a record's id, or a request's id
    note: str = ""


class ApprovalsImported(Body, frozen=True, kw_only=True):
    """A part of a list of approvals."""

    rank = Rank.MODIFY
    slot = of_approvals
    references = no_references
    targets = ()

    file: str = ""
    sha256: str  # of the whole list
    approvals: list[ImportedApproval]


class TicketRuleSet(Body, frozen=True, kw_only=True):
    """How the tickets that changes name are found, from now on and for all changes of before."""

    rank = Rank.MODIFY
    slot = of_approvals
    references = no_references
    targets = ()

    pattern: str
    tags: list[str]
