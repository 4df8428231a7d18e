# mypyc: compiled
"""Actions and services that the general rules treat apart, each with its source (as read in November 2026)."""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.impossible import MAY_BE_IMPOSSIBLE
from erstwhile.domain.policy.knowledge.rcp_services import in_force
from erstwhile.domain.vocabulary.context_values import ContextValues

NEEDS_NO_PERMISSION: frozenset[str] = frozenset(("sts:getcalleridentity",))
"""Allowed to every signed caller, even under an explicit deny: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

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

WITHOUT_CREDENTIALS: frozenset[str] = frozenset(("sts:assumerolewithsaml", "sts:assumerolewithwebidentity"))

OUTSIDE_RCP = frozenset(("kms:retiregrant",))
"""…orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps"""


_APART = ("kms:", "sts:")
"""Services of which some actions follow rules of their own."""

BUCKET_POLICY = frozenset(("s3:deletebucketpolicy", "s3:getbucketpolicy", "s3:putbucketpolicy"))
"""What a bucket's policy never takes from the root of the account that owns the bucket:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html"""

KEY_ALIASES = ("kms:requestalias", "kms:resourcealiases")
"""Condition keys (lower case) that tell AWS-managed keys:
https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""


def has_own_rules(action: str) -> bool:
    """Whether identity policies alone may not settle an action (lower case)."""
    return action.startswith(_APART) or action in MAY_BE_IMPOSSIBLE


def keeps_policy(action: str, resource: str) -> bool:
    """Whether an action (lower case) is one that the owner's root may always do to a bucket's policy."""
    return action in BUCKET_POLICY and ":s3:::" in resource and "/" not in resource


def needs_resource_policy(action: str, resource: str) -> bool:
    """Whether identity policies alone can never grant it: KMS keys, and the trust of roles.

    `action` in lower case. Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    """
    if action.startswith("kms:"):
        return ":key/" in resource
    return action in ROLE_TRUST and ":role/" in resource


def is_under_rcp(action: str, resource: str, context: ContextValues) -> bool:
    """Whether resource control policies reach an action (lower case). They spare keys that AWS manages, whose aliases
    begin with alias/aws/.

    Sources: …orgs_manage_policies_rcps.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
    """
    service = action.partition(":")[0]
    if service not in in_force().services or action in OUTSIDE_RCP:
        return False
    if service != "kms":
        return True
    aliases = [alias for key in KEY_ALIASES for alias in context.get(key, ())]
    return ":alias/aws/" not in resource and not any(alias.startswith("alias/aws/") for alias in aliases)
