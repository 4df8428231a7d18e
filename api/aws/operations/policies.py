"""Managed policies and their versions, inline policies, attachments, boundaries."""

from __future__ import annotations

from functools import partial
from heapq import merge

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, just_made, tags_given, tags_of
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.operations.paging import behind, entities, page, page_of
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.domain.commands.attachments import (
    AttachPolicy,
    DeleteInlinePolicy,
    DeletePermissionsBoundary,
    DetachPolicy,
    PutInlinePolicy,
    PutPermissionsBoundary,
)
from erstwhile.domain.commands.policies import (
    CreatePolicy,
    CreatePolicyVersion,
    DeletePolicy,
    DeletePolicyVersion,
    SetDefaultPolicyVersion,
)
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import find_policy
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

_PARAMETER = {"user": "UserName", "group": "GroupName", "role": "RoleName"}


def _policy(call: Call) -> Entity:
    arn = call.given["PolicyArn"]
    if policy_account(arn) not in (call.account, AWS_MANAGED) or arn.split(":", 2)[1] != call.partition:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    entity = find_policy(call.directory, arn)
    if entity is None or entity.kind != "policy":
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return entity


def create_policy(call: Call) -> Plan:
    name = call.given["PolicyName"]
    command = CreatePolicy(
        account=call.account, name=name, new_id=new_id("ANPA", 17), path=call.get("Path", "/"),
        document=call.given["PolicyDocument"], description=call.get("Description", ""), tags=tags_given(call),
    )  # fmt: skip

    def answer(directory: Directory) -> Result:
        made = just_made(directory, call.account, "policy", name)
        # Like AWS's response: without the description, which GetPolicy returns.
        tags = tags_of(made)
        shape = shapes.policy(directory, call.account, made, whole=False)
        return {"Policy": shape | ({"Tags": tags} if tags else {})}

    return Plan(command=command, answer=answer)


def get_policy(call: Call) -> Result:
    return {"Policy": shapes.policy(call.directory, call.account, _policy(call))}


def delete_policy(call: Call) -> Plan:
    return Plan(command=DeletePolicy(account=call.account, arn=call.given["PolicyArn"]))


def list_policies(call: Call) -> Result:
    scope = call.get("Scope", "All")
    owners = [*([call.account] if scope != "AWS" else []), *([AWS_MANAGED] if scope != "Local" else [])]
    begin = (behind(call) or "").partition(" ")[0]
    found = merge(*(entities(call, "policy", each, begin) for each in owners), key=_place)
    used = [each for each in found if _is_wanted(call, each)] if _filters(call) else found
    return page(
        call, used, "Policies", _place, lambda each: shapes.policy(call.directory, call.account, each, whole=False)
    )


def _place(policy: Entity) -> str:
    """Orders policies by name, an account's own before AWS's of the same name. (Names do not contain spaces.)"""
    return f"{policy.name.lower()} {policy.account}"


_USES = {"PermissionsPolicy": ("attached",), "PermissionsBoundary": ("boundary",)}


def _filters(call: Call) -> bool:
    return bool(call.get("OnlyAttached") or call.get("PolicyUsageFilter"))


def _is_wanted(call: Call, policy: Entity) -> bool:
    """Whether a policy passes PolicyUsageFilter and OnlyAttached."""
    links = call.directory.links
    wanted = _USES.get(call.get("PolicyUsageFilter", ""), ())
    if call.get("OnlyAttached"):
        wanted = (*wanted, "attached")
    arn = shapes.policy_arn(call.directory, call.account, policy)
    return all(links.count(call.account, each, arn) for each in wanted)


def create_policy_version(call: Call) -> Plan:
    arn = call.given["PolicyArn"]
    before = set(_policy(call).versions)
    command = CreatePolicyVersion(
        account=call.account, arn=arn, document=call.given["PolicyDocument"],
        set_as_default=call.get("SetAsDefault", False),
    )  # fmt: skip

    def answer(directory: Directory) -> Result:
        entity = just_made(directory, call.account, "policy", policy_name_of(arn))
        [made] = sorted(set(entity.versions) - before, key=lambda each: int(each[1:]))[-1:]
        return {"PolicyVersion": shapes.version(entity, made, whole=False)}

    return Plan(command=command, answer=answer)


def get_policy_version(call: Call) -> Result:
    entity, wanted = _policy(call), call.given["VersionId"]
    if wanted not in entity.versions:
        raise NoSuchEntity(f"Policy {entity.arn} version {wanted} does not exist or is not attachable.")
    return {"PolicyVersion": shapes.version(entity, wanted)}


def list_policy_versions(call: Call) -> Result:
    entity = _policy(call)
    newest_first = sorted(entity.versions, key=_from_the_newest)
    return page(call, newest_first, "Versions", _from_the_newest, lambda each: shapes.version(entity, each, False))


def _from_the_newest(version_id: str) -> str:
    return f"{999_999_999 - int(version_id[1:] or 0):09}"


def delete_policy_version(call: Call) -> Plan:
    command = DeletePolicyVersion(account=call.account, arn=call.given["PolicyArn"], version_id=call.given["VersionId"])
    return Plan(command=command)


def set_default_policy_version(call: Call) -> Plan:
    command = SetDefaultPolicyVersion(
        account=call.account, arn=call.given["PolicyArn"], version_id=call.given["VersionId"]
    )
    return Plan(command=command)


