"""The ARN that a service-linked role has, or would have."""

from __future__ import annotations

from erstwhile.api.aws.call import Call


def linked_role_arn(call: Call, service: str, suffix: str) -> str:
    """Of a service that is not known, the path alone is."""
    from erstwhile.api.aws.operations import service_roles  # which needs permissions, which need this

    name = f"AWSServiceRoleFor{service_roles._ending(service)}{f'_{suffix}' if suffix else ''}"
    return f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/{service}/{name}"
