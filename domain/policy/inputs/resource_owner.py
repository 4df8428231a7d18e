# mypyc: compiled
"""Whose a resource is, as far as its ARN tells."""

from __future__ import annotations

from functools import lru_cache

from erstwhile.domain.policy.knowledge.service_reference import prefixes_without_account

_WITH_POLICIES = ("s3",)
"""Services whose resources have policies of their own, and no account in their ARNs."""
_OF_AWS = {
    "cloudformation": ("type/",),
    "securityhub": ("product/", "ruleset/", "standards/"),
    "ssm": ("automation-definition/", "document/", "parameter/aws/"),
}
"""Types of resources that AWS shares with everybody. (Types that never have an account are not repeated here.)"""


def owner_of(resource: str, caller_account: str) -> str | None:
    """The account in the ARN; the caller's own for `*`; None where the ARN does not tell, as for S3."""
    if resource == "*":
        return caller_account or None
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        return None  # not an ARN
    return parts[4] or None


@lru_cache(maxsize=10_000)
def is_common(resource: str) -> bool:
    """Whether a resource has neither an account in its ARN nor a policy of its own: hosted zones, images, APIs. What
    may be done to it, the caller's account says alone.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
    """
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[4]:
        return False
    return parts[5].startswith(common_prefixes(parts[2]))


def common_prefixes(service: str) -> tuple[str, ...]:
    """How the resources of a service begin that are common; none for most services."""
    if service in _WITH_POLICIES:
        return ()
    return (*prefixes_without_account(service), *_OF_AWS.get(service, ()))
