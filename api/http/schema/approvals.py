"""Approvals of changes, and exceptions. An instant that is null stands for "nobody said when"."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from erstwhile.api.http.schema.changes import ToldEvent
from erstwhile.api.http.schema.parameters import TEXT, Parameter

EXCEPTION = Parameter("id", "The exception's name.", TEXT | {"examples": ["break-glass"]}, True, "path")


class OneApproval(Struct, kw_only=True):
    ticket: str
    approved_by: str
    approved_at: str | None
    event: str
    note: str
    position: int


class ApprovalList(Struct, kw_only=True):
    """`pattern` and `tags`: how the tickets that changes name are found."""

    revision: int
    pattern: str
    tags: list[str]
    approvals: list[OneApproval]


class ApprovalsWritten(Struct):
    approvals: int
    revision: int


class ApprovedTold(Struct, kw_only=True):
    """`words`: the same in one line."""

    state: Literal["approved", "approved_later", "not_on_record", "no_reference"]
    approved_by: str | None
    words: str
    tickets: list[str]
    approvals: list[OneApproval]


class ApprovedEvent(ApprovedTold, kw_only=True):
    event: ToldEvent | None


class ApprovalOfEvent(ApprovedEvent, kw_only=True):
    revision: int
    position: int


class ApprovalOfGrant(ApprovedTold, kw_only=True):
    revision: int
    as_of: str
    principal: str
    action: str
    resource: str
    effect: str
    events: list[ApprovedEvent]


class NewException(Struct, kw_only=True, forbid_unknown_fields=True):
    """`check`: a kind of finding, a report or a control, * for all; `target`: what it is about, with * and ?."""

    name: str
    check: str
    target: str
    owner: str
    reason: str
    expires: str
    account: str = ""


class OneException(Struct, kw_only=True):
    """It holds from `since` until `until`: when it was removed or expired."""

    name: str
    check: str
    target: str
    account: str | None
    owner: str
    reason: str
    since: str
    expires: str
    until: str
    position: int
    holds: bool


class ExceptionList(Struct):
    revision: int
    exceptions: list[OneException]


class ExceptionWritten(Struct):
    """`notes`: what may be wrong with it."""

    name: str
    revision: int
    notes: list[str]
