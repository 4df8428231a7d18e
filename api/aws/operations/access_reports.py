"""Reports on the services that a user, group, role or policy gives access to, and on when they were last used.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Operation, Result, Work
from erstwhile.api.aws.operations import jobs
from erstwhile.api.aws.operations.paging import in_sequence
from erstwhile.api.aws.reports import last_use, report_store
from erstwhile.api.aws.reports.last_use import Use
from erstwhile.api.aws.wire.errors import invalid
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import find_policy, managed
from erstwhile.domain.policy.knowledge.service_reference import is_service, service_name
from erstwhile.domain.questions.services import granted_services, grants_of, services_allowed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_name_of
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.domain.vocabulary.refusals import NoSuchEntity
from erstwhile.projections.trail import used_actions

KIND = "service-access"


def _entity(call: Call, arn: str) -> Entity:
    entity = call.directory.with_arn(arn) or find_policy(call.directory, arn)
    if entity is None or entity.kind not in ("user", "group", "role", "policy"):
        raise NoSuchEntity(f"ARN {arn} cannot be found.")
    if entity.account not in (call.account, AWS_MANAGED):
        raise NoSuchEntity(f"ARN {arn} cannot be found.")
    return entity


def _principals(call: Call, entity: Entity) -> list[Entity]:
    """The principals that have the entity's permissions: the entity itself, a group's members, or a policy's users."""
    if entity.kind == "group":
        return call.directory.members_of(entity)
    if entity.kind != "policy":
        return [entity]
    principals: dict[str, Entity] = {}
    for holder in call.directory.uses_of(call.account, entity.arn):
        for principal in call.directory.members_of(holder) if holder.kind == "group" else [holder]:
            principals[principal.id] = principal
    return list(principals.values())


def _services(call: Call, entity: Entity) -> list[str]:
    if entity.kind == "policy":
        document = managed(call.directory, entity.arn).document
        return sorted(services_allowed(document)) if document is not None else []
    return sorted(granted_services(grant.source for grant in grants_of(call.directory, entity)))


def generate(call: Call) -> Work:
    entity = _entity(call, call.given["Arn"])
    principals, services = _principals(call, entity), _services(call, entity)
    granularity = call.get("Granularity", "SERVICE_LEVEL")
    job = str(uuid.uuid4())

    def do(connect: Connect) -> None:
        with connect() as connection:
            uses = last_use.of_principals(connection, call.account, [each.id for each in principals])
            seen = used_actions(connection, call.account, [each.arn for each in principals])
            for each in principals:
                for action, at in seen.get(each.arn, ()):
                    service, _, name = action.partition(":")
                    uses.setdefault(each.id, []).append(Use(service, name, "", at))
            content = {"type": granularity, "services": [_service(each, principals, uses) for each in services]}
            report_store.put(connection, job, call.account, KIND, content)

    return Work(do, lambda _call, _done: {"JobId": job}, reads_last_use=True)


def _service(service: str, principals: list[Entity], uses: Mapping[str, list[Use]]) -> dict[str, Any]:
    entities: list[dict[str, Any]] = []
    actions: dict[str, tuple[datetime, str, str]] = {}
    for principal in principals:
        service_uses = [use for use in uses.get(principal.id, ()) if use.service == service]
        last = max(service_uses, key=lambda use: use.at, default=None)
        entities.append(
            {"Arn": principal.arn, "Name": principal.name, "Type": principal.kind.upper(), "Id": principal.id,
             "Path": principal.path,
             "at": format_instant(last.at) if last else "", "region": last.region if last else ""}
        )  # fmt: skip
        for use in service_uses:
            if use.action not in actions or actions[use.action][0] < use.at:
                actions[use.action] = (use.at, principal.arn, use.region)
    tracked = [
        {"ActionName": name, "at": format_instant(at), "entity": arn, "region": region}
        for name, (at, arn, region) in sorted(actions.items())
    ]
    return {"namespace": service, "entities": entities, "actions": tracked}


def _last(entity: dict[str, Any]) -> tuple[datetime, str]:
    return parse_instant(entity["at"]), entity["Arn"]


def details(call: Call) -> Work:
    def then(call: Call, report: report_store.Report) -> Result:
        by_action = report.content["type"] == "ACTION_LEVEL"
        found = [_details(each, by_action) for each in report.content["services"]]
        head = jobs.status_of(report) | {"JobType": report.content["type"]}
        return head | in_sequence(call, found, "ServicesLastAccessed")

    return Work(jobs.report_of(call, KIND), then)


def _details(service: dict[str, Any], by_action: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "ServiceName": service_name(service["namespace"]), "ServiceNamespace": service["namespace"],
        "TotalAuthenticatedEntities": 0,
    }  # fmt: skip
    authenticated = [each for each in service["entities"] if each["at"]]
    if authenticated:
        last = max(authenticated, key=_last)
        shape |= {"LastAuthenticated": parse_instant(last["at"]), "LastAuthenticatedEntity": last["Arn"],
                  "TotalAuthenticatedEntities": len(authenticated)}  # fmt: skip
        if last["region"]:
            shape["LastAuthenticatedRegion"] = last["region"]
    if by_action:
        shape["TrackedActionsLastAccessed"] = [
            {"ActionName": each["ActionName"], "LastAccessedEntity": each["entity"],
             "LastAccessedTime": parse_instant(each["at"]),
             **({"LastAccessedRegion": each["region"]} if each["region"] else {})}
            for each in service["actions"]
        ]  # fmt: skip
    return shape


def details_with_entities(call: Call) -> Work:
    namespace = call.given["ServiceNamespace"]
    if not is_service(namespace):
        raise invalid(f"{namespace} is not a service namespace")

    def then(call: Call, report: report_store.Report) -> Result:
        services = [each for each in report.content["services"] if each["namespace"] == namespace]
        found = [
            {"EntityInfo": {name: entity[name] for name in ("Arn", "Name", "Type", "Id", "Path")}}
            | ({"LastAuthenticated": parse_instant(entity["at"])} if entity["at"] else {})
            for service in services
            for entity in service["entities"]
        ]
        return jobs.status_of(report) | in_sequence(call, found, "EntityDetailsList")

    return Work(jobs.report_of(call, KIND), then)


def policies_granting(call: Call) -> Result:
    entity = _entity(call, call.given["Arn"])
    if entity.kind == "policy":
        raise invalid("Arn must be that of a user, group or role")
    grants = grants_of(call.directory, entity)
    services = []
    for namespace in call.given["ServiceNamespaces"]:
        if not is_service(namespace):
            raise invalid(f"{namespace} is not a service namespace")
        policies = []
        for grant in grants:
            document = grant.source.document
            if document is None or namespace not in services_allowed(document):
                continue
            if grant.source.policy.startswith("inline:"):
                policies.append(
                    {"PolicyName": grant.source.policy.removeprefix("inline:"), "PolicyType": "INLINE",
                     "EntityType": grant.holder.kind.upper(), "EntityName": grant.holder.name}
                )  # fmt: skip
            else:
                arn = grant.source.policy
                policies.append({"PolicyName": policy_name_of(arn), "PolicyType": "MANAGED", "PolicyArn": arn})
        services.append({"ServiceNamespace": namespace, "Policies": policies})
    return in_sequence(call, services, "PoliciesGrantingServiceAccess")


OPERATIONS: dict[str, Operation] = {
    "GenerateServiceLastAccessedDetails": generate,
    "GetServiceLastAccessedDetails": details,
    "GetServiceLastAccessedDetailsWithEntities": details_with_entities,
    "ListPoliciesGrantingServiceAccess": policies_granting,
}
