"""What a report is made of: the question, and the rows that it needs beside history, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from erstwhile.domain.approvals.approval import Approvals
from erstwhile.domain.attestation.condition import Uses as CredentialUses
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.happenings import Happenings
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.leavers.ways import Sessions
from erstwhile.domain.reports.report import AccountCoverage
from erstwhile.domain.use.used import State
from erstwhile.domain.vocabulary.instants import format_instant


class LastUse(msgspec.Struct, frozen=True, kw_only=True):
    """When something was used last, as far as is known. `why`: why nothing can be known; '' for the other states.
    `since`: from when on records tell, where nothing was used."""

    state: State
    at: datetime | None = None
    service: str = ""
    action: str = ""
    region: str = ""
    why: str = ""
    since: datetime | None = None

    @property
    def words(self) -> str:
        if self.why:
            return f"{self.state}: {self.why}"
        return str(self.state) if self.since is None else f"{self.state} since {format_instant(self.since)}"


class Uses(Protocol):
    """When principals and credentials were used last, up to the report's instant, as known at its position."""

    def of_principal(self, account: str, arn: str) -> LastUse:
        """The last call of a user or role."""

    def of_actions(self, account: str, arn: str, actions: Sequence[str]) -> LastUse:
        """The last use of one of some actions, which may be patterns (`s3:Get*`), by a user or role."""

    def of_key(self, account: str, access_key_id: str) -> LastUse: ...

    def keys_used(self, account: str, arn: str) -> Sequence[str]:
        """The long-term access keys with which calls of a user are on record, in order."""

    def of_password(self, account: str, arn: str) -> LastUse:
        """The last sign-in of a user to the console."""


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
    """An event of the audit trail: what was done or tried. What it changed, history has. `is_forgotten`: its address,
    agent and session had to be forgotten."""

    position: int
    at: datetime
    account: str
    event: str
    action: str
    actor: str
    access_key: str = ""
    session: str = ""
    source_ip: str = ""
    user_agent: str = ""
    mfa: bool | None = None
    is_forgotten: bool = False
    targets: tuple[str, ...] = ()
    outcome: str = ""
    error_code: str = ""
    source: str = ""
    evidence: str = ""


class Calls(Protocol):
    """The recorded calls and the events of a window [begin, end), oldest first."""

    def by_root(self, account: str, arn: str, begin: datetime, end: datetime) -> Iterator[RecordedCall]:
        """The calls of an account's root user; `arn` is its ARN."""

    def changes(self, account: str, begin: datetime, end: datetime) -> Iterator[ChangeMade]:
        """The events that changed access, or tried to."""


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
    progress: Callable[[int, int], None] = lambda done, in_all: None
    """Is called with how many of the states were looked at, by what takes long."""


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
    sessions: Sessions
    credential_uses: CredentialUses
