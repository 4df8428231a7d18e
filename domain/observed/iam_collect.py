"""Reads a folder in the layout of iam-collect: accounts, as get-account-authorization-details would print them;
policies of resources; organisations.

Source: https://github.com/act-security-labs/iam-collect/blob/main/docs/Storage.md, …/docs/AgentInstructions.md
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import msgspec

from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.vocabulary.malformed import MalformedInput

Shape = dict[str, Any]
_KINDS = {"user": "User", "group": "Group", "role": "Role"}
_TYPES = {"scps": "SERVICE_CONTROL_POLICY", "rcps": "RESOURCE_CONTROL_POLICY"}


class MalformedCollection(MalformedInput):
    """not a folder in the layout of iam-collect"""

    code = "malformed_collection"


class CollectedPolicy(msgspec.Struct, frozen=True):
    """The policy of a resource, and whose that is."""

    arn: str
    account: str
    document: Any


class Collection(msgspec.Struct, frozen=True):
    """`accounts`: account → what get-account-authorization-details would print of it. `organizations`: listings, as
    `organization.read_organization` reads them."""

    accounts: dict[str, Shape]
    resources: tuple[CollectedPolicy, ...]
    organizations: tuple[Shape, ...]


def read_collection(files: dict[str, Any]) -> Collection:
    """Reads files by their paths within the folder: aws/PARTITION/accounts/… and …/organizations/…. Raises
    MalformedCollection, whose message says what was expected."""
    folders: dict[str, Shape] = {}
    for name, data in sorted(files.items()):
        path = PurePosixPath(name)
        folders.setdefault(str(path.parent), {})[path.stem] = data
    accounts: dict[str, Shape] = {}
    resources: list[CollectedPolicy] = []
    organizations: list[Shape] = []
    try:
        for folder, parts in folders.items():
            match folder.split("/"):
                case ["aws", _, "accounts", account, "iam", *rest] if is_account_id(account) and "metadata" in parts:
                    _add(accounts.setdefault(account, _empty()), rest, parts)
                case ["aws", _, "accounts", account, _, *_] if is_account_id(account) and "policy" in parts:
                    arn = parts["metadata"]["arn"]
                    resources.append(CollectedPolicy(arn, account, parts["policy"]))
                case ["aws", _, "organizations", _] if "metadata" in parts:
                    organizations.append(_organization(folder, parts, folders))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        what = f"without {error.args[0]}" if isinstance(error, KeyError) else str(error)
        raise MalformedCollection(f"{folder} is not as iam-collect writes it: {what}") from None
    if not accounts and not organizations:
        raise MalformedCollection(
            "expected a folder that iam-collect wrote: aws/PARTITION/accounts/ACCOUNT/iam/… or "
            "aws/PARTITION/organizations/…"
        )
    return Collection(accounts, tuple(resources), tuple(organizations))


def _empty() -> Shape:
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}


def _add(details: Shape, rest: list[str], parts: Shape) -> None:
    """Adds an entity of IAM: a user, group or role, or a managed policy."""
    kind, metadata = rest[-2], parts["metadata"]
    if kind == "policy":
        details["Policies"].append(_policy(metadata, parts))
    elif kind in _KINDS:
        details[f"{_KINDS[kind]}DetailList"].append(_entity(_KINDS[kind], metadata, parts))


def _entity(title: str, metadata: Shape, parts: Shape) -> Shape:
    name = metadata["name"]
    found: Shape = {
        f"{title}Name": name, f"{title}Id": metadata.get("id"), "Arn": metadata["arn"], "Path": metadata.get("path"),
        "CreateDate": metadata.get("created"), f"{title}PolicyList": parts.get("inline-policies", []),
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in parts.get("managed-policies", ())
        ],
        "Tags": _tags(parts), "GroupList": [arn.rpartition("/")[2] for arn in parts.get("groups", ())],
    }  # fmt: skip
    if metadata.get("permissionBoundary"):
        found["PermissionsBoundary"] = {"PermissionsBoundaryArn": metadata["permissionBoundary"]}
    if title == "Role":
        found["AssumeRolePolicyDocument"] = parts.get("trust-policy")
        found["InstanceProfileList"] = [
            {
                "InstanceProfileName": arn.rpartition("/")[2], "Arn": arn,
                "Path": arn.partition(":instance-profile")[2].rpartition("/")[0] + "/", "Roles": [{"RoleName": name}],
            }
            for arn in parts.get("instance-profiles", ())
        ]  # fmt: skip
    return found


def _policy(metadata: Shape, parts: Shape) -> Shape:
    version = {
        "VersionId": metadata["defaultVersionId"], "IsDefaultVersion": True, "Document": parts.get("current-policy"),
        "CreateDate": metadata.get("updateDate") or metadata.get("createDate"),
    }  # fmt: skip
    return {
        "PolicyName": metadata["name"], "PolicyId": metadata.get("id"), "Arn": metadata["arn"],
        "Path": metadata.get("path"), "DefaultVersionId": metadata["defaultVersionId"],
        "CreateDate": metadata.get("createDate"), "PolicyVersionList": [version], "OnlyDefaultVersion": True,
        "Tags": _tags(parts),
    }  # fmt: skip


def _tags(parts: Shape) -> list[Shape]:
    return [{"Key": key, "Value": value} for key, value in parts.get("tags", {}).items()]


def _organization(folder: str, parts: Shape, folders: dict[str, Shape]) -> Shape:
    metadata = parts["metadata"]
    names = {
        each["metadata"]["arn"].rpartition("/")[2]: each["metadata"].get("name", "")
        for path, each in folders.items()
        if path.startswith(f"{folder}/ous/") and "metadata" in each
    }
    units, accounts = parts.get("ous", {}), parts.get("accounts", {})
    enabled = [
        {"Type": kind, "Status": "ENABLED"} for kind, is_enabled in metadata.get("features", {}).items() if is_enabled
    ]
    return {
        "Organization": {"Id": metadata["id"], "MasterAccountId": metadata["rootAccountId"]},
        "Roots": [
            {"Id": each, "Name": names.get(each, ""), "PolicyTypes": enabled}
            for each, unit in units.items()
            if not unit.get("parent")
        ],
        "OrganizationalUnits": [
            {"Id": each, "Name": names.get(each, ""), "ParentId": unit["parent"]}
            for each, unit in units.items()
            if unit.get("parent")
        ],
        "Accounts": [{"Id": each, "Name": "", "ParentId": account["ou"]} for each, account in accounts.items()],
        "Policies": list(_policies(folder, folders, units | accounts)),
    }


def _policies(folder: str, folders: dict[str, Shape], nodes: Shape) -> Iterator[Shape]:
    for name, kind in _TYPES.items():
        targets: dict[str, list[Shape]] = {}
        for node, value in nodes.items():
            for arn in value.get(name, ()):
                targets.setdefault(arn, []).append({"TargetId": node})
        described = {
            each["metadata"]["arn"]: each
            for path, each in folders.items()
            if path.startswith(f"{folder}/{name}/") and "metadata" in each
        }
        for arn in dict.fromkeys((*described, *targets)):
            each = described.get(arn, {})
            yield {
                "PolicySummary": {
                    "Id": arn.rpartition("/")[2], "Type": kind, "Name": each.get("metadata", {}).get("name", ""),
                },
                "Content": each.get("policy"), "Targets": targets.get(arn, []),
            }  # fmt: skip
