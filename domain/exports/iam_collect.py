"""An account and an organisation at an instant, in the layout of iam-collect: a JSON file for each part of each entity,
which iam-lens and other tools read (`domain/observed/iam_collect.py` reads it again).

Source: https://github.com/act-security-labs/iam-collect/blob/main/docs/Storage.md, …/docs/AgentInstructions.md. Its
indexes are not written: `iam-collect index` makes them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.exports.account_details import LeftOut, somebody_else
from erstwhile.domain.policy.inputs.sources import unknowns
from erstwhile.domain.policy.language.principal_binding import as_shown
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, MalformedArn

Files = dict[str, Any]
"""Path within the folder → what stands in the file."""
Shape = dict[str, Any]
_TYPES = {"SERVICE_CONTROL_POLICY": "scps", "RESOURCE_CONTROL_POLICY": "rcps"}


def collected_account(details: Shape, account: str, partition: str) -> tuple[Files, list[LeftOut]]:
    """An account, from its authorization details. Of a managed policy the layout has the default version alone: others
    are named as left out."""
    files: Files = {}
    left_out: list[LeftOut] = []
    base = f"aws/{partition}/accounts/{account}"
    groups = {each["GroupName"]: each["Arn"] for each in details["GroupDetailList"]}
    for kind in ("User", "Group", "Role"):
        for each in details[f"{kind}DetailList"]:
            parts: Shape = {
                "metadata": {
                    "arn": each["Arn"], "name": each[f"{kind}Name"], "id": each.get(f"{kind}Id"), "path": each["Path"],
                    "created": each.get("CreateDate"),
                    "permissionBoundary": each.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                },
                "managed-policies": [policy["PolicyArn"] for policy in each["AttachedManagedPolicies"]],
                "inline-policies": each[f"{kind}PolicyList"],
                "tags": {tag["Key"]: tag["Value"] for tag in each.get("Tags", ())},
                "trust-policy": each.get("AssumeRolePolicyDocument"),
                "instance-profiles": [profile["Arn"] for profile in each.get("InstanceProfileList", ())],
                "groups": [groups[name] for name in each.get("GroupList", ()) if name in groups],
            }  # fmt: skip
            files |= _parts(_folder(base, each["Arn"]), parts)
    for each in details["Policies"]:
        default: Shape = next((one for one in each["PolicyVersionList"] if one["IsDefaultVersion"]), {})
        files |= _parts(_folder(base, each["Arn"]), {
            "metadata": {
                "arn": each["Arn"], "name": each["PolicyName"], "id": each.get("PolicyId"), "path": each.get("Path"),
                "defaultVersionId": each["DefaultVersionId"], "isAttachable": each["IsAttachable"],
                "createDate": each.get("CreateDate"), "updateDate": default.get("CreateDate"),
            },
            "current-policy": default.get("Document"),
            "tags": {tag["Key"]: tag["Value"] for tag in each.get("Tags", ())},
        })  # fmt: skip
        others = [one["VersionId"] for one in each["PolicyVersionList"] if not one["IsDefaultVersion"]]
        if others:
            why = f"versions {', '.join(others)}: the layout has the default version alone"
            left_out.append(LeftOut(each["Arn"], why))
    return files, left_out


def collected_resources(directory: Directory, account: str) -> tuple[Files, list[LeftOut]]:
    """The policies of an account's resources."""
    files: Files = {}
    left_out: list[LeftOut] = []
    base = f"aws/{directory.partition(account)}/accounts/{account}"
    for each in directory.of_kind("resource"):
        if each.account != account or not (each.resource_policies or each.policy_statements or each.grants):
            continue
        if each.grants:
            left_out.append(LeftOut(each.id, "grants of a key: the layout has policies alone"))
        document = _policy_of(directory, each)
        if document is None or unknowns(directory, each):
            left_out.append(LeftOut(each.id, "its policy was never seen"))
            continue
        if name := _of_somebody_else(directory, each):
            why = f"its policy named {name} before that existed: whom it means has no name in this form"
            left_out.append(LeftOut(each.id, why))
            continue
        try:
            folder = _folder(base, each.id)
        except MalformedArn:
            left_out.append(LeftOut(each.id, "its name is no ARN"))
            continue
        files |= _parts(folder, {"metadata": {"arn": each.id}, "policy": document})
    return files, left_out


def _of_somebody_else(directory: Directory, resource: Entity) -> str:
    """A name in one of its documents that is borne by a later principal; '' where there is none."""
    documents = [(fact.since, _shown(directory, fact)) for fact in resource.resource_policies.values()]
    documents += [(fact.since, _labelled(fact)) for fact in resource.policy_statements.values()]
    return next((name for since, each in documents if (name := somebody_else(directory, since, each))), "")


def _shown(directory: Directory, fact: Fact) -> str:
    return as_shown(directory, fact.value["document"], fact.value.get("principals") or {})


def _labelled(fact: Fact) -> str:
    """A labelled statement as a document."""
    return f'{{"Statement":[{fact.value["statement"]}]}}'