def list_entities_for_policy(call: Call) -> Result:
    _policy(call)
    wanted, usage = call.get("EntityFilter"), call.get("PolicyUsageFilter")
    found = []
    arn = call.given["PolicyArn"]
    for each in call.directory.uses_of(call.account, arn):
        attached = arn in each.attached_policies and usage in (None, "PermissionsPolicy")
        bounded = each.boundary == arn and usage in (None, "PermissionsBoundary")
        kind = each.kind.capitalize()
        if (attached or bounded) and wanted in (None, kind):
            found.append((f"Policy{kind}s", {f"{kind}Name": each.name, f"{kind}Id": each.id}))
    whole = page_of(call, found, "found", lambda each: f"{each[0]} {next(iter(each[1].values())).lower()}")
    shown = whole.pop("found")
    return whole | {
        member: [shape for kind, shape in shown if kind == member]
        for member in ("PolicyGroups", "PolicyUsers", "PolicyRoles")
    }


def _attach(kind: str, call: Call) -> Plan:
    command = AttachPolicy(
        account=call.account, kind=kind, name=call.given[_PARAMETER[kind]], policy_arn=call.given["PolicyArn"]
    )
    return Plan(command=command)


def _detach(kind: str, call: Call) -> Plan:
    command = DetachPolicy(
        account=call.account, kind=kind, name=call.given[_PARAMETER[kind]], policy_arn=call.given["PolicyArn"]
    )
    return Plan(command=command)


def _list_attached(kind: str, call: Call) -> Result:
    entity = call.need(kind, call.given[_PARAMETER[kind]])
    prefix = call.get("PathPrefix") or "/"
    found = []
    for arn in entity.attached_policies:
        policy = find_policy(call.directory, arn)
        if policy is None or policy.path.startswith(prefix):
            found.append({"PolicyName": policy_name_of(arn), "PolicyArn": arn})
    return page_of(call, found, "AttachedPolicies", lambda each: f"{each['PolicyName'].lower()} {each['PolicyArn']}")


def _put_inline(kind: str, call: Call) -> Plan:
    command = PutInlinePolicy(
        account=call.account, kind=kind, name=call.given[_PARAMETER[kind]], policy_name=call.given["PolicyName"],
        document=call.given["PolicyDocument"],
    )  # fmt: skip
    return Plan(command=command)


def _get_inline(kind: str, call: Call) -> Result:
    entity, name = call.need(kind, call.given[_PARAMETER[kind]]), call.given["PolicyName"]
    fact = entity.inline_policies.get(name)
    if fact is None:
        raise NoSuchEntity(f"The {kind} policy with name {name} cannot be found.")
    return {_PARAMETER[kind]: entity.name, "PolicyName": name, "PolicyDocument": fact.value["document"] or ""}


def _delete_inline(kind: str, call: Call) -> Plan:
    command = DeleteInlinePolicy(
        account=call.account, kind=kind, name=call.given[_PARAMETER[kind]], policy_name=call.given["PolicyName"]
    )
    return Plan(command=command)


def _list_inline(kind: str, call: Call) -> Result:
    entity = call.need(kind, call.given[_PARAMETER[kind]])
    return page_of(call, entity.inline_policies, "PolicyNames", str)


def _put_boundary(kind: str, call: Call) -> Plan:
    command = PutPermissionsBoundary(
        account=call.account, kind=kind, name=call.given[_PARAMETER[kind]], policy_arn=call.given["PermissionsBoundary"]
    )
    return Plan(command=command)


def _delete_boundary(kind: str, call: Call) -> Plan:
    return Plan(command=DeletePermissionsBoundary(account=call.account, kind=kind, name=call.given[_PARAMETER[kind]]))


OPERATIONS: dict[str, Operation] = {
    "GetPolicy": get_policy,
    "ListPolicies": list_policies,
    "GetPolicyVersion": get_policy_version,
    "ListPolicyVersions": list_policy_versions,
    "ListEntitiesForPolicy": list_entities_for_policy,
    "CreatePolicy": create_policy,
    "DeletePolicy": delete_policy,
    "CreatePolicyVersion": create_policy_version,
    "DeletePolicyVersion": delete_policy_version,
    "SetDefaultPolicyVersion": set_default_policy_version,
}
for _kind in ("User", "Group", "Role"):
    _lower = _kind.lower()
    OPERATIONS[f"ListAttached{_kind}Policies"] = partial(_list_attached, _lower)
    OPERATIONS[f"Get{_kind}Policy"] = partial(_get_inline, _lower)
    OPERATIONS[f"List{_kind}Policies"] = partial(_list_inline, _lower)
    OPERATIONS[f"Attach{_kind}Policy"] = partial(_attach, _lower)
    OPERATIONS[f"Detach{_kind}Policy"] = partial(_detach, _lower)
    OPERATIONS[f"Put{_kind}Policy"] = partial(_put_inline, _lower)
    OPERATIONS[f"Delete{_kind}Policy"] = partial(_delete_inline, _lower)
for _kind in ("User", "Role"):
    OPERATIONS[f"Put{_kind}PermissionsBoundary"] = partial(_put_boundary, _kind.lower())
    OPERATIONS[f"Delete{_kind}PermissionsBoundary"] = partial(_delete_boundary, _kind.lower())
