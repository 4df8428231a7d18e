# mypyc: compiled
"""What events about resource policies, grants and assignments mean."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import document_value, tag_value
from erstwhile.domain.events import resources as e
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.policy.language.principal_binding import names_principals


def _resource(recorder: Recorder, arn: str) -> Entity:
    entity = recorder.directory.ensure((recorder.account, "resource", arn))
    if not entity.has("entity"):
        recorder.put(entity, "entity", "", {"name": arn, "arn": arn})
        recorder.directory.index(entity)
    return entity


def registered(recorder: Recorder, body: e.ResourceRegistered) -> None:
    entity = _resource(recorder, body.resource)
    recorder.put(entity, "registered", "", {"type": body.resource_type})
    recorder.keep_only(entity, "tag", {key: tag_value(tag) for key, tag in body.tags.items()})


def deregistered(recorder: Recorder, body: e.ResourceDeregistered) -> None:
    recorder.end(recorder.directory.ensure((recorder.account, "resource", body.resource)))


def policy_put(recorder: Recorder, body: e.ResourcePolicyPut) -> None:
    entity = _resource(recorder, body.resource)
    recorder.keep_only(entity, "statement", {})
    # Names are bound when a policy is saved: the same words may mean somebody who came since.
    anew = body.principals is None and names_principals(body.document)
    recorder.put(entity, "policy", "", document_value(body.document, body.principals), anew=anew)


def policy_deleted(recorder: Recorder, body: e.ResourcePolicyDeleted) -> None:
    entity = _resource(recorder, body.resource)
    recorder.keep_only(entity, "statement", {})
    recorder.drop(entity, "policy")


def statement_added(recorder: Recorder, body: e.ResourceStatementAdded) -> None:
    recorder.put(_resource(recorder, body.resource), "statement", body.statement_id, {"statement": body.statement})


def statement_removed(recorder: Recorder, body: e.ResourceStatementRemoved) -> None:
    recorder.drop(_resource(recorder, body.resource), "statement", body.statement_id)


def grant_created(recorder: Recorder, body: e.GrantCreated) -> None:
    value: dict[str, Any] = {"grantee": body.grantee, "operations": body.operations}
    if body.constraints:
        value["constraints"] = body.constraints
    recorder.put(_resource(recorder, body.resource), "grant", body.grant_id, value)


def grant_retired(recorder: Recorder, body: e.GrantRetired) -> None:
    recorder.drop(_resource(recorder, body.resource), "grant", body.grant_id)


def _assignments(
    recorder: Recorder, body: e.AccountAssignmentCreated | e.AccountAssignmentDeleted
) -> tuple[Entity, str]:
    entity = recorder.directory.ensure((recorder.account, "assignments", body.target_account))
    return entity, f"{body.principal_type}/{body.principal_id}/{body.permission_set}"


def assignment_created(recorder: Recorder, body: e.AccountAssignmentCreated) -> None:
    entity, item = _assignments(recorder, body)
    recorder.put(entity, "assignment", item, {"permission_set": body.permission_set})


def assignment_deleted(recorder: Recorder, body: e.AccountAssignmentDeleted) -> None:
    entity, item = _assignments(recorder, body)
    recorder.drop(entity, "assignment", item)
