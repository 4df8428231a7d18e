"""Refusals: a command's lawful no. One class a reason, each with the error code that IAM answers.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each operation's page.
"""

from __future__ import annotations


class Refusal(Exception):
    """The rules refuse the command; nothing has changed."""

    code = "InvalidInput"
    status = 400

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail  # where and what, in our own words, where the message is AWS's

    @property
    def whole(self) -> str:
        """Message and detail, for readers who need not match AWS's words."""
        return f"{self.message} {self.detail}".rstrip()


class NoSuchEntity(Refusal):
    """what the command names does not exist"""

    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(Refusal):
    """there is one of this name already, without regard to case"""

    code, status = "EntityAlreadyExists", 409


class DeleteConflict(Refusal):
    """something is still attached to it"""

    code, status = "DeleteConflict", 409


class LimitExceeded(Refusal):
    """a quota that IAM publishes is reached"""

    code, status = "LimitExceeded", 409


class MalformedPolicyDocument(Refusal):
    """the policy document breaks the grammar"""

    code = "MalformedPolicyDocument"


class InvalidInput(Refusal):
    """a parameter has a value that cannot be"""

    code = "InvalidInput"


class ValidationError(Refusal):
    """a parameter is not of the form that IAM takes"""

    code = "ValidationError"


class UnmodifiableEntity(Refusal):
    """a service-linked role or an AWS-managed policy changes at its owner's hand only"""

    code = "UnmodifiableEntity"


class PolicyNotAttachable(Refusal):
    """the policy may not be attached to this kind of principal"""

    code = "PolicyNotAttachable"


class AccountNotGoverned(Refusal):
    """the account is observed: its changes are made where it lives, and imported here"""

    code, status = "AccountNotGoverned", 403


class AccountAlreadyRegistered(Refusal):
    """the account is known already, governed or observed"""

    code, status = "AccountAlreadyRegistered", 409


REFUSALS: tuple[type[Refusal], ...] = (
    NoSuchEntity,
    EntityAlreadyExists,
    DeleteConflict,
    LimitExceeded,
    MalformedPolicyDocument,
    InvalidInput,
    ValidationError,
    UnmodifiableEntity,
    PolicyNotAttachable,
    AccountNotGoverned,
    AccountAlreadyRegistered,
)
