"""An organisation, as the AWS CLI lists it, in one file:

{"Organization": describe-organization's, "Roots": list-roots',
 "OrganizationalUnits": [{"Id", "Name", "ParentId"}], "Accounts": [{"Id", "Name", "ParentId"}],
 "Policies": [{"PolicySummary": {"Id", "Type", "Name"}, "Content": "…", "Targets": [{"TargetId"}]}]}
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.events.organizations import OrganizationListed, OrganizationNode, OrganizationPolicy
from erstwhile.domain.observed.documents import document_text


class MalformedOrganization(ValueError):
    """not a listing of an organisation"""


def read_organization(data: Any) -> OrganizationListed:
    """Raises MalformedOrganization, saying what was expected."""
    if not isinstance(data, dict) or "Organization" not in data or "Roots" not in data:
        raise MalformedOrganization(
            "expected an object with Organization, Roots, OrganizationalUnits, Accounts, Policies"
        )
    try:
        nodes = [OrganizationNode(each["Id"], "root", "", each.get("Name", "")) for each in data["Roots"]]
        for member, kind in (("OrganizationalUnits", "unit"), ("Accounts", "account")):
            nodes += [
                OrganizationNode(each["Id"], kind, each["ParentId"], each.get("Name", ""))
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
    except (KeyError, TypeError) as error:
        raise MalformedOrganization(f"an entry is not as the AWS CLI writes it: {error!r}") from None
