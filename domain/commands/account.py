"""Commands about accounts, and about calls that change nothing but are recorded in the trail."""

from __future__ import annotations

from typing import Literal

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import account_registered, nothing
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.account import AccountRegistered, CommandRefused, CredentialLocked, SessionIssued
from erstwhile.domain.vocabulary.identifiers import Ref, is_account_id
from erstwhile.domain.vocabulary.refusals import AccountAlreadyRegistered, ValidationError
from erstwhile.domain.vocabulary.storable_text import storable


class RegisterAccount(Command, frozen=True, kw_only=True):
    """From now on the account is governed: commands change it, and nothing else does."""

    partition: str = "aws"


@handles(RegisterAccount, depends_on=account_registered, governed_only=False)
def register_account(directory: Directory, command: RegisterAccount) -> Decided:
    if not is_account_id(command.account):
        raise ValidationError(f"{command.account!r} is not an account: twelve digits are expected")
    mode = directory.mode(command.account)
    if mode is not None:
        raise AccountAlreadyRegistered(f"account {command.account} is {mode} already")
    return [AccountRegistered(mode="governed", partition=command.partition)]


class RecordSession(Command, frozen=True, kw_only=True):
    """The trail records that session credentials were issued; nothing changes."""

    subject: Ref
    arn: str
    access_key_id: str
    expires_at: str
    limited: bool = False
    mfa: bool = False


@handles(RecordSession, depends_on=nothing)
def record_session(_directory: Directory, command: RecordSession) -> Decided:
    return [
        SessionIssued(
            subject=command.subject,
            arn=command.arn,
            access_key_id=command.access_key_id,
            expires_at=command.expires_at,
            limited=command.limited,
            mfa=command.mfa,
        )
    ]


class RecordLock(Command, frozen=True, kw_only=True):
    """Too many guesses of a principal's MFA code or password were wrong: the trail records it; nothing changes."""

    principal: str
    credential: Literal["mfa", "password"]
    failures: int
    until: str


@handles(RecordLock, depends_on=nothing, governed_only=False)
def record_lock(_directory: Directory, command: RecordLock) -> Decided:
    return [
        CredentialLocked(
            principal=command.principal, credential=command.credential, failures=command.failures, until=command.until
        )
    ]


class RecordRefusal(Command, frozen=True, kw_only=True):
    """A call of an authenticated caller was refused: the trail records the attempt; nothing changes."""

    call: str
    error_code: str
    message: str


@handles(RecordRefusal, depends_on=nothing, governed_only=False)
def record_refusal(_directory: Directory, command: RecordRefusal) -> Decided:
    # Callers choose these texts: the attempt is recorded whatever they hold.
    call, code, message = (storable(text, 2_000) for text in (command.call, command.error_code, command.message))
    return [CommandRefused(command=call, error_code=code, message=message)]
