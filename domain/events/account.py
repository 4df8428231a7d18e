"""Accounts, their snapshots, and calls that changed nothing."""

from __future__ import annotations

from typing import Literal

from erstwhile.domain.events.base import Body, Rank, TrailBody
from erstwhile.domain.events.concerns import no_references, of_account, of_setting
from erstwhile.domain.vocabulary.identifiers import Ref


class AccountRegistered(Body, frozen=True, kw_only=True):
    """The account is known. Governed: only commands to this service change it. Observed: only imports do."""

    rank = Rank.CREATE
    slot = of_account
    references = no_references
    targets = ()

    mode: Literal["governed", "observed"]
    partition: str = "aws"


class SnapshotTaken(Body, frozen=True, kw_only=True):
    """A listing of the whole account was imported; `complete` when absence from it proves something."""

    rank = Rank.MODIFY
    slot = of_account
    references = no_references
    targets = ()

    sha256: str
    complete: bool
    baseline: bool
    entities: int


class RecordsImported(TrailBody, frozen=True, kw_only=True):
    """A file of an account's records was imported: from this position on they are known."""

    targets = ()

    sha256: str
    records: int
    changes: int = 0


class ChangeFailed(TrailBody, frozen=True, kw_only=True):
    """A call that would have changed access and failed."""

    targets = ("target",)

    operation: str
    error_code: str
    message: str = ""
    target: str = ""


class CommandRefused(TrailBody, frozen=True, kw_only=True):
    """A command of an authenticated caller that the rules refused."""

    targets = ("target",)

    command: str
    error_code: str
    message: str = ""
    target: str = ""


class SessionIssued(TrailBody, frozen=True, kw_only=True):
    """Session credentials were issued: which principal they act as, and until when."""

    targets = ("subject", "arn", "access_key_id")

    subject: Ref  # the role, user or root that the session acts as
    arn: str  # as policies see the session
    access_key_id: str
    expires_at: str
    limited: bool = False  # by session policies
    mfa: bool = False


class CredentialLocked(TrailBody, frozen=True, kw_only=True):
    """Too many guesses of a principal's MFA code or password were wrong: further guesses are refused until then."""

    targets = ()

    principal: str  # unique id of the user; the account for its root
    credential: Literal["mfa", "password"]
    failures: int
    until: str


class ClockStepped(TrailBody, frozen=True, kw_only=True):
    """The clock of a machine of ours was set by more than a few minutes."""

    targets = ()

    seconds: int  # forward, or back where negative
    before: str
    after: str


class ClaimSetAside(TrailBody, frozen=True, kw_only=True):
    """A record of this account claims a change of what another account owns: a finding."""

    targets = ("target",)

    operation: str
    owner: str  # the account that it belongs to
    target: str


class SignedIn(TrailBody, frozen=True, kw_only=True):
    """A sign-in to the console or a portal succeeded or failed."""

    targets = ("target",)

    operation: str
    result: str = "Success"  # as the record says it; anything else failed
    error_code: str = ""
    message: str = ""
    target: str = ""  # the user, or what a session switched to


class SettingPut(Body, frozen=True, kw_only=True):
    """An object of the account that is not a principal or policy: identity provider, certificate, alias, …"""

    rank = Rank.MODIFY
    slot = of_setting
    references = no_references
    targets = ("category", "name")

    category: str
    name: str
    attributes: dict[str, str] = {}


class SettingRemoved(Body, frozen=True, kw_only=True):
    """The object is gone."""

    rank = Rank.MODIFY
    slot = of_setting
    references = no_references
    targets = ("category", "name")

    category: str
    name: str
