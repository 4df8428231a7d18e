"""Refusals: errors that say why the rules refuse a command. One class for each reason, with IAM's error code.

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
        self.detail = detail  # more about the cause in this project's words; the message may be AWS's

    @property
    def whole(self) -> str:
        """Message and detail together, for readers that need not match AWS's words."""
        return f"{self.message} {self.detail}".rstrip()


class NoSuchEntity(Refusal):
    """the command names an entity that does not exist"""

    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(Refusal):
    """an entity of this name exists already, regardless of case"""

    code, status = "EntityAlreadyExists", 409


class DeleteConflict(Refusal):
    """the entity still has attachments or members that must be removed first"""

    code, status = "DeleteConflict", 409


class LimitExceeded(Refusal):
    """a quota that IAM publishes is reached"""

    code, status = "LimitExceeded", 409


class MalformedPolicyDocument(Refusal):
    """the policy document breaks the grammar"""

    code = "MalformedPolicyDocument"


class InvalidInput(Refusal):
    """a parameter has a value that is not valid"""

    code = "InvalidInput"


class ValidationError(Refusal):
    """a parameter does not have the form that IAM accepts"""

    code = "ValidationError"


class UnmodifiableEntity(Refusal):
    """only its owner may change a service-linked role or an AWS-managed policy"""

    code = "UnmodifiableEntity"


class PolicyNotAttachable(Refusal):
    """the policy may not be attached to this kind of principal"""

    code = "PolicyNotAttachable"


class AccountNotGoverned(Refusal):
    """the account is observed: changes are made in AWS and imported here"""

    code, status = "AccountNotGoverned", 403


class AccountAlreadyRegistered(Refusal):
    """the account is known already, governed or observed"""

    code, status = "AccountAlreadyRegistered", 409


class NotPermitted(Refusal):
    """the caller is not the one who may decide it"""

    code, status = "NotPermitted", 403


class ReviewIsClosed(Refusal):
    """the access review is closed"""

    code, status = "ReviewIsClosed", 409


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
    NotPermitted,
    ReviewIsClosed,
)
