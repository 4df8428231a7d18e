"""An organisation's central management of root access, and its access report: for the management account.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Result, Work
from erstwhile.api.aws.operations import jobs
from erstwhile.api.aws.operations.paging import in_sequence
from erstwhile.api.aws.reports import last_use, report_store
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.commands.settings import PutSetting, RemoveSetting
from erstwhile.domain.policy.evaluation.applicable import ApplicablePolicies
from erstwhile.domain.policy.inputs.guardrails import Place, place_of
from erstwhile.domain.policy.knowledge.service_reference import service_name, services
from erstwhile.domain.questions.services import granted_services
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

KIND = "organization-access"
FEATURES = {"root-credentials-management": "RootCredentialsManagement", "root-sessions": "RootSessions"}
"""Category of the setting → the feature that it enables."""


def require_management(call: Call) -> Place:
    """Returns the account's place in its organisation. Raises AwsError unless it is the management account."""
    place = place_of(call.directory, call.account)
    if place is None:
        raise AwsError(
            "OrganizationNotFoundException",
            "The request was rejected because your account is not part of an organization.",
        )
    if not place.is_management:
        raise AwsError(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The request was rejected because the account making the request is not the management account or "
            "delegated administrator account for centralized root access.",
        )
    return place


def has_feature(call: Call, category: str) -> bool:
    return find_setting(call.directory, call.account, category, "account") is not None


def _features(call: Call, place: Place) -> Result:
    enabled = [feature for category, feature in FEATURES.items() if has_feature(call, category)]
    return {"OrganizationId": place.organization_id, "EnabledFeatures": enabled}


def _switched(call: Call, command: Command | None) -> Plan:
    place = require_management(call)

    def answer(_directory: object) -> Result:
        return _features(call, place)

    return Plan(command=command, answer=answer)


def _enable(category: str, call: Call) -> Plan:
    return _switched(call, PutSetting(account=call.account, category=category, name="account"))


def _disable(category: str, call: Call) -> Plan:
    """Disables a feature; no change where it is not enabled."""
    if not has_feature(call, category):
        return _switched(call, None)
    return _switched(call, RemoveSetting(account=call.account, category=category, name="account"))


def list_features(call: Call) -> Result:
    return _features(call, require_management(call))


def _accounts_under(place: Place, path: str) -> list[str]:
    """The ids of the accounts at or below the last part of an entity path (`o-…/r-…/ou-…/111122223333`)."""
    parts = path.strip("/").split("/")
    nodes = place.organization.nodes
    at = parts[-1]
    if parts[0] != place.organization_id or (len(parts) > 1 and at not in nodes):
        raise NoSuchEntity(f"The entity path {path} cannot be found.")
    under, grown = {at}, len(parts) > 1
    if not grown:
        return sorted(node for node in nodes if node.isdigit())
    while grown:
        more = {node for node, fact in nodes.items() if fact.value.get("parent") in under} - under
        under |= more
        grown = bool(more)
    return sorted(node for node in under if node.isdigit())


def _accessible(call: Call, account: str) -> frozenset[str]:
    """The services that service control policies allow an account: each level must allow a service."""
    held = ApplicablePolicies(call.directory).scp(account)
    found = frozenset(services())
    for level in held.layers if held is not None else ():
        found &= granted_services(source for source, _ in level.statements())
    return found


def generate(call: Call) -> Work:
    place = require_management(call)
    accounts = _accounts_under(place, call.given["EntityPath"])
    accessible = frozenset[str]().union(*(_accessible(call, each) for each in accounts))
    job = str(uuid.uuid4())

    def do(connect: Connect) -> None:
        with connect() as connection:
            uses = last_use.of_accounts(connection, accounts)
            content = {
                "path": call.given["EntityPath"],
                "services": [_service(each, uses) for each in sorted(accessible)],
            }
            report_store.put(connection, job, call.account, KIND, content)

    return Work(do, lambda _call, _done: {"JobId": job}, reads_last_use=True)


def _service(service: str, uses: list[tuple[str, str, last_use.Use]]) -> dict[str, Any]:
    service_uses = [(account, principal, use) for account, principal, use in uses if use.service == service]
    last = max(service_uses, key=lambda each: each[2].at, default=None)
    return {
        "namespace": service, "total": len({each[:2] for each in service_uses}),
        **({"account": last[0], "region": last[2].region, "at": format_instant(last[2].at)} if last else {}),
    }  # fmt: skip


_SORTS = {
    "SERVICE_NAMESPACE_ASCENDING": ("namespace", False), "SERVICE_NAMESPACE_DESCENDING": ("namespace", True),
    "LAST_AUTHENTICATED_TIME_ASCENDING": ("at", False), "LAST_AUTHENTICATED_TIME_DESCENDING": ("at", True),
}  # fmt: skip


def get(call: Call) -> Work:
    def then(call: Call, report: report_store.Report) -> Result:
        key, backwards = _SORTS[call.get("SortKey", "SERVICE_NAMESPACE_ASCENDING")]
        held = sorted(report.content["services"], key=lambda each: each.get(key, ""), reverse=backwards)
        used = [each for each in held if "at" in each]
        found = [_details(each, report.content["path"]) for each in held]
        return (
            jobs.status_of(report)
            | {"NumberOfServicesAccessible": len(held), "NumberOfServicesNotAccessed": len(held) - len(used)}
            | in_sequence(call, found, "AccessDetails")
        )

    return Work(jobs.report_of(call, KIND), then)


def _details(service: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ServiceName": service_name(service["namespace"]), "ServiceNamespace": service["namespace"],
        "TotalAuthenticatedEntities": service["total"],
    }  # fmt: skip
    if "at" in service:
        here = path if path.rstrip("/").endswith(service["account"]) else f"{path.rstrip('/')}/{service['account']}"
        found |= {
            "LastAuthenticatedTime": parse_instant(service["at"]),
            "Region": service["region"],
            "EntityPath": here,
        }
    return found


OPERATIONS: dict[str, Operation] = {
    "EnableOrganizationsRootCredentialsManagement": partial(_enable, "root-credentials-management"),
    "DisableOrganizationsRootCredentialsManagement": partial(_disable, "root-credentials-management"),
    "EnableOrganizationsRootSessions": partial(_enable, "root-sessions"),
    "DisableOrganizationsRootSessions": partial(_disable, "root-sessions"),
    "ListOrganizationsFeatures": list_features,
    "GenerateOrganizationsAccessReport": generate,
    "GetOrganizationsAccessReport": get,
}
