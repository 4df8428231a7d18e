# mypyc: compiled
"""What events about users, groups, roles and instance profiles mean."""

from __future__ import annotations

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Value, document_value, tag_value
from erstwhile.domain.events import principals as e
from erstwhile.domain.evolve.recorder import Recorder, provisional_id
from erstwhile.domain.policy.language.principal_binding import names_principals
from erstwhile.domain.vocabulary.identifiers import Ref, entity_arn


def seen(recorder: Recorder, body: e.PrincipalSeen) -> None:
    """The path is the ARN's middle: arn:aws:iam::111122223333:role/path/of/name."""
    _, _, resource = body.arn.partition(f":{body.principal.kind}/")
    recorder.known(body.principal, body.arn, "/" + resource.removesuffix(body.principal.name))


def _arn(recorder: Recorder, body: e.EntityCreated | e.EntityListed) -> str:
    return recorder.own(body.arn) or entity_arn(recorder.account, body.subject.kind, body.path, body.subject.name)


def _begin(recorder: Recorder, body: e.EntityCreated, **more: object) -> Entity:
    value: Value = {"name": body.subject.name, "arn": _arn(recorder, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if more:
        value.update({key: item for key, item in more.items() if item})
    existed = recorder.find(body.subject)
    entity = recorder.begin(body.subject, value)
    if existed is not None and existed is entity:
        recorder.drop(entity, "coverage")
    for key, tag in body.tags.items():
        recorder.put(entity, "tag", key, tag_value(tag))
    return entity


def user_created(recorder: Recorder, body: e.UserCreated) -> None:
    entity = _begin(recorder, body)
    if body.boundary:
        recorder.put(entity, "boundary", "", {"policy": body.boundary})


def group_created(recorder: Recorder, body: e.GroupCreated) -> None:
    _begin(recorder, body)


def role_created(recorder: Recorder, body: e.RoleCreated) -> None:
    entity = _begin(
        recorder,
        body,
        description=body.description,
        max_session_duration=body.max_session_duration,
        service_linked=body.service_linked,
    )
    recorder.put(entity, "trust", "", document_value(body.trust_policy, body.principals))
    if body.boundary:
        recorder.put(entity, "boundary", "", {"policy": body.boundary})


def instance_profile_created(recorder: Recorder, body: e.InstanceProfileCreated) -> None:
    entity = _begin(recorder, body)
    for name in body.roles:
        recorder.put(entity, "role", _id_of(recorder, Ref("role", name)), {})


def renamed(recorder: Recorder, body: e.EntityRenamed) -> None:
    entity = recorder.known(body.subject)
    if entity is None:
        return
    name = body.new_name or entity.name
    path = body.new_path or entity.path
    value = dict(entity.value("entity") or {})
    partition = entity.arn.split(":")[1] if ":" in entity.arn else recorder.directory.partition(entity.account)
    value |= {"name": name, "path": path, "arn": entity_arn(entity.account, entity.kind, path, name, partition)}
    holder = recorder.directory.named(entity.account, entity.kind, name)
    if holder is not None and holder is not entity:
        recorder.end(holder)
    recorder.name(entity, value)


def role_updated(recorder: Recorder, body: e.RoleUpdated) -> None:
    entity = recorder.known(body.subject)
    if entity is None:
        return
    value = dict(entity.value("entity") or {})
    if body.description is not None:
        value["description"] = body.description
    if body.max_session_duration is not None:
        value["max_session_duration"] = body.max_session_duration
    recorder.describe(entity, value)


def trust_policy_updated(recorder: Recorder, body: e.TrustPolicyUpdated) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        anew = body.principals is None and names_principals(body.document)
        recorder.put(entity, "trust", "", document_value(body.document, body.principals), anew=anew)


def deleted(recorder: Recorder, body: e.EntityDeleted) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.end(entity)


def _id_of(recorder: Recorder, ref: Ref) -> str:
    """The unique id of an entity of another slot, at this instant."""
    return ref.id or recorder.resolve(recorder.account, ref.kind, ref.name, recorder.at) or provisional_id(ref.name)


def member_added(recorder: Recorder, body: e.GroupMemberAdded) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.put(entity, "member_of", _id_of(recorder, body.group), {})


def member_removed(recorder: Recorder, body: e.GroupMemberRemoved) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.drop(entity, "member_of", _id_of(recorder, body.group))


def role_added(recorder: Recorder, body: e.RoleAddedToInstanceProfile) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.put(entity, "role", _id_of(recorder, body.role), {})


def role_removed(recorder: Recorder, body: e.RoleRemovedFromInstanceProfile) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.drop(entity, "role", _id_of(recorder, body.role))


def tagged(recorder: Recorder, body: e.Tagged) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        for key, value in body.tags.items():
            recorder.put(entity, "tag", key, tag_value(value))


def untagged(recorder: Recorder, body: e.Untagged) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        for key in body.keys:
            recorder.drop(entity, "tag", key)


def listed(recorder: Recorder, body: e.EntityListed) -> None:
    """A snapshot says all of an entity: what it had before and does not have now ended unseen."""
    entity = recorder.known(body.subject, body.arn, body.path)
    if entity is None:
        return
    value = dict(entity.value("entity") or {})
    value |= {"name": body.subject.name, "arn": _arn(recorder, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if body.subject.kind == "role":
        value["max_session_duration"] = body.max_session_duration
    recorder.name(entity, value)
    recorder.drop(entity, "coverage")
    recorder.keep_only(entity, "attached", {arn: {} for arn in body.attached})
    recorder.keep_only(entity, "inline", {each.name: {"document": each.document} for each in body.inline})
    recorder.keep_only(entity, "tag", {key: tag_value(tag) for key, tag in body.tags.items()})
    recorder.keep_only(entity, "boundary", {"": {"policy": body.boundary}} if body.boundary else {})
    if body.subject.kind == "user":
        groups = {_id_of(recorder, Ref("group", name)): Value() for name in body.groups}
        recorder.keep_only(entity, "member_of", groups)
    if body.subject.kind == "instance-profile":
        recorder.keep_only(entity, "role", {_id_of(recorder, Ref("role", name)): Value() for name in body.roles})
    if body.trust_policy is not None:
        recorder.put(entity, "trust", "", {"document": body.trust_policy})
