"""Drift: changes that a snapshot shows and that no imported record reports.

The drift is the difference that the snapshot makes to the Directory of the snapshot's instant. Each part of it becomes
the event that an ordinary change of this kind has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Change
from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.evolve import Recorder
from erstwhile.domain.policy.language.same_words import shows_who_is_gone
from erstwhile.domain.replay.absence import is_shown
from erstwhile.domain.vocabulary.identifiers import Ref

_CREATED: dict[str, type[q.EntityCreated]] = {
    "user": q.UserCreated,
    "group": q.GroupCreated,
    "role": q.RoleCreated,
    "instance-profile": q.InstanceProfileCreated,
}
_DELETED: dict[str, type[q.EntityDeleted]] = {
    "user": q.UserDeleted,
    "group": q.GroupDeleted,
    "role": q.RoleDeleted,
    "instance-profile": q.InstanceProfileDeleted,
}


class Drift(NamedTuple):
    """`changes`: events of changes that no record reports. `gone`: entities that no longer exist, each with the event
    of its deletion."""

    changes: list[Body]
    gone: list[tuple[Entity, Body]]


def find_drift(directory: Directory, account: str, listed: Iterable[Body], taken_at: datetime, complete: bool) -> Drift:
    """Compares a snapshot's events (`listed`) with the account's state at `taken_at` (`directory`, which is not
    changed).

    Only a `complete` snapshot shows that entities are gone. Principals whose policies were never seen before have no
    drift: the snapshot is the first source of their policies.
    """
    listed = list(listed)
    gone = find_absent(directory, account, listed) if complete else []
    replaced = {entity.key for entity, _ in gone}
    directory = Directory.from_facts(directory.facts(), directory.position, directory.as_of)
    uncovered = {e.key for e in directory.all() if not e.is_covered}
    recorder = Recorder(directory, lambda account, kind, name, _at: _id(directory.named(account, kind, name)))
    recorder.turn_to(account, taken_at, directory.position + 1)
    events: list[Body] = []
    for body in listed:
        subject: Ref = body.subject  # type: ignore[attr-defined]
        existed = directory.named(account, subject.kind, subject.name)
        recorder.evolve(body)
        changes = recorder.take_changes()
        if existed is None or existed.key in replaced:
            events.append(_appeared(body))
        elif existed.key not in uncovered:
            events += [event for change in changes for event in _as_events(directory, subject, change)]
    return Drift(events, gone)


def find_absent(directory: Directory, account: str, listed: Iterable[Body]) -> list[tuple[Entity, Body]]:
    """Returns the entities of the account that a complete snapshot does not list, each with the event of its
    deletion."""
    subjects: list[Ref] = [body.subject for body in listed]  # type: ignore[attr-defined]
    names = {(subject.kind, subject.name.lower()): subject.id for subject in subjects}
    ids = {(subject.kind, subject.id) for subject in subjects if subject.id}
    return [
        (entity, _disappeared(entity))
        for entity in directory.all()
        if entity.account == account
        and is_shown(entity)
        and (entity.kind, entity.id) not in ids
        and _is_another(entity, names.get((entity.kind, entity.name.lower())))
    ]


def _is_another(entity: Entity, listed: str | None) -> bool:
    """Whether the snapshot lists another entity under this entity's name, or none.

    `listed` is the unique id that the snapshot gives for the name: None when the name is not listed, '' when the
    snapshot gives no id.
    """
    return listed is None or (listed != "" and not entity.id.startswith("~") and listed != entity.id)


def _id(entity: Entity | None) -> str | None:
    return entity.id if entity else None


def _appeared(body: Body) -> Body:
    if isinstance(body, p.PolicyListed):
        default = next((v.document for v in body.versions if v.version_id == body.default_version), None)
        return p.PolicyCreated(
            subject=body.subject,
            arn=body.arn,
            path=body.path,
            document=default,
            version_id=body.default_version or "v1",
        )
    assert isinstance(body, EntityListed)
    common = {"subject": body.subject, "path": body.path, "arn": body.arn, "created_at": body.created_at}
    if body.subject.kind == "role":
        return q.RoleCreated(**common, trust_policy=body.trust_policy)  # type: ignore[arg-type]
    return _CREATED[body.subject.kind](**common)  # type: ignore[arg-type]


def _disappeared(entity: Entity) -> Body:
    subject = Ref(entity.kind, entity.name, "" if entity.id.startswith("~") else entity.id)
    if entity.kind == "policy":
        return p.PolicyDeleted(subject=subject, arn=entity.arn)
    return _DELETED[entity.kind](subject=subject)


def _as_events(directory: Directory, subject: Ref, change: Change) -> list[Body]:
    after, item = change.after, change.item
    arn = _arn(directory, change)
    match change.attribute, after is not None:
        case "attached", True:
            return [p.PolicyAttached(subject=subject, policy_arn=item)]
        case "attached", False:
            return [p.PolicyDetached(subject=subject, policy_arn=item)]
        case "inline", True:
            return [p.InlinePolicyPut(subject=subject, policy_name=item, document=(after or {})["document"])]
        case "inline", False:
            return [p.InlinePolicyDeleted(subject=subject, policy_name=item)]
        case "boundary", True:
            return [p.PermissionsBoundarySet(subject=subject, policy_arn=(after or {})["policy"])]
        case "boundary", False:
            return [p.PermissionsBoundaryRemoved(subject=subject)]
        case "trust", True if _is_other_by_deletion_alone(change):
            return []
        case "trust", True:
            return [q.TrustPolicyUpdated(subject=subject, document=(after or {})["document"])]
        case "tag", True:
            return [q.Tagged(subject=subject, tags={item: (after or {})["value"]})]
        case "tag", False:
            return [q.Untagged(subject=subject, keys=[item])]
        case "member_of", joined:
            group = Ref("group", _name(directory, change.account, "group", item), item)
            return [
                q.GroupMemberAdded(subject=subject, group=group)
                if joined
                else q.GroupMemberRemoved(subject=subject, group=group)
            ]
        case "role", joined:
            role = Ref("role", _name(directory, change.account, "role", item), item)
            return [
                q.RoleAddedToInstanceProfile(subject=subject, role=role)
                if joined
                else q.RoleRemovedFromInstanceProfile(subject=subject, role=role)
            ]
        case "version", True:
            document = (after or {})["document"]
            return [
                p.PolicyVersionCreated(subject=subject, arn=arn, version_id=item, document=document, is_default=False)
            ]
        case "version", False:
            return [p.PolicyVersionDeleted(subject=subject, arn=arn, version_id=item)]
        case "default", True:
            return [p.DefaultPolicyVersionSet(subject=subject, arn=arn, version_id=(after or {})["version"])]
        case "entity", True if change.before is not None:
            return _updated(subject, change)
        case _:
            return []


def _is_other_by_deletion_alone(change: Change) -> bool:
    before, after = change.before, change.after
    words = (before.value.get("document") if before is not None else None, (after or {}).get("document"))
    return words[0] is not None and words[1] is not None and shows_who_is_gone(str(words[0]), str(words[1]))


def _updated(subject: Ref, change: Change) -> list[Body]:
    assert change.before is not None and change.after is not None
    before, after = change.before.value, change.after
    events: list[Body] = []
    renamed = {"user": q.UserRenamed, "group": q.GroupRenamed}.get(subject.kind)
    if renamed is not None and before.get("path") != after.get("path"):
        events.append(renamed(subject=subject, new_path=str(after.get("path"))))
    if "max_session_duration" in before and before["max_session_duration"] != after.get("max_session_duration"):
        events.append(q.RoleUpdated(subject=subject, max_session_duration=after.get("max_session_duration")))
    return events


def _arn(directory: Directory, change: Change) -> str:
    entity = directory.get(change.account, change.kind, change.entity)
    return entity.arn if entity else ""


def _name(directory: Directory, account: str, kind: str, unique_id: str) -> str:
    entity = directory.get(account, kind, unique_id)
    return entity.name if entity else unique_id.lstrip("~")
