"""Errors in AWS's words: code, message and HTTP status.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from erstwhile.domain.commands import Command
from erstwhile.domain.events import Actor


class AwsError(Exception):
    """What AWS answers instead of a result."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        sealed: str = "",
        actor: Actor | None = None,
        detail: str = "",
        besides: Command | None = None,
    ) -> None:
        super().__init__(message)
        self.actor = actor  # who was denied, where a token and no signature says so
        self.sealed = sealed
        self.besides = besides  # what the trail keeps besides the refusal
        self.detail = detail  # in our own words, beside AWS's message
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def denied(message: str, sealed: str = "", besides: Command | None = None) -> AwsError:
    """`sealed`: the whole reason, for DecodeAuthorizationMessage."""
    return AwsError("AccessDenied", message, 403, sealed, besides=besides)
