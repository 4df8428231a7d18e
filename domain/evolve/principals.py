# mypyc: compiled
"""What events about users, groups, roles and instance profiles mean."""

from __future__ import annotations

from datetime import datetime, timedelta

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Value, document_value, tag_value
from erstwhile.domain.events.principals import (
    EntityCreated,
    EntityDeleted,
    EntityListed,
    EntityRenamed,
    GroupCreated,
    GroupDeleted,
    GroupMemberAdded,
    GroupMemberRemoved,
    GroupRenamed,
    InstanceProfileCreated,
    InstanceProfileDeleted,
    PrincipalSeen,
    RoleAddedToInstanceProfile,
    RoleCreated,
    RoleDeleted,
    RoleRemovedFromInstanceProfile,
    RoleUpdated,
    Tagged,
    TrustPolicyUpdated,
    Untagged,
    UserCreated,
    UserDeleted,
    UserRenamed,
)
from erstwhile.domain.evolve.handlers import evolves, evolves_subject
from erstwhile.domain.evolve.recorder import Recorder, provisional_id
from erstwhile.domain.policy.language.principal_binding import names_principals
from erstwhile.domain.vocabulary.identifiers import Ref, entity_arn

_TICK = timedelta(microseconds=1)


@evolves(PrincipalSeen)
def seen(recorder: Recorder, body: PrincipalSeen) -> None:
    """The path is the ARN's middle: arn:aws:iam::111122223333:role/path/of/name."""
    _, _, resource = body.arn.partition(f":{body.principal.kind}/")
    recorder.known(body.principal, body.arn, "/" + resource.removesuffix(body.principal.name))


def _arn(recorder: Recorder, body: EntityCreated | EntityListed) -> str:
    return recorder.own(body.arn) or entity_arn(recorder.account, body.subject.kind, body.path, body.subject.name)


