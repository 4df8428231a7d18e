"""Errors in AWS's words: code, message and HTTP status.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations


class AwsError(Exception):
    """What AWS answers instead of a result."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def denied(message: str) -> AwsError:
    return AwsError("AccessDenied", message, 403)
