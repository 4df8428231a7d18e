# mypyc: compiled
"""What events about policies, attachments and boundaries mean."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Entity
from erstwhile.domain.directory.facts import tag_value
from erstwhile.domain.events import policies as e
from erstwhile.domain.evolve.recorder import Pen
from erstwhile.domain.policy.knowledge.managed_policy_paths import located, path_of
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref


def _policy(
    pen: Pen, body: e.PolicyVersionCreated | e.PolicyVersionDeleted | e.DefaultPolicyVersionSet
) -> Entity | None:
    return _known(pen, body.subject, body.arn)


def _known(pen: Pen, subject: Ref, arn: str) -> Entity | None:
    if pen.account != AWS_MANAGED:
        return pen.known(subject, arn)
    arn = located(arn)
    return pen.known(subject, arn, path_of(arn))


def created(pen: Pen, body: e.PolicyCreated) -> None:
    value = {"name": body.subject.name, "arn": pen.own(body.arn), "path": body.path}
    if body.description:
        value["description"] = body.description
    entity = pen.begin(body.subject, value)
    pen.drop(entity, "coverage")
    for key, tag in body.tags.items():
        pen.put(entity, "tag", key, tag_value(tag))
    pen.put(entity, "version", body.version_id, {"document": body.document})
    pen.put(entity, "default", "", {"version": body.version_id})


def version_created(pen: Pen, body: e.PolicyVersionCreated) -> None:
    entity = _policy(pen, body)
    if entity is None:
        return
    value = entity.value("entity") or {}
    if body.policy_created_at and value.get("created_at") != body.policy_created_at:
        pen.describe(entity, value | {"created_at": body.policy_created_at})
    pen.put(entity, "version", body.version_id, {"document": body.document})
    if body.is_default:
        pen.put(entity, "default", "", {"version": body.version_id})
        for missing in list(entity.items("gap")):
            pen.drop(entity, "gap", missing)


def versions_missing(pen: Pen, body: e.PolicyVersionsMissing) -> None:
    entity = _known(pen, body.subject, body.arn)
    if entity is not None:
        for version in body.versions:
            pen.put(entity, "gap", version, {})


def version_deleted(pen: Pen, body: e.PolicyVersionDeleted) -> None:
    entity = _policy(pen, body)
    if entity is None:
        return
    pen.drop(entity, "version", body.version_id)
    # IAM never gives a deleted version's number again.
    value = dict(entity.value("entity") or {})
    number = int(body.version_id.lstrip("v") or 0)
    if number > value.get("last_version", 0):
        pen.describe(entity, value | {"last_version": number})


def default_set(pen: Pen, body: e.DefaultPolicyVersionSet) -> None:
    entity = _policy(pen, body)
    if entity is not None:
        pen.put(entity, "default", "", {"version": body.version_id})


def deleted(pen: Pen, body: e.PolicyDeleted) -> None:
    entity = pen.known(body.subject, body.arn)
    if entity is not None:
        pen.end(entity)


def listed(pen: Pen, body: e.PolicyListed) -> None:
    entity = pen.known(body.subject, body.arn, body.path)
    if entity is None:
        return
    value = dict(entity.value("entity") or {})
    value |= {"name": body.subject.name, "arn": pen.own(body.arn), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    pen.name(entity, value)
    pen.drop(entity, "coverage")
    pen.keep_only(entity, "version", {each.version_id: {"document": each.document} for each in body.versions})
    pen.keep_only(entity, "default", {"": {"version": body.default_version}} if body.default_version else {})
    pen.keep_only(entity, "tag", {key: tag_value(tag) for key, tag in body.tags.items()})


def attached(pen: Pen, body: e.PolicyAttached) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "attached", body.policy_arn, {})


def detached(pen: Pen, body: e.PolicyDetached) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "attached", body.policy_arn)


def inline_put(pen: Pen, body: e.InlinePolicyPut) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "inline", body.policy_name, {"document": body.document})


def inline_deleted(pen: Pen, body: e.InlinePolicyDeleted) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "inline", body.policy_name)


def boundary_set(pen: Pen, body: e.PermissionsBoundarySet) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "boundary", "", {"policy": body.policy_arn})


def boundary_removed(pen: Pen, body: e.PermissionsBoundaryRemoved) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "boundary")
