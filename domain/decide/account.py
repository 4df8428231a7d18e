"""Deciding on accounts, and what the trail keeps of calls that change nothing."""

from __future__ import annotations

from erstwhile.domain.commands.account import RecordLock, RecordRefusal, RecordSession, RegisterAccount
from erstwhile.domain.decide.principals import Decided
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.account import AccountRegistered, CommandRefused, CredentialLocked, SessionIssued
from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.vocabulary.refusals import AccountAlreadyRegistered, ValidationError
from erstwhile.domain.vocabulary.storable_text import storable


def register_account(directory: Directory, command: RegisterAccount) -> Decided:
    if not is_account_id(command.account):
        raise ValidationError(f"{command.account!r} is not an account: twelve digits are expected")
    mode = directory.mode(command.account)
    if mode is not None:
        raise AccountAlreadyRegistered(f"account {command.account} is {mode} already")
    return [AccountRegistered(mode="governed", partition=command.partition)]


def record_refusal(_directory: Directory, command: RecordRefusal) -> Decided:
    # Callers' words stand in these: whatever they are, the attempt is recorded.
    call, code, message = (storable(text, 2_000) for text in (command.call, command.error_code, command.message))
    return [CommandRefused(command=call, error_code=code, message=message)]


def record_lock(_directory: Directory, command: RecordLock) -> Decided:
    return [
        CredentialLocked(
            principal=command.principal, credential=command.credential, failures=command.failures, until=command.until
        )
    ]


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
