"""Errors in AWS's words: code, message and HTTP status.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from erstwhile.domain.commands import Command
from erstwhile.domain.events import Actor


class AwsError(Exception):
    """An error response of AWS."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        sealed: str = "",
        actor: Actor | None = None,
        detail: str = "",
        extra_command: Command | None = None,
    ) -> None:
        super().__init__(message)
        self.actor = actor  # the denied caller of an unsigned call
        self.sealed = sealed
        self.extra_command = extra_command  # a command to run in addition to recording the refusal
        self.detail = detail  # this project's words, in addition to AWS's message
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def denied(message: str, sealed: str = "", extra_command: Command | None = None) -> AwsError:
    """A denial. `sealed`: the whole reason, for DecodeAuthorizationMessage."""
    return AwsError("AccessDenied", message, 403, sealed, extra_command=extra_command)
