"""GetAccountAuthorizationDetails: users, groups, roles and policies with their policies and relations, in pages.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Operation, Result, Work, tags_of
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.operations.paging import behind, entities, page, place_of
from erstwhile.api.aws.reports import last_use
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_name_of

Shape = dict[str, Any]


def _inline(entity: Entity) -> list[Shape]:
    return [
        {"PolicyName": name, "PolicyDocument": fact.value["document"] or ""}
        for name, fact in sorted(entity.inline_policies.items())
    ]


def _attached(entity: Entity) -> list[dict[str, str]]:
    return [{"PolicyName": policy_name_of(arn), "PolicyArn": arn} for arn in sorted(entity.attached_policies)]


def _user(call: Call, user: Entity) -> Shape:
    groups = [call.directory.get(call.account, "group", each) for each in user.group_ids]
    return shapes.user(user) | {
        "UserPolicyList": _inline(user), "AttachedManagedPolicies": _attached(user), "Tags": tags_of(user),
        "GroupList": sorted(each.name for each in groups if each is not None),
    }  # fmt: skip


def _group(_call: Call, group: Entity) -> Shape:
    return shapes.group(group) | {"GroupPolicyList": _inline(group), "AttachedManagedPolicies": _attached(group)}


def _role(call: Call, role: Entity) -> Shape:
    profiles = call.directory.links.of(call.account, "role", role.id)
    shape = shapes.role(call.directory, role) | {
        "RolePolicyList": _inline(role), "AttachedManagedPolicies": _attached(role), "Tags": tags_of(role),
        "InstanceProfileList": [shapes.instance_profile(call.directory, each) for each in profiles],
    }  # fmt: skip
    shape.pop("MaxSessionDuration")
    shape.pop("Description", None)
    return shape


def _policy(call: Call, policy: Entity) -> Shape:
    numbers = sorted(policy.versions, key=lambda each: int(each[1:] or 0), reverse=True)
    versions = [shapes.version(policy, each) for each in numbers]
    return shapes.policy(call.directory, call.account, policy, whole=False) | {"PolicyVersionList": versions}


_SECTIONS: tuple[tuple[str, str, str, str, Callable[[Call, Entity], Shape]], ...] = (
    ("User", "UserDetailList", "user", "", _user),
    ("Group", "GroupDetailList", "group", "", _group),
    ("Role", "RoleDetailList", "role", "", _role),
    ("LocalManagedPolicy", "Policies", "policy", "", _policy),
    ("AWSManagedPolicy", "Policies", "policy", AWS_MANAGED, _policy),
)
"""(value of Filter, member of the response, kind, account if not the caller's, function that makes the shape)"""

Found = tuple[str, str, Entity, Callable[[Call, Entity], Shape]]
"""(place, member of the response, entity, function that makes the shape)"""


def _found(call: Call) -> Iterator[Found]:
    wanted = set(call.get("Filter") or ())
    begin, _, name = (behind(call) or "").partition(" ")
    links = call.directory.links
    for number, (section, member, kind, account, write) in enumerate(_SECTIONS):
        if (wanted and section not in wanted) or str(number) < begin:
            continue
        for each in entities(call, kind, account, name if str(number) == begin else None):
            if account and not any(links.count(call.account, use, each.arn) for use in ("attached", "boundary")):
                continue  # of AWS-managed policies, IAM lists only those in use
            yield f"{number} {place_of(each)}", member, each, write


def get_account_authorization_details(call: Call) -> Work:
    whole = page(
        call, _found(call), "found", lambda each: each[0], lambda each: (each[1], each[2].id, each[3](call, each[2]))
    )
    shown = whole.pop("found")
    roles = {role_id: shape for member, role_id, shape in shown if member == "RoleDetailList"}

    def do(connect: Connect) -> dict[str, list[last_use.Use]]:
        if not roles:
            return {}
        with connect() as connection:
            return last_use.of_principals(connection, call.account, list(roles))

    def then(_call: Call, uses: dict[str, list[last_use.Use]]) -> Result:
        for role_id, shape in roles.items():
            shape["RoleLastUsed"] = shapes.role_last_used(uses.get(role_id, []))
        members = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        return whole | {each: [shape for member, _, shape in shown if member == each] for each in members}

    return Work(do, then, reads_last_use=bool(roles))


OPERATIONS: dict[str, Operation] = {"GetAccountAuthorizationDetails": get_account_authorization_details}
