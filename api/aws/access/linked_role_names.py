"""The names of AWS services' service-linked roles, and the ARNs that these roles have or would have.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html, and the page of
each service on its service-linked roles; as of November 2026. New services can be added to service-linked-roles.json.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from erstwhile.api.aws.access.call import Call
from erstwhile.domain.vocabulary.typed import decode


class LinkedRole(msgspec.Struct, frozen=True):
    """The role's name, its managed policy, and whether an account may have several (distinguished by a suffix)."""

    role: str
    policy: str
    suffix: bool = False


_FILE = Path(__file__).parent / "service-linked-roles.json"
_ROLES = decode(_FILE.read_bytes(), dict[str, LinkedRole])
"""Service name without .amazonaws.com → role."""


def known(service: str) -> LinkedRole | None:
    """The role of a service; None for a service without a known role."""
    for ending in (".amazonaws.com", ".amazonaws.com.cn"):
        if service.endswith(ending):
            return _ROLES.get(service.removesuffix(ending))
    return None


def linked_role_arn(call: Call, service: str, suffix: str) -> str:
    """The ARN of a service's role. For an unknown service, the name is only the prefix of such names and the suffix."""
    role = known(service)
    name = f"{role.role if role is not None else 'AWSServiceRoleFor'}{f'_{suffix}' if suffix else ''}"
    return f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/{service}/{name}"
