"""Actions and services that the general rules treat apart, each with its source (as read in November 2026)."""

from __future__ import annotations

NEEDS_NO_PERMISSION = frozenset(("sts:getcalleridentity",))
"""Allowed even under an explicit deny: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

SESSION_TOKEN = "sts:getsessiontoken"
"""Users and root need no permission for it:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""

ROLE_TRUST = frozenset(
    (
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    )
)
"""What a role's trust policy decides about:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html"""

WITHOUT_CREDENTIALS = frozenset(("sts:assumerolewithsaml", "sts:assumerolewithwebidentity"))

RCP_SERVICES = frozenset(
    ("aoss", "cognito-idp", "dynamodb", "ecr", "kms", "logs", "s3", "secretsmanager", "sqs", "sts"),
)
"""https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services"""

OUTSIDE_RCP = frozenset(("kms:retiregrant",))
"""…orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps"""


APART = frozenset(("kms", "sts"))
"""Services of which some actions follow rules of their own."""


def needs_resource_policy(action: str, resource: str) -> bool:
    """Whether identity policies alone can never grant it: KMS keys, and the trust of roles.

    `action` in lower case. Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    """
    if action.startswith("kms:"):
        return ":key/" in resource
    return action in ROLE_TRUST and ":role/" in resource


def is_under_rcp(action: str) -> bool:
    """Whether resource control policies reach an action (lower case)."""
    return action.partition(":")[0] in RCP_SERVICES and action not in OUTSIDE_RCP
