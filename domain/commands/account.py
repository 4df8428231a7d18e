"""Commands about accounts."""

from typing import Literal

from erstwhile.domain.commands.base import Command
from erstwhile.domain.vocabulary.identifiers import Ref


class RegisterAccount(Command, frozen=True, kw_only=True):
    """Take an account under government: from now on commands change it, and nothing else does."""

    partition: str = "aws"


class RecordSession(Command, frozen=True, kw_only=True):
    """Session credentials are given out."""

    subject: Ref
    arn: str
    access_key_id: str
    expires_at: str
    limited: bool = False
    mfa: bool = False


class RecordLock(Command, frozen=True, kw_only=True):
    """Too many guesses of a principal's MFA code or password were wrong: the trail keeps it, and nothing changes."""

    principal: str
    credential: Literal["mfa", "password"]
    failures: int
    until: str


class RecordRefusal(Command, frozen=True, kw_only=True):
    """An authenticated caller was not allowed a call: the trail keeps the attempt, and nothing changes."""

    call: str
    error_code: str
    message: str
