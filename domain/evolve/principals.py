# mypyc: compiled
"""What events about users, groups, roles and instance profiles mean."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Entity
from erstwhile.domain.directory.facts import Value, document_value, tag_value
from erstwhile.domain.events import principals as e
from erstwhile.domain.evolve.recorder import Pen, provisional_id
from erstwhile.domain.policy.language.principal_binding import names_principals
from erstwhile.domain.vocabulary.identifiers import Ref, entity_arn


def seen(pen: Pen, body: e.PrincipalSeen) -> None:
    """The path is the ARN's middle: arn:aws:iam::111122223333:role/path/of/name."""
    _, _, resource = body.arn.partition(f":{body.principal.kind}/")
    pen.known(body.principal, body.arn, "/" + resource.removesuffix(body.principal.name))


def _arn(pen: Pen, body: e.EntityCreated | e.EntityListed) -> str:
    return pen.own(body.arn) or entity_arn(pen.account, body.subject.kind, body.path, body.subject.name)


def _begin(pen: Pen, body: e.EntityCreated, **more: object) -> Entity:
    value: Value = {"name": body.subject.name, "arn": _arn(pen, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if more:
        value.update({key: item for key, item in more.items() if item})
    existed = pen.find(body.subject)
    entity = pen.begin(body.subject, value)
    if existed is not None and existed is entity:
        pen.drop(entity, "coverage")
    for key, tag in body.tags.items():
        pen.put(entity, "tag", key, tag_value(tag))
    return entity


def user_created(pen: Pen, body: e.UserCreated) -> None:
    entity = _begin(pen, body)
    if body.boundary:
        pen.put(entity, "boundary", "", {"policy": body.boundary})


def group_created(pen: Pen, body: e.GroupCreated) -> None:
    _begin(pen, body)


def role_created(pen: Pen, body: e.RoleCreated) -> None:
    entity = _begin(
        pen,
        body,
        description=body.description,
        max_session_duration=body.max_session_duration,
        service_linked=body.service_linked,
    )
    pen.put(entity, "trust", "", document_value(body.trust_policy, body.principals))
    if body.boundary:
        pen.put(entity, "boundary", "", {"policy": body.boundary})


def instance_profile_created(pen: Pen, body: e.InstanceProfileCreated) -> None:
    entity = _begin(pen, body)
    for name in body.roles:
        pen.put(entity, "role", _id_of(pen, Ref("role", name)), {})


def renamed(pen: Pen, body: e.EntityRenamed) -> None:
    entity = pen.known(body.subject)
    if entity is None:
        return
    name = body.new_name or entity.name
    path = body.new_path or entity.path
    value = dict(entity.value("entity") or {})
    partition = entity.arn.split(":")[1] if ":" in entity.arn else pen.directory.partition(entity.account)
    value |= {"name": name, "path": path, "arn": entity_arn(entity.account, entity.kind, path, name, partition)}
    holder = pen.directory.named(entity.account, entity.kind, name)
    if holder is not None and holder is not entity:
        pen.end(holder)
    pen.name(entity, value)


def role_updated(pen: Pen, body: e.RoleUpdated) -> None:
    entity = pen.known(body.subject)
    if entity is None:
        return
    value = dict(entity.value("entity") or {})
    if body.description is not None:
        value["description"] = body.description
    if body.max_session_duration is not None:
        value["max_session_duration"] = body.max_session_duration
    pen.describe(entity, value)


def trust_policy_updated(pen: Pen, body: e.TrustPolicyUpdated) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        anew = body.principals is None and names_principals(body.document)
        pen.put(entity, "trust", "", document_value(body.document, body.principals), anew=anew)


def deleted(pen: Pen, body: e.EntityDeleted) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.end(entity)


def _id_of(pen: Pen, ref: Ref) -> str:
    """The unique id of an entity of another slot, at this instant."""
    return ref.id or pen.resolve(pen.account, ref.kind, ref.name, pen.at) or provisional_id(ref.name)


def member_added(pen: Pen, body: e.GroupMemberAdded) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "member_of", _id_of(pen, body.group), {})


def member_removed(pen: Pen, body: e.GroupMemberRemoved) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "member_of", _id_of(pen, body.group))


def role_added(pen: Pen, body: e.RoleAddedToInstanceProfile) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "role", _id_of(pen, body.role), {})


def role_removed(pen: Pen, body: e.RoleRemovedFromInstanceProfile) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "role", _id_of(pen, body.role))


def tagged(pen: Pen, body: e.Tagged) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        for key, value in body.tags.items():
            pen.put(entity, "tag", key, tag_value(value))


def untagged(pen: Pen, body: e.Untagged) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        for key in body.keys:
            pen.drop(entity, "tag", key)


def listed(pen: Pen, body: e.EntityListed) -> None:
    """A snapshot says all of an entity: what it had before and does not have now ended unseen."""
    entity = pen.known(body.subject, body.arn, body.path)
    if entity is None:
        return
    value = dict(entity.value("entity") or {})
    value |= {"name": body.subject.name, "arn": _arn(pen, body), "path": body.path}
    if body.created_at:
        value["created_at"] = body.created_at
    if body.subject.kind == "role":
        value["max_session_duration"] = body.max_session_duration
    pen.name(entity, value)
    pen.drop(entity, "coverage")
    pen.keep_only(entity, "attached", {arn: {} for arn in body.attached})
    pen.keep_only(entity, "inline", {each.name: {"document": each.document} for each in body.inline})
    pen.keep_only(entity, "tag", {key: tag_value(tag) for key, tag in body.tags.items()})
    pen.keep_only(entity, "boundary", {"": {"policy": body.boundary}} if body.boundary else {})
    if body.subject.kind == "user":
        groups = {_id_of(pen, Ref("group", name)): Value() for name in body.groups}
        pen.keep_only(entity, "member_of", groups)
    if body.subject.kind == "instance-profile":
        pen.keep_only(entity, "role", {_id_of(pen, Ref("role", name)): Value() for name in body.roles})
    if body.trust_policy is not None:
        pen.put(entity, "trust", "", {"document": body.trust_policy})
