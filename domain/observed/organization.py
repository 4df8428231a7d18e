"""Reads an organisation from one file that joins what the AWS CLI lists:

{"Organization": from describe-organization, "Roots": from list-roots (with the types of policies that are enabled),
 "OrganizationalUnits": [{"Id", "Name", "ParentId"}], "Accounts": [{"Id", "Name", "ParentId"}],
 "Policies": [{"PolicySummary": {"Id", "Type", "Name"}, "Content": "…", "Targets": [{"TargetId"}]}]}
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.events.organizations import (
    GuardrailTypeDisabled,
    GuardrailTypeEnabled,
    OrganizationListed,
    OrganizationNode,
    OrganizationPolicy,
)
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.vocabulary.malformed import MalformedInput


class MalformedOrganization(MalformedInput):
    """not a listing of an organisation"""

    code = "malformed_organization"


def _parent(entry: dict[str, Any], kind: str) -> str:
    """The id of the parent: the entry's ParentId, or the first of Parents (which list-parents prints).

    Raises MalformedOrganization where both are missing.
    """
    parent_id = entry.get("ParentId") or next((parent["Id"] for parent in entry.get("Parents") or ()), None)
    if parent_id is None:
        label = f"{kind} {entry['Id']} ({entry.get('Name', '')})"
        listing = "list-accounts" if kind == "account" else "list-organizational-units-for-parent"
        raise MalformedOrganization(
            f"{label} has no ParentId: `aws organizations {listing}` leaves it out, and without it the policies "
            f"that reach the {kind} are unknown; add what `aws organizations list-parents --child-id {entry['Id']}` "
            'prints, "ParentId": "r-…" or "ou-…"'
        )
    return str(parent_id)


def read_organization(data: Any) -> OrganizationListed:
    """Reads the whole file. Raises MalformedOrganization, whose message says what was expected."""
    if not isinstance(data, dict) or "Organization" not in data or "Roots" not in data:
        raise MalformedOrganization(
            "expected an object with Organization, Roots, OrganizationalUnits, Accounts, Policies"
        )
    try:
        nodes = [OrganizationNode(each["Id"], "root", "", each.get("Name", "")) for each in data["Roots"]]
        for member, kind in (("OrganizationalUnits", "unit"), ("Accounts", "account")):
            nodes += [
                OrganizationNode(each["Id"], kind, _parent(each, kind), each.get("Name", ""))
                for each in data.get(member) or ()
            ]
        policies = [
            OrganizationPolicy(
                each["PolicySummary"]["Id"],
                each["PolicySummary"]["Type"],
                each["PolicySummary"].get("Name", ""),
                document_text(each.get("Content")),
                [target["TargetId"] for target in each.get("Targets") or ()],
            )
            for each in data.get("Policies") or ()
        ]
        organization = data["Organization"]
        return OrganizationListed(
            organization=organization["Id"],
            management_account=organization["MasterAccountId"],
            nodes=nodes,
            policies=policies,
        )
    except (KeyError, TypeError, AttributeError) as error:
        what = f"without {error.args[0]}" if isinstance(error, KeyError) else str(error)
        raise MalformedOrganization(f"an entry is not as the AWS CLI writes it: {what}") from None


def read_types(data: Any) -> list[GuardrailTypeEnabled | GuardrailTypeDisabled]:
    """Which types of guardrails are enabled at the roots, and which are not; nothing of a root whose PolicyTypes are
    left out. Raises MalformedOrganization."""
    try:
        return [
            GuardrailTypeEnabled(root=root["Id"], policy_type=kind, listed=True)
            if {"Type": kind, "Status": "ENABLED"} in _types_of(root)
            else GuardrailTypeDisabled(root=root["Id"], policy_type=kind, listed=True)
            for root in data["Roots"]
            if root.get("PolicyTypes") is not None
            for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedOrganization(f"PolicyTypes of a root are not as the AWS CLI writes them: {error}") from None


def _types_of(root: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Type": each["Type"], "Status": each.get("Status", "")} for each in root["PolicyTypes"]]