def _policy_of(directory: Directory, resource: Entity) -> Any:
    """The resource's policy, with statements that were added one by one; None where a part was never seen."""
    statements: list[Any] = []
    document: Shape = {"Version": "2012-10-17"}
    for fact in resource.resource_policies.values():
        if fact.value["document"] is None:
            return None
        document = orjson.loads(_shown(directory, fact))
        found = document.get("Statement", [])
        statements += found if isinstance(found, list) else [found]
    for fact in resource.policy_statements.values():
        statements += orjson.loads(_labelled(fact))["Statement"]
    return document | {"Statement": statements} if statements or not resource.grants else None


def collected_organization(listing: Shape, partition: str) -> Files:
    """An organisation, from its listing (`domain/exports/organization.py`)."""
    organization, management = listing["Organization"]["Id"], listing["Organization"]["MasterAccountId"]
    base = f"aws/{partition}/organizations/{organization}".lower()
    arns = {each["PolicySummary"]["Id"]: _policy_arn(each, organization, management, partition)
            for each in listing["Policies"]}  # fmt: skip

    def attached(target: str, kind: str) -> list[str]:
        return [
            arns[each["PolicySummary"]["Id"]]
            for each in listing["Policies"]
            if each["PolicySummary"]["Type"] == kind and {"TargetId": target} in each["Targets"]
        ]

    def policies(target: str) -> Shape:
        return {name: attached(target, kind) for kind, name in _TYPES.items()}

    roots = listing["Roots"]
    units = [*roots, *listing["OrganizationalUnits"]]
    enabled = {each["Type"] for root in roots for each in root["PolicyTypes"] if each["Status"] == "ENABLED"}
    files = _parts(base, {
        "metadata": {
            "id": organization, "arn": f"arn:{partition}:organizations::{management}:organization/{organization}",
            "rootOu": roots[0]["Id"] if roots else None, "rootAccountId": management,
            "rootAccountArn": f"arn:{partition}:organizations::{management}:account/{organization}/{management}",
            "features": {kind: kind in enabled for kind in _TYPES},
        },
        "accounts": {each["Id"]: {"ou": each["ParentId"], **policies(each["Id"])} for each in listing["Accounts"]},
        "ous": {each["Id"]: {"parent": each.get("ParentId"), **policies(each["Id"])} for each in units},
        "structure": {root["Id"]: _below(root["Id"], listing) for root in roots},
    })  # fmt: skip
    for each in units:
        kind = "ou" if "ParentId" in each else "root"
        arn = f"arn:{partition}:organizations::{management}:{kind}/{organization}/{each['Id']}"
        files |= _parts(f"{base}/ous/{each['Id'].lower()}", {"metadata": {"arn": arn, "name": each["Name"]}})
    for each in listing["Policies"]:
        summary = each["PolicySummary"]
        if summary["Type"] in _TYPES:
            folder = f"{base}/{_TYPES[summary['Type']]}/{quote(summary['Id'], safe='').lower()}"
            metadata = {"arn": arns[summary["Id"]], "name": summary["Name"]}
            files |= _parts(folder, {"metadata": metadata, "policy": each["Content"]})
    for each in listing["Accounts"]:
        files[f"aws/{partition}/accounts/{each['Id']}/organization.json"] = {"organizationId": organization}
    return files


def _below(node: str, listing: Shape) -> Shape:
    children = [each["Id"] for each in listing["OrganizationalUnits"] if each["ParentId"] == node]
    accounts = [each["Id"] for each in listing["Accounts"] if each["ParentId"] == node]
    found: Shape = {"children": {child: _below(child, listing) for child in children}}
    return found | ({"accounts": accounts} if accounts else {})


def _policy_arn(policy: Shape, organization: str, management: str, partition: str) -> str:
    summary = policy["PolicySummary"]
    kind = summary["Type"].lower()
    if summary["Id"] in ("p-FullAWSAccess", "p-RCPFullAWSAccess"):
        return f"arn:{partition}:organizations::aws:policy/{kind}/{summary['Id']}"
    return f"arn:{partition}:organizations::{management}:policy/{organization}/{kind}/{summary['Id']}"


def _folder(base: str, arn: str) -> str:
    """The folder of a resource: service, region, type and encoded id, in lower case. Raises MalformedArn."""
    parsed = Arn.parse(arn)
    marks = [at for at in (parsed.resource.find(":"), parsed.resource.find("/")) if at >= 0]
    at = min(marks, default=-1)
    kind, name = (parsed.resource[:at], parsed.resource[at + 1 :]) if at >= 0 else ("", parsed.resource)
    owner = AWS_MANAGED if parsed.account == AWS_MANAGED else ""
    parts = (base, parsed.service, parsed.region, owner, kind, quote(name, safe="!'()*"))
    return "/".join(part for part in parts if part).lower()


def _parts(folder: str, parts: Shape) -> Files:
    """A file for each part that says something."""
    return {f"{folder}/{name}.json": told for name, value in parts.items() if (told := _told(value))}


def _told(value: Any) -> Any:
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value
