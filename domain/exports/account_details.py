"""An account at an instant, as `aws iam get-account-authorization-details` prints it.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
That form cannot say that something is not known: an entity without policies has none. So what is known in part alone
is left out, and named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import begun, find_policy, groups_of, managed, unknowns
from erstwhile.domain.policy.language.principal_binding import as_shown, named
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant

Shape = dict[str, Any]
OF_RESOURCES = "the policy of a resource: the form has users, groups, roles and policies alone"


class LeftOut(msgspec.Struct, frozen=True):
    """Something that the form cannot say."""

    arn: str
    why: str


class AccountDetails(msgspec.Struct, frozen=True):
    """`details`: the output of get-account-authorization-details."""

    details: Shape
    left_out: tuple[LeftOut, ...]


def account_details(directory: Directory, account: str) -> AccountDetails:
    """An account at the Directory's instant. AWS-managed policies are there where the account uses them."""
    left_out: list[LeftOut] = []
    held = {kind: list(_whole(directory, account, kind, left_out)) for kind in ("user", "group", "role")}
    policies = [
        _policy(directory, each)
        for each in _of_kind(directory, account, "policy")
        if not _lacks_default(directory, each, left_out)
    ]
    used = dict.fromkeys(
        arn
        for each in (*held["user"], *held["group"], *held["role"])
        for arn in (*each.attached_policies, *([each.boundary] if each.boundary else ()))
        if policy_account(arn) == AWS_MANAGED
    )
    policies += [shape for arn in sorted(used) if (shape := _managed_policy(directory, account, arn, left_out))]
    left_out += _of_resources(directory, account)
    return AccountDetails(
        details={
            "UserDetailList": [_user(directory, each) for each in held["user"]],
            "GroupDetailList": [_group(directory, each) for each in held["group"]],
            "RoleDetailList": [_role(directory, each, left_out) for each in held["role"]],
            "Policies": policies,
        },
        left_out=tuple(left_out),
    )


def _of_kind(directory: Directory, account: str, kind: str) -> list[Entity]:
    found = [each for each in directory.of_kind(kind) if each.account == account and each.exists]
    return sorted(found, key=lambda each: each.name.lower())


def _whole(directory: Directory, account: str, kind: str, left_out: list[LeftOut]) -> Iterator[Entity]:
    for each in _of_kind(directory, account, kind):
        why = unknowns(directory, each)
        if why:
            left_out.append(LeftOut(directory.arn_of(each), "; ".join(why)))
        else:
            yield each


def _lacks_default(directory: Directory, policy: Entity, left_out: list[LeftOut]) -> bool:
    found = managed(directory, directory.arn_of(policy), policy.account)
    if found.why:
        left_out.append(LeftOut(directory.arn_of(policy), found.why))
    return bool(found.why)


def _of_resources(directory: Directory, account: str) -> Iterator[LeftOut]:
    """The form has IAM alone."""
    for each in directory.of_kind("resource"):
        if each.account == account and (each.resource_policies or each.policy_statements or each.grants):
            yield LeftOut(each.id, OF_RESOURCES)


