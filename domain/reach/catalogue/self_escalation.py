"""Giving a principal more than it has: itself, or another that one holds or can become.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html (a policy has at most
five versions), …/access_policies_boundaries.html, and the API reference of IAM.
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import GROUP, NEW_GROUP, POLICY, TARGET, Family, GainKind, Need

ADMINISTRATOR = "arn:{partition}:iam::aws:policy/AdministratorAccess"
ATTACHED = (("iam:policyarn", ADMINISTRATOR),)
BOUNDING = (("iam:permissionsboundary", ADMINISTRATOR),)
_BOTH = ("user", "role")


def _gain(
    id: str, action: str, on: str, gain: GainKind, yields: str, of: tuple[str, ...], where: str = "",
    given: tuple[tuple[str, str], ...] = (),
) -> Family:  # fmt: skip
    return Family(id, "gain", "iam", (Need(action, on, given),), yields, of=of, gain=gain, where=where)


_ANY = "any policy"
_NO_DENY = "what a policy of it denies"

SELF_ESCALATION = (
    _gain("put-user-policy", "iam:PutUserPolicy", TARGET, "any-policy", _ANY, ("user",)),
    _gain("attach-user-policy", "iam:AttachUserPolicy", TARGET, "any-policy", _ANY, ("user",), given=ATTACHED),
    _gain("put-role-policy", "iam:PutRolePolicy", TARGET, "any-policy", _ANY, ("role",)),
    _gain("attach-role-policy", "iam:AttachRolePolicy", TARGET, "any-policy", _ANY, ("role",), given=ATTACHED),
    *(
        Family(id, "gain", "iam", (Need("iam:AddUserToGroup", GROUP), raising), _ANY, of=("user",), gain="any-policy",
               where="is not in the group")
        for id, raising in (
            ("join-group-put-policy", Need("iam:PutGroupPolicy", GROUP)),
            ("join-group-attach-policy", Need("iam:AttachGroupPolicy", GROUP, ATTACHED)),
        )
    ),
    *(
        Family(id, "gain", "iam",
               (Need("iam:CreateGroup", NEW_GROUP), Need("iam:AddUserToGroup", NEW_GROUP), raising), _ANY,
               of=("user",), gain="any-policy")
        for id, raising in (
            ("new-group-put-policy", Need("iam:PutGroupPolicy", NEW_GROUP)),
            ("new-group-attach-policy", Need("iam:AttachGroupPolicy", NEW_GROUP, ATTACHED)),
        )
    ),
    _gain("put-group-policy", "iam:PutGroupPolicy", GROUP, "any-policy", _ANY, ("user",), "is in a group"),
    _gain("attach-group-policy", "iam:AttachGroupPolicy", GROUP, "any-policy", _ANY, ("user",), "is in a group",
          ATTACHED),
    _gain("create-policy-version", "iam:CreatePolicyVersion", POLICY, "any-policy", _ANY, _BOTH,
          "has a policy of the account with room for a version"),
    Family(
        "replace-policy-version", "gain", "iam",
        (Need("iam:DeletePolicyVersion", POLICY), Need("iam:CreatePolicyVersion", POLICY)), _ANY, of=_BOTH,
        gain="any-policy", where="has a policy of the account with five versions",
    ),
    _gain("set-default-policy-version", "iam:SetDefaultPolicyVersion", POLICY, "version",
          "another version of a policy that it has", _BOTH, "has a policy of the account with other versions"),
    _gain("add-user-to-group", "iam:AddUserToGroup", GROUP, "joined", "the policies of the group", ("user",),
          "is not in the group"),
    _gain("delete-user-permissions-boundary", "iam:DeleteUserPermissionsBoundary", TARGET, "no-boundary",
          "what its boundary keeps from it", ("user",), "has a boundary"),
    _gain("delete-role-permissions-boundary", "iam:DeleteRolePermissionsBoundary", TARGET, "no-boundary",
          "what its boundary keeps from it", ("role",), "has a boundary"),
    _gain("put-user-permissions-boundary", "iam:PutUserPermissionsBoundary", TARGET, "no-boundary",
          "what its boundary keeps from it", ("user",), "has a boundary", BOUNDING),
    _gain("put-role-permissions-boundary", "iam:PutRolePermissionsBoundary", TARGET, "no-boundary",
          "what its boundary keeps from it", ("role",), "has a boundary", BOUNDING),
    _gain("create-boundary-version", "iam:CreatePolicyVersion", POLICY, "no-boundary",
          "what its boundary keeps from it", _BOTH, "has a boundary of the account with room for a version"),
    Family(
        "replace-boundary-version", "gain", "iam",
        (Need("iam:DeletePolicyVersion", POLICY), Need("iam:CreatePolicyVersion", POLICY)),
        "what its boundary keeps from it", of=_BOTH, gain="no-boundary",
        where="has a boundary of the account with five versions",
    ),
    _gain("set-default-boundary-version", "iam:SetDefaultPolicyVersion", POLICY, "within",
          "another version of its boundary", _BOTH, "has a boundary of the account with other versions"),
    _gain("delete-user-policy", "iam:DeleteUserPolicy", TARGET, "without", _NO_DENY, ("user",),
          "has an inline policy that denies"),
    _gain("detach-user-policy", "iam:DetachUserPolicy", TARGET, "without", _NO_DENY, ("user",),
          "has an attached policy that denies"),
    _gain("delete-role-policy", "iam:DeleteRolePolicy", TARGET, "without", _NO_DENY, ("role",),
          "has an inline policy that denies"),
    _gain("detach-role-policy", "iam:DetachRolePolicy", TARGET, "without", _NO_DENY, ("role",),
          "has an attached policy that denies"),
    _gain("delete-group-policy", "iam:DeleteGroupPolicy", GROUP, "without", _NO_DENY, ("user",),
          "is in a group with an inline policy that denies"),
    _gain("detach-group-policy", "iam:DetachGroupPolicy", GROUP, "without", _NO_DENY, ("user",),
          "is in a group with an attached policy that denies"),
    _gain("remove-user-from-group", "iam:RemoveUserFromGroup", GROUP, "without", _NO_DENY, ("user",),
          "is in a group with a policy that denies"),
)  # fmt: skip
