"""An organisation at an instant, as one file that joins what the AWS CLI lists (`domain/observed/organization.py` reads
it)."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.domain.directory.attributes import policy_type_item, target_item
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.guardrails import FULL_RCP, type_if_not_described

_RCP = "RESOURCE_CONTROL_POLICY"


def organization_listing(organization: Entity) -> dict[str, Any]:
    """The tree of an organisation, and its policies with their targets."""
    nodes = {each: fact.value for each, fact in sorted(organization.nodes.items())}

    def listed(kind: str) -> list[dict[str, str]]:
        return [
            {"Id": each, "Name": value.get("name", ""), **({} if kind == "root" else {"ParentId": value["parent"]})}
            for each, value in nodes.items()
            if value.get("kind") == kind
        ]

    targets: dict[str, list[str]] = {}
    for item in sorted(organization.guardrail_targets):
        policy, target = target_item(item)
        targets.setdefault(policy, []).append(target)
    policies = {each: fact.value for each, fact in organization.guardrails.items()}
    if any(policy_type_item(item).type == _RCP and not fact.value.get("unseen")
           for item, fact in organization.guardrail_types.items()):  # fmt: skip
        targets[FULL_RCP] = list(nodes)  # as long as the type is enabled, whatever records tell
    described = organization.organization
    return {
        "Organization": {"Id": described.get("id", ""), "MasterAccountId": described.get("management", "")},
        "Roots": [each | {"PolicyTypes": _enabled(organization, each["Id"])} for each in listed("root")],
        "OrganizationalUnits": listed("unit"),
        "Accounts": listed("account"),
        "Policies": [
            {
                "PolicySummary": {
                    "Id": each,
                    "Type": policies[each]["type"] if each in policies else type_if_not_described(each),
                    "Name": policies.get(each, {}).get("name", ""),
                },
                "Content": _content(policies.get(each, {}).get("document")),
                "Targets": [{"TargetId": target} for target in targets.get(each, ())],
            }
            for each in sorted(policies.keys() | targets.keys())
        ],
    }  # fmt: skip


def _enabled(organization: Entity, root: str) -> list[dict[str, str]]:
    found = sorted(each.type for each in map(policy_type_item, organization.guardrail_types) if each.root == root)
    return [{"Type": each, "Status": "ENABLED"} for each in found]


def _content(document: str | None) -> Any:
    return orjson.loads(document) if document is not None else None
