"""Checks that parameters which must be ARNs are ARNs, before the operation looks the entities up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn


def require_arns(shape: Any, asked: Mapping[str, Any]) -> None:
    """Raises AwsError InvalidInput for a parameter that must be an ARN but is not."""
    for name in _members(shape):
        if name in asked:
            try:
                Arn.parse(asked[name])
            except MalformedArn:
                raise AwsError("InvalidInput", f"ARN {asked[name]} is not valid.") from None


@cache
def _members(shape: Any) -> tuple[str, ...]:
    if shape is None:
        return ()
    return tuple(name for name, member in shape.members.items() if member.name == "arnType")
