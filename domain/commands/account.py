"""Commands about accounts."""

from domain.commands.base import Command


class RegisterAccount(Command, frozen=True, kw_only=True):
    """Take an account under government: from now on commands change it, and nothing else does."""

    partition: str = "aws"