def _common(directory: Directory, entity: Entity, title: str) -> Shape:
    found: Shape = {
        "Path": entity.path, f"{title}Name": entity.name, "Arn": directory.arn_of(entity),
        f"{title}PolicyList": [
            {"PolicyName": name, "PolicyDocument": _document(fact.value["document"])}
            for name, fact in sorted(entity.inline_policies.items())
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": policy_name_of(arn), "PolicyArn": arn} for arn in _attached(directory, entity)
        ],
        **_identity(entity, f"{title}Id"),
    }  # fmt: skip
    if entity.boundary:
        found["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": entity.boundary,
        }  # fmt: skip
    if title != "Group":
        found["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(entity.tags.items())]
    return found


def _attached(directory: Directory, entity: Entity) -> list[str]:
    """The ARNs of attached policies; an attachment died with an earlier policy of that ARN."""
    found = []
    for arn, fact in sorted(entity.attached_policies.items()):
        since = begun(directory, arn)
        if since is None or since <= fact.since:
            found.append(arn)
    return found


def _identity(entity: Entity, member: str) -> Shape:
    """The unique id, where a record has told it, and since when the entity exists."""
    found: Shape = {} if entity.id.startswith("~") else {member: entity.id}
    created, since = entity.description.get("created_at"), entity.begun
    if not created and since is not None and since != BEFORE:
        created = format_instant(since)
    return found | ({"CreateDate": created} if created else {})


def _user(directory: Directory, user: Entity) -> Shape:
    groups = [group.name for _, group in groups_of(directory, user) if group is not None]
    return _common(directory, user, "User") | {"GroupList": sorted(groups)}


def _group(directory: Directory, group: Entity) -> Shape:
    return _common(directory, group, "Group")


def _role(directory: Directory, role: Entity, left_out: list[LeftOut]) -> Shape:
    trust = role.trust_policy
    shown = None if trust is None else as_shown(directory, trust, role.trusted_principals)
    since = role.trust_fact.since if role.trust_fact is not None else BEFORE
    if shown is not None and (name := somebody_else(directory, since, shown)):
        why = f"its trust policy named {name} before that existed: whom it means has no name in this form"
        left_out.append(LeftOut(directory.arn_of(role), why))
        shown = None
    profiles = [
        {
            "Path": each.path, "InstanceProfileName": each.name, "Arn": directory.arn_of(each),
            "Roles": [{"RoleName": role.name, "Arn": directory.arn_of(role)}], **_identity(each, "InstanceProfileId"),
        }
        for each in _of_kind(directory, role.account, "instance-profile")
        if role.id in each.role_ids
    ]  # fmt: skip
    return _common(directory, role, "Role") | {
        "AssumeRolePolicyDocument": _document(shown), "InstanceProfileList": profiles,
    }  # fmt: skip


def somebody_else(directory: Directory, saved: datetime, document: str) -> str:
    """A name in a trust or resource policy, saved at an instant, that is borne by a principal which began after that:
    AWS bound it to the one that had it then. '' where there is none."""
    for name in named(document):
        entity = directory.with_arn(name)
        if entity is not None and entity.kind in ("user", "role") and (entity.begun or BEFORE) > saved:
            return name
    return ""


def _policy(directory: Directory, policy: Entity) -> Shape:
    return {
        "PolicyName": policy.name, "Arn": directory.arn_of(policy), "Path": policy.path,
        "DefaultVersionId": policy.default_version, "IsAttachable": True, **_identity(policy, "PolicyId"),
        "PolicyVersionList": [
            {
                "VersionId": version, "IsDefaultVersion": version == policy.default_version,
                "Document": _document(fact.value["document"]),
            }
            for version, fact in sorted(policy.versions.items())
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(policy.tags.items())],
    }  # fmt: skip


def _managed_policy(directory: Directory, account: str, arn: str, left_out: list[LeftOut]) -> Shape | None:
    found = managed(directory, arn, account)
    if found.document is None:
        left_out.append(LeftOut(arn, found.why))
        return None
    policy = find_policy(directory, arn)
    fact = policy.versions.get(found.version) if policy is not None else None
    since = fact.since if fact is not None and fact.since != BEFORE else directory.as_of
    return {
        "PolicyName": policy_name_of(arn), "Arn": arn, "DefaultVersionId": found.version, "IsAttachable": True,
        "PolicyVersionList": [{
            "VersionId": found.version, "IsDefaultVersion": True, "Document": _document(found.document),
            **({"CreateDate": format_instant(since)} if since is not None else {}),
        }],
    }  # fmt: skip


def _document(text: str | None) -> Any:
    """A document as an object, as AWS's CLI prints it; nothing where it was never seen, and the text of what is no
    JSON."""
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
