"""The names that AWS's services give their service-linked roles, and the ARN that such a role has, or would have.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html, and the page of
each service on its service-linked roles; as of November 2026. service-linked-roles.json may be added to.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from erstwhile.api.aws.call import Call


class LinkedRole(msgspec.Struct, frozen=True):
    """A role's name, the managed policy that AWS gives it, and whether an account may have several, by a suffix."""

    role: str
    policy: str
    suffix: bool = False


_FILE = Path(__file__).parent / "service-linked-roles.json"
_ROLES = msgspec.json.decode(_FILE.read_bytes(), type=dict[str, LinkedRole])
"""By what stands before .amazonaws.com in a service's name."""


def known(service: str) -> LinkedRole | None:
    """The role of a service; None of one that has none, as far as is known here."""
    for ending in (".amazonaws.com", ".amazonaws.com.cn"):
        if service.endswith(ending):
            return _ROLES.get(service.removesuffix(ending))
    return None


def linked_role_arn(call: Call, service: str, suffix: str) -> str:
    """Of a service that is not known, the path alone is."""
    role = known(service)
    name = f"{role.role if role is not None else 'AWSServiceRoleFor'}{f'_{suffix}' if suffix else ''}"
    return f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/{service}/{name}"
