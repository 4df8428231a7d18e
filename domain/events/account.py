"""Accounts, their snapshots, and calls that changed nothing."""

from __future__ import annotations

from typing import Literal

from erstwhile.domain.events.base import Body
from erstwhile.domain.vocabulary.identifiers import Ref


class AccountRegistered(Body, frozen=True, kw_only=True):
    """The account is known. Governed: commands to this service alone change it. Observed: imports alone do."""

    mode: Literal["governed", "observed"]
    partition: str = "aws"


class SnapshotTaken(Body, frozen=True, kw_only=True):
    """A listing of the whole account was imported; `complete` when absence from it proves something."""

    sha256: str
    complete: bool
    baseline: bool
    entities: int


class RecordsImported(Body, frozen=True, kw_only=True):
    """A file of an account's records was imported: from this position on they are known. No change of state."""

    sha256: str
    records: int
    changes: int = 0


class ChangeFailed(Body, frozen=True, kw_only=True):
    """A call that would have changed access and failed. No change of state."""

    operation: str
    error_code: str
    message: str = ""
    target: str = ""


class CommandRefused(Body, frozen=True, kw_only=True):
    """A command of an authenticated caller that the rules refused. No change of state."""

    command: str
    error_code: str
    message: str = ""
    target: str = ""


class SessionIssued(Body, frozen=True, kw_only=True):
    """Session credentials were given out: who may act as whom until when. No change of state."""

    subject: Ref  # the role, user or root that the session acts as
    arn: str  # as policies see the session
    access_key_id: str
    expires_at: str
    limited: bool = False  # by session policies
    mfa: bool = False


class CredentialLocked(Body, frozen=True, kw_only=True):
    """Too many guesses of a principal's MFA code or password were wrong: none is looked at until then. No change of
    state."""

    principal: str  # unique id of the user; the account for its root
    credential: Literal["mfa", "password"]
    failures: int
    until: str


class ClockStepped(Body, frozen=True, kw_only=True):
    """The clock of a machine of ours was set by more than a few minutes. No change of state."""

    seconds: int  # forward, or back where negative
    before: str
    after: str


class ClaimSetAside(Body, frozen=True, kw_only=True):
    """A record of this account says something of what belongs to another: a finding. No change of state."""

    operation: str
    owner: str  # the account that it belongs to
    target: str


class SignedIn(Body, frozen=True, kw_only=True):
    """Somebody signed in to the console or a portal, or tried to. No change of state."""

    operation: str
    result: str = "Success"  # as the record says it; anything else failed
    error_code: str = ""
    message: str = ""
    target: str = ""  # the user, or what a session switched to


class SettingPut(Body, frozen=True, kw_only=True):
    """An object of the account that is not a principal or policy: identity provider, certificate, alias, …"""

    category: str
    name: str
    attributes: dict[str, str] = {}


class SettingRemoved(Body, frozen=True, kw_only=True):
    """The object is gone."""

    category: str
    name: str
