"""Commands about accounts."""

from domain.commands.base import Command


class RegisterAccount(Command, frozen=True, kw_only=True):
    """Take an account under government: from now on commands change it, and nothing else does."""

    partition: str = "aws"


class RecordRefusal(Command, frozen=True, kw_only=True):
    """An authenticated caller was not allowed a call: the trail keeps the attempt, and nothing changes."""

    call: str
    error_code: str
    message: str