def _begin(recorder: Recorder, body: EntityCreated, **more: object) -> Entity:
    value: Value = {"name": body.subject.name, "arn": _arn(recorder, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if more:
        value.update({key: item for key, item in more.items() if item})
    entity = recorder.begin(body.subject, value)
    recorder.drop(entity, attributes.COVERAGE)
    for key, tag in body.tags.items():
        recorder.put(entity, attributes.TAG, key, tag_value(tag))
    return entity


@evolves(UserCreated)
def user_created(recorder: Recorder, body: UserCreated) -> None:
    entity = _begin(recorder, body)
    if body.boundary:
        recorder.put(entity, attributes.BOUNDARY, "", {"policy": body.boundary})


@evolves(GroupCreated)
def group_created(recorder: Recorder, body: GroupCreated) -> None:
    _begin(recorder, body)


@evolves(RoleCreated)
def role_created(recorder: Recorder, body: RoleCreated) -> None:
    entity = _begin(
        recorder,
        body,
        description=body.description,
        max_session_duration=body.max_session_duration,
        service_linked=body.service_linked,
    )
    recorder.put(entity, attributes.TRUST, "", document_value(body.trust_policy, body.principals))
    if body.boundary:
        recorder.put(entity, attributes.BOUNDARY, "", {"policy": body.boundary})


@evolves(InstanceProfileCreated)
def instance_profile_created(recorder: Recorder, body: InstanceProfileCreated) -> None:
    entity = _begin(recorder, body)
    for name in body.roles:
        recorder.put(entity, attributes.ROLE, _id_of(recorder, Ref("role", name)), {})


@evolves_subject(UserRenamed, GroupRenamed)
def renamed(recorder: Recorder, entity: Entity, body: EntityRenamed) -> None:
    name = body.new_name or entity.name
    path = body.new_path or entity.path
    value = dict(entity.description)
    partition = entity.arn.split(":")[1] if ":" in entity.arn else recorder.directory.partition(entity.account)
    value |= {"name": name, "path": path, "arn": entity_arn(entity.account, entity.kind, path, name, partition)}
    holder = recorder.directory.named(entity.account, entity.kind, name)
    if holder is not None and holder is not entity:
        recorder.end(holder)
    recorder.name(entity, value)


@evolves_subject(RoleUpdated)
def role_updated(recorder: Recorder, entity: Entity, body: RoleUpdated) -> None:
    value = dict(entity.description)
    if body.description is not None:
        value["description"] = body.description
    if body.max_session_duration is not None:
        value["max_session_duration"] = body.max_session_duration
    recorder.describe(entity, value)


@evolves_subject(TrustPolicyUpdated)
def trust_policy_updated(recorder: Recorder, entity: Entity, body: TrustPolicyUpdated) -> None:
    anew = body.principals is None and names_principals(body.document)
    recorder.put(entity, attributes.TRUST, "", document_value(body.document, body.principals), anew=anew)


@evolves_subject(UserDeleted, GroupDeleted, RoleDeleted, InstanceProfileDeleted)
def deleted(recorder: Recorder, entity: Entity, body: EntityDeleted) -> None:
    recorder.end(entity)


def _id_of(recorder: Recorder, ref: Ref) -> str:
    """The unique id of an entity of another slot, at this instant; of one that a call of the same second deleted or
    renamed, what it was before."""
    return ref.id or _bearer(recorder, ref, recorder.at) or _bearer_before(recorder, ref) or provisional_id(ref.name)


def _bearer(recorder: Recorder, ref: Ref, at: datetime) -> str | None:
    return recorder.resolve(recorder.account, ref.kind, ref.name, at)


def _bearer_before(recorder: Recorder, ref: Ref) -> str | None:
    """Who had the name until this instant: lives end before the instant of what ended them."""
    return _bearer(recorder, ref, recorder.at - _TICK)


def _leave(recorder: Recorder, entity: Entity, attribute: str, ref: Ref) -> None:
    """The entity is no longer with another one. Where a call of the same second deleted that, and another made one of
    its name, it is the former that was left."""
    before = "" if ref.id else _bearer_before(recorder, ref)
    is_there = before and before in recorder.items(entity, attribute)
    recorder.drop(entity, attribute, before if before and is_there else _id_of(recorder, ref))


@evolves_subject(GroupMemberAdded)
def member_added(recorder: Recorder, entity: Entity, body: GroupMemberAdded) -> None:
    recorder.put(entity, attributes.MEMBER_OF, _id_of(recorder, body.group), {})


@evolves_subject(GroupMemberRemoved)
def member_removed(recorder: Recorder, entity: Entity, body: GroupMemberRemoved) -> None:
    _leave(recorder, entity, attributes.MEMBER_OF, body.group)


@evolves_subject(RoleAddedToInstanceProfile)
def role_added(recorder: Recorder, entity: Entity, body: RoleAddedToInstanceProfile) -> None:
    recorder.put(entity, attributes.ROLE, _id_of(recorder, body.role), {})


@evolves_subject(RoleRemovedFromInstanceProfile)
def role_removed(recorder: Recorder, entity: Entity, body: RoleRemovedFromInstanceProfile) -> None:
    _leave(recorder, entity, attributes.ROLE, body.role)


@evolves_subject(Tagged)
def tagged(recorder: Recorder, entity: Entity, body: Tagged) -> None:
    for key, value in body.tags.items():
        recorder.put(entity, attributes.TAG, key, tag_value(value))


@evolves_subject(Untagged)
def untagged(recorder: Recorder, entity: Entity, body: Untagged) -> None:
    for key in body.keys:
        recorder.drop(entity, attributes.TAG, key)


@evolves(EntityListed)
def listed(recorder: Recorder, body: EntityListed) -> None:
    """A snapshot says all of an entity: what it had before and does not have now ended unseen."""
    entity = recorder.known(body.subject, body.arn, body.path)
    if entity is None:
        return
    value = dict(entity.description)
    value |= {"name": body.subject.name, "arn": _arn(recorder, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if body.subject.kind == "role":
        # No source of listings tells it: what is known stays.
        value.setdefault("max_session_duration", body.max_session_duration)
    holder = recorder.directory.named(entity.account, entity.kind, body.subject.name)
    if holder is not None and holder is not entity:
        recorder.end(holder)  # no record tells that it has the name again
    recorder.name(entity, value)
    recorder.drop(entity, attributes.COVERAGE)
    recorder.keep_only(entity, attributes.ATTACHED, {arn: {} for arn in body.attached})
    recorder.show_only(entity, attributes.INLINE, {each.name: {"document": each.document} for each in body.inline})
    if body.tags or body.subject.kind != "instance-profile":  # of these, sources may tell none
        recorder.keep_only(entity, attributes.TAG, {key: tag_value(tag) for key, tag in body.tags.items()})
    recorder.keep_only(entity, attributes.BOUNDARY, {"": {"policy": body.boundary}} if body.boundary else {})
    if body.subject.kind == "user":
        groups = {_id_of(recorder, Ref("group", name)): Value() for name in body.groups}
        recorder.keep_only(entity, attributes.MEMBER_OF, groups)
    if body.subject.kind == "instance-profile":
        recorder.keep_only(
            entity, attributes.ROLE, {_id_of(recorder, Ref("role", name)): Value() for name in body.roles}
        )
    if body.trust_policy is not None:
        recorder.show(entity, attributes.TRUST, "", {"document": body.trust_policy})
