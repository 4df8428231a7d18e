"""Whose a resource is, as far as its ARN tells."""

from __future__ import annotations

from erstwhile.domain.identifiers import Arn, MalformedArn


def owner_of(resource: str, caller_account: str) -> str | None:
    """The account in the ARN; the caller's own for `*`; None where the ARN does not tell, as for S3."""
    if resource == "*":
        return caller_account or None
    try:
        return Arn.parse(resource).account or None
    except MalformedArn:
        return None
