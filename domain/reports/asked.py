"""What a report is made of: the question, and the rows that it needs beside history, as protocols."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.happenings import Happenings
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.reports.report import AccountCoverage

Used = Literal["used", "not used", "unknown"]


class LastUse(msgspec.Struct, frozen=True, kw_only=True):
    """When something was used last, as far as is known. `state`: `used`; `not used`: complete records since `since`
    have no use; `unknown`, for the reason `why`."""

    state: Used
    at: datetime | None = None
    service: str = ""
    action: str = ""
    region: str = ""
    since: datetime | None = None
    why: str = ""

    @property
    def words(self) -> str:
        return self.state if not self.why else f"{self.state}: {self.why}"


class Uses(Protocol):
    """When principals and keys were used last, up to an instant, as known at the report's position."""

    def of_principal(self, account: str, unique_id: str, arn: str) -> LastUse: ...

    def of_key(self, account: str, access_key_id: str) -> LastUse: ...

    def of_actions(self, account: str, unique_id: str, arn: str, actions: Sequence[str]) -> LastUse:
        """The last use of one of some actions, which may be patterns (`s3:Get*`), by a principal."""

    def of_password(self, account: str, unique_id: str, arn: str) -> LastUse:
        """The last sign-in to the console."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who approved the event at a position. `reference`: a ticket, as it was written."""

    position: int
    reference: str
    approved_by: str = ""
    approved_at: datetime | None = None


class Approvals(Protocol):
    """The approvals of changes, as known at the report's position."""

    def of(self, positions: Iterable[int]) -> Mapping[int, Approval]: ...


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the activity."""

    at: datetime
    record_id: str
    account: str
    principal: str
    action: str
    access_key: str = ""
    session: str = ""
    source_ip: str = ""
    user_agent: str = ""
    error_code: str = ""


class ChangeMade(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changed: a line of the audit trail. `before` and `after` in words; '' where there was nothing."""

    position: int
    at: datetime
    account: str
    event: str
    action: str
    actor: str
    session: str = ""
    source_ip: str = ""
    user_agent: str = ""
    mfa: bool | None = None
    target: str = ""
    item: str = ""
    before: str = ""
    after: str = ""
    outcome: str = ""
    source: str = ""
    evidence: str = ""


class Calls(Protocol):
    """The recorded calls and changes of a window [begin, end), oldest first."""

    def by_root(self, account: str, begin: datetime, end: datetime) -> Iterator[RecordedCall]: ...

    def changes(self, account: str, begin: datetime, end: datetime) -> Iterator[ChangeMade]: ...


class Exempted(msgspec.Struct, frozen=True, kw_only=True):
    """An exception that somebody owns, and until when."""

    name: str
    owner: str
    reason: str
    until: datetime | None = None


class Exceptions(Protocol):
    """What was excepted from findings, at the report's instant and position."""

    def of(self, kind: str, account: str, subject: str) -> Exempted | None:
        """`kind`: the report or control; `subject`: an ARN, or another name that the report has in a row."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it was understood. `end` is the report's instant where it is about one; `begin` is None then.
    `options` are those of the report, by name: texts, or the content of a file."""

    accounts: tuple[str, ...]
    end: datetime
    begin: datetime | None = None
    resource: str = ""
    options: Mapping[str, str] = {}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a report reads. `directory` is the access state at the report's instant, or at the end of its window (the
    instant just before `end`)."""

    history: WideHistory
    directory: Directory
    coverage: Mapping[str, AccountCoverage]
    happenings: Happenings
    uses: Uses
    approvals: Approvals
    exceptions: Exceptions
    calls: Calls
