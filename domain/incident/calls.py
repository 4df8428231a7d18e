"""Recorded calls, and the credentials that calls gave out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from erstwhile.domain.incident.parts import Act

RawRecords = Callable[[str], dict[str, Any] | None]
"""ACCOUNT/RECORD → the record, where it was read."""


class Call(Struct, frozen=True, kw_only=True):
    """A recorded call. `account`: in whose trail it stands; `outcome`: the letter of its class in the activity;
    `position`: of the event that it made."""

    at: datetime
    account: str
    record_id: str
    action: str
    principal: str
    session: str
    access_key: str
    source_ip: str
    user_agent: str
    error_code: str
    outcome: str
    block: int = 0
    line: int = 0
    position: int | None = None

    @property
    def evidence(self) -> str:
        return f"{self.account}/{self.record_id}" if self.record_id else ""

    def act(self) -> Act:
        return Act(
            at=self.at, action=self.action, actor=self.principal, access_key=self.access_key, session=self.session,
            source_ip=self.source_ip, evidence=self.evidence, position=self.position,
        )  # fmt: skip


class CallGroup(Struct, frozen=True, kw_only=True):
    """How often a credential called an action, with which result."""

    access_key: str
    account: str
    principal: str
    session: str
    action: str
    error_code: str
    calls: int
    first: datetime
    last: datetime


class PlaceGroup(Struct, frozen=True, kw_only=True):
    """From where a credential was used."""

    access_key: str
    source_ip: str
    user_agent: str
    calls: int
    first: datetime
    last: datetime


class Issued(Struct, frozen=True, kw_only=True):
    """A session that a call gave out: its key, the ARN that it acts as, and the call."""

    access_key: str
    principal: str
    session: str
    call: Call

    @property
    def act(self) -> Act:
        return self.call.act()


class Deed(Struct, frozen=True, kw_only=True):
    """An event of the log, by the hands that the report is about or by others."""

    act: Act
    account: str
    type: str
