# mypyc: compiled
"""What events about resource policies, grants and assignments mean."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.directory.directory import Entity
from erstwhile.domain.directory.facts import document_value, tag_value
from erstwhile.domain.events import resources as e
from erstwhile.domain.evolve.recorder import Pen
from erstwhile.domain.policy.language.principal_binding import names_principals


def _resource(pen: Pen, arn: str) -> Entity:
    entity = pen.directory.ensure((pen.account, "resource", arn))
    if not entity.has("entity"):
        pen.put(entity, "entity", "", {"name": arn, "arn": arn})
        pen.directory.index(entity)
    return entity


def registered(pen: Pen, body: e.ResourceRegistered) -> None:
    entity = _resource(pen, body.resource)
    pen.put(entity, "registered", "", {"type": body.resource_type})
    pen.keep_only(entity, "tag", {key: tag_value(tag) for key, tag in body.tags.items()})


def deregistered(pen: Pen, body: e.ResourceDeregistered) -> None:
    pen.end(pen.directory.ensure((pen.account, "resource", body.resource)))


def policy_put(pen: Pen, body: e.ResourcePolicyPut) -> None:
    entity = _resource(pen, body.resource)
    pen.keep_only(entity, "statement", {})
    # Names are bound when a policy is saved: the same words may mean somebody who came since.
    anew = body.principals is None and names_principals(body.document)
    pen.put(entity, "policy", "", document_value(body.document, body.principals), anew=anew)


def policy_deleted(pen: Pen, body: e.ResourcePolicyDeleted) -> None:
    entity = _resource(pen, body.resource)
    pen.keep_only(entity, "statement", {})
    pen.drop(entity, "policy")


def statement_added(pen: Pen, body: e.ResourceStatementAdded) -> None:
    pen.put(_resource(pen, body.resource), "statement", body.statement_id, {"statement": body.statement})


def statement_removed(pen: Pen, body: e.ResourceStatementRemoved) -> None:
    pen.drop(_resource(pen, body.resource), "statement", body.statement_id)


def grant_created(pen: Pen, body: e.GrantCreated) -> None:
    value: dict[str, Any] = {"grantee": body.grantee, "operations": body.operations}
    if body.constraints:
        value["constraints"] = body.constraints
    pen.put(_resource(pen, body.resource), "grant", body.grant_id, value)


def grant_retired(pen: Pen, body: e.GrantRetired) -> None:
    pen.drop(_resource(pen, body.resource), "grant", body.grant_id)


def _assignments(pen: Pen, body: e.AccountAssignmentCreated | e.AccountAssignmentDeleted) -> tuple[Entity, str]:
    entity = pen.directory.ensure((pen.account, "assignments", body.target_account))
    return entity, f"{body.principal_type}/{body.principal_id}/{body.permission_set}"


def assignment_created(pen: Pen, body: e.AccountAssignmentCreated) -> None:
    entity, item = _assignments(pen, body)
    pen.put(entity, "assignment", item, {"permission_set": body.permission_set})


def assignment_deleted(pen: Pen, body: e.AccountAssignmentDeleted) -> None:
    entity, item = _assignments(pen, body)
    pen.drop(entity, "assignment", item)
