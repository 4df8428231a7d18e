# mypyc: compiled
"""What events about policies, attachments and boundaries mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Value, tag_value
from erstwhile.domain.events.policies import (
    DefaultPolicyVersionSet,
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyCreated,
    PolicyDeleted,
    PolicyDetached,
    PolicyListed,
    PolicyVersionCreated,
    PolicyVersionDeleted,
    PolicyVersionsMissing,
)
from erstwhile.domain.evolve.handlers import evolves, evolves_subject
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.policy.knowledge.managed_policy_paths import located, path_of
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref


def _policy(
    recorder: Recorder, body: PolicyVersionCreated | PolicyVersionDeleted | DefaultPolicyVersionSet
) -> Entity | None:
    return _known(recorder, body.subject, body.arn)


def _known(recorder: Recorder, subject: Ref, arn: str) -> Entity | None:
    if recorder.account != AWS_MANAGED:
        return recorder.known(subject, arn)
    arn = located(arn)
    return recorder.known(subject, arn, path_of(arn))


@evolves(PolicyCreated)
def created(recorder: Recorder, body: PolicyCreated) -> None:
    value = {"name": body.subject.name, "arn": recorder.own(body.arn), "path": body.path}
    if body.description:
        value["description"] = body.description
    entity = recorder.begin(body.subject, value)
    recorder.drop(entity, attributes.COVERAGE)
    for key, tag in body.tags.items():
        recorder.put(entity, attributes.TAG, key, tag_value(tag))
    recorder.put(entity, attributes.VERSION, body.version_id, {"document": body.document})
    recorder.put(entity, attributes.DEFAULT, "", {"version": body.version_id})


@evolves(PolicyVersionCreated)
def version_created(recorder: Recorder, body: PolicyVersionCreated) -> None:
    entity = _policy(recorder, body)
    if entity is None:
        return
    value = entity.description
    if body.policy_created_at and value.get("created_at") != body.policy_created_at:
        recorder.describe(entity, value | {"created_at": body.policy_created_at})
    # What a version says never changes: another source's words for it are no change.
    recorder.show(entity, attributes.VERSION, body.version_id, {"document": body.document})
    if body.is_default:
        recorder.put(entity, attributes.DEFAULT, "", {"version": body.version_id})
        for missing in list(entity.unseen_versions):
            recorder.drop(entity, attributes.GAP, missing)


@evolves(PolicyVersionsMissing)
def versions_missing(recorder: Recorder, body: PolicyVersionsMissing) -> None:
    entity = _known(recorder, body.subject, body.arn)
    if entity is not None:
        for version in body.versions:
            recorder.put(entity, attributes.GAP, version, {})


@evolves(PolicyVersionDeleted)
def version_deleted(recorder: Recorder, body: PolicyVersionDeleted) -> None:
    entity = _policy(recorder, body)
    if entity is None:
        return
    recorder.drop(entity, attributes.VERSION, body.version_id)
    # IAM never gives a deleted version's number again.
    value = dict(entity.description)
    number = int(body.version_id.lstrip("v") or 0)
    if number > value.get("last_version", 0):
        recorder.describe(entity, value | {"last_version": number})


@evolves(DefaultPolicyVersionSet)
def default_set(recorder: Recorder, body: DefaultPolicyVersionSet) -> None:
    entity = _policy(recorder, body)
    if entity is not None:
        recorder.put(entity, attributes.DEFAULT, "", {"version": body.version_id})


@evolves(PolicyDeleted)
def deleted(recorder: Recorder, body: PolicyDeleted) -> None:
    entity = recorder.known(body.subject, body.arn)
    if entity is not None:
        recorder.end(entity)


@evolves(PolicyListed)
def listed(recorder: Recorder, body: PolicyListed) -> None:
    entity = recorder.known(body.subject, body.arn, body.path)
    if entity is None:
        return
    value = dict(entity.description)
    value |= {"name": body.subject.name, "arn": recorder.own(body.arn), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    recorder.name(entity, value)
    recorder.drop(entity, attributes.COVERAGE)
    versions: dict[str, Value] = {each.version_id: {"document": each.document} for each in body.versions}
    if body.only_default:
        for version, value in versions.items():
            recorder.show(entity, attributes.VERSION, version, value)
    else:
        recorder.show_only(entity, attributes.VERSION, versions)
    recorder.keep_only(
        entity, attributes.DEFAULT, {"": {"version": body.default_version}} if body.default_version else {}
    )
    if body.tags is not None:
        recorder.keep_only(entity, attributes.TAG, {key: tag_value(tag) for key, tag in body.tags.items()})


@evolves_subject(PolicyAttached)
def attached(recorder: Recorder, entity: Entity, body: PolicyAttached) -> None:
    recorder.put(entity, attributes.ATTACHED, body.policy_arn, {})


@evolves_subject(PolicyDetached)
def detached(recorder: Recorder, entity: Entity, body: PolicyDetached) -> None:
    recorder.drop(entity, attributes.ATTACHED, body.policy_arn)


@evolves_subject(InlinePolicyPut)
def inline_put(recorder: Recorder, entity: Entity, body: InlinePolicyPut) -> None:
    recorder.put(entity, attributes.INLINE, body.policy_name, {"document": body.document})


@evolves_subject(InlinePolicyDeleted)
def inline_deleted(recorder: Recorder, entity: Entity, body: InlinePolicyDeleted) -> None:
    recorder.drop(entity, attributes.INLINE, body.policy_name)


@evolves_subject(PermissionsBoundarySet)
def boundary_set(recorder: Recorder, entity: Entity, body: PermissionsBoundarySet) -> None:
    recorder.put(entity, attributes.BOUNDARY, "", {"policy": body.policy_arn})


@evolves_subject(PermissionsBoundaryRemoved)
def boundary_removed(recorder: Recorder, entity: Entity, body: PermissionsBoundaryRemoved) -> None:
    recorder.drop(entity, attributes.BOUNDARY)
