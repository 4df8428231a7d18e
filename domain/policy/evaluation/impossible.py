# mypyc: compiled
"""What no policy can allow, because AWS lets no customer do it.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/ (id_roles_create-service-linked-role.html for roles of
services, access_policies_managed-vs-inline.html for AWS-managed policies, id_credentials_sts-comparison.html for STS),
https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html for roles of IAM Identity Center,
https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html for aliases, and
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html for the root.
"""

from __future__ import annotations

from erstwhile.domain.policy.inputs.caller import Caller

CHANGES_ROLE = frozenset(
    (
        "iam:attachrolepolicy", "iam:createrole", "iam:deleterole", "iam:deleterolepermissionsboundary",
        "iam:deleterolepolicy", "iam:detachrolepolicy", "iam:putrolepermissionsboundary", "iam:putrolepolicy",
        "iam:updateassumerolepolicy",
    )
)  # fmt: skip
DESCRIBES_ROLE = frozenset(("iam:tagrole", "iam:untagrole", "iam:updaterole", "iam:updateroledescription"))
"""What customers may do to roles of services, and not to those of IAM Identity Center."""
CHANGES_POLICY = frozenset(
    (
        "iam:createpolicy", "iam:createpolicyversion", "iam:deletepolicy", "iam:deletepolicyversion",
        "iam:setdefaultpolicyversion", "iam:tagpolicy", "iam:untagpolicy",
    )
)  # fmt: skip
CHANGES_ALIAS = frozenset(("kms:createalias", "kms:deletealias", "kms:updatealias"))
ISSUES_TOKEN = frozenset(("sts:getfederationtoken", "sts:getsessiontoken"))
"""They take long-term credentials."""
ASSUME_ROLE = "sts:assumerole"

MAY_BE_IMPOSSIBLE = CHANGES_ROLE | DESCRIBES_ROLE | CHANGES_POLICY | CHANGES_ALIAS | ISSUES_TOKEN | {ASSUME_ROLE}
"""Actions (lower case) that are impossible for some callers or on some resources."""

_IDENTITY_CENTER = "role/aws-reserved/sso.amazonaws.com/"
_OF_SERVICES = "role/aws-service-role/"
_OF_AWS = "alias/aws/"


def is_impossible(action: str, resource: str, caller: Caller) -> bool:
    """Whether no policy can allow the caller an action (lower case) on a resource."""
    if action not in MAY_BE_IMPOSSIBLE:
        return False
    if action in ISSUES_TOKEN:
        return caller.kind in ("role", "session", "federated_user")
    if action == ASSUME_ROLE:
        return caller.kind == "root"
    return is_reserved(action, resource) and not (
        _is_identity_center(caller) and _path(resource, "iam").startswith(_IDENTITY_CENTER)
    )


def is_reserved(action: str, resource: str) -> bool:
    """Whether AWS alone does an action (lower case) on a resource."""
    if action in CHANGES_ALIAS:
        return _path(resource, "kms").startswith(_OF_AWS)
    if action in CHANGES_POLICY:
        return ":iam::aws:policy/" in resource
    path = _path(resource, "iam")
    if action in CHANGES_ROLE and path.startswith((_OF_SERVICES, _IDENTITY_CENTER)):
        return True
    return action in DESCRIBES_ROLE and path.startswith(_IDENTITY_CENTER)


def reserved_beginnings(action: str) -> tuple[str, ...]:
    """How what follows the account begins in the ARNs on which AWS alone does an action (lower case)."""
    if action in CHANGES_ALIAS:
        return (_OF_AWS,)
    if action in CHANGES_ROLE:
        return _OF_SERVICES, _IDENTITY_CENTER
    return (_IDENTITY_CENTER,) if action in DESCRIBES_ROLE else ()


def _path(resource: str, service: str) -> str:
    """What follows the account in an ARN of a service; nothing for any other."""
    parts = resource.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[2] == service else ""


def _is_identity_center(caller: Caller) -> bool:
    """Whether the caller is IAM Identity Center's own role: it alone changes the roles of its permission sets."""
    if not caller.is_service_linked:
        return False
    arn = caller.entity.arn if caller.entity is not None and caller.entity.arn else caller.arn
    return arn.partition(":role/")[2].startswith("aws-service-role/sso.amazonaws.com/")
