# mypyc: compiled
"""What events about resource policies, grants and assignments mean."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import AssignmentItem
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import document_value, tag_value
from erstwhile.domain.events.resources import (
    AccountAssignmentCreated,
    AccountAssignmentDeleted,
    GrantCreated,
    GrantRetired,
    ResourceDeregistered,
    ResourcePolicyDeleted,
    ResourcePolicyPut,
    ResourceRegistered,
    ResourceStatementAdded,
    ResourceStatementRemoved,
)
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.policy.language.principal_binding import names_principals
from erstwhile.domain.policy.language.same_words import has_the_statements, say_the_same


def _resource(recorder: Recorder, arn: str) -> Entity:
    entity = recorder.directory.ensure((recorder.account, "resource", arn))
    if not entity.exists:
        recorder.put(entity, attributes.ENTITY, "", {"name": arn, "arn": arn})
        recorder.directory.index(entity)
    return entity


@evolves(ResourceRegistered)
def registered(recorder: Recorder, body: ResourceRegistered) -> None:
    entity = _resource(recorder, body.resource)
    recorder.put(entity, attributes.REGISTERED, "", {"type": body.resource_type})
    recorder.keep_only(entity, attributes.TAG, {key: tag_value(tag) for key, tag in body.tags.items()})


@evolves(ResourceDeregistered)
def deregistered(recorder: Recorder, body: ResourceDeregistered) -> None:
    recorder.end(recorder.directory.ensure((recorder.account, "resource", body.resource)))


@evolves(ResourcePolicyPut)
def policy_put(recorder: Recorder, body: ResourcePolicyPut) -> None:
    entity = _resource(recorder, body.resource)
    # Names are bound when a policy is saved: the same words may mean somebody who came since. A listing shows an ARN
    # where whoever bears the name then is bound; of one who is gone, AWS shows the unique id.
    anew = body.principals is None and names_principals(body.document)
    if body.listed and not anew and body.document is not None and _is_known(entity, body.document):
        return
    recorder.keep_only(entity, attributes.STATEMENT, {})
    recorder.put(entity, attributes.POLICY, "", document_value(body.document, body.principals), anew=anew)


def _is_known(entity: Entity, document: str) -> bool:
    """Whether a listed policy is the known one: saved as a whole, or statement by statement."""
    policies = [fact.value["document"] for fact in entity.resource_policies.values()]
    statements = [fact.value["statement"] for fact in entity.policy_statements.values()]
    if statements:
        return not policies and has_the_statements(document, statements)
    return len(policies) == 1 and say_the_same(policies[0], document)


@evolves(ResourcePolicyDeleted)
def policy_deleted(recorder: Recorder, body: ResourcePolicyDeleted) -> None:
    entity = _resource(recorder, body.resource)
    recorder.keep_only(entity, attributes.STATEMENT, {})
    recorder.drop(entity, attributes.POLICY)


@evolves(ResourceStatementAdded)
def statement_added(recorder: Recorder, body: ResourceStatementAdded) -> None:
    recorder.put(
        _resource(recorder, body.resource), attributes.STATEMENT, body.statement_id, {"statement": body.statement}
    )


@evolves(ResourceStatementRemoved)
def statement_removed(recorder: Recorder, body: ResourceStatementRemoved) -> None:
    recorder.drop(_resource(recorder, body.resource), attributes.STATEMENT, body.statement_id)


@evolves(GrantCreated)
def grant_created(recorder: Recorder, body: GrantCreated) -> None:
    value: dict[str, Any] = {"grantee": body.grantee, "operations": body.operations}
    if body.constraints:
        value["constraints"] = body.constraints
    recorder.put(_resource(recorder, body.resource), attributes.GRANT, body.grant_id, value)


@evolves(GrantRetired)
def grant_retired(recorder: Recorder, body: GrantRetired) -> None:
    recorder.drop(_resource(recorder, body.resource), attributes.GRANT, body.grant_id)


def _assignments(recorder: Recorder, body: AccountAssignmentCreated | AccountAssignmentDeleted) -> tuple[Entity, str]:
    entity = recorder.directory.ensure((recorder.account, "assignments", body.target_account))
    return entity, AssignmentItem(body.principal_type, body.principal_id, body.permission_set).text


@evolves(AccountAssignmentCreated)
def assignment_created(recorder: Recorder, body: AccountAssignmentCreated) -> None:
    entity, item = _assignments(recorder, body)
    recorder.put(entity, attributes.ASSIGNMENT, item, {"permission_set": body.permission_set})


@evolves(AccountAssignmentDeleted)
def assignment_deleted(recorder: Recorder, body: AccountAssignmentDeleted) -> None:
    entity, item = _assignments(recorder, body)
    recorder.drop(entity, attributes.ASSIGNMENT, item)
