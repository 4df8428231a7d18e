"""Translates operations on users, groups, roles and instance profiles."""

from __future__ import annotations

from typing import TypedDict

from erstwhile.domain.events import Body
from erstwhile.domain.events import principals as q
from erstwhile.domain.observed.cloudtrail.iam.subjects import NAME_FIELD, date, subject
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.vocabulary.identifiers import Ref, policy_name_of

_RESPONSE_FIELD = {
    "user": ("user", "userId"),
    "group": ("group", "groupId"),
    "role": ("role", "roleId"),
    "instance-profile": ("instanceProfile", "instanceProfileId"),
}


class _Created(TypedDict):
    subject: Ref
    path: str
    arn: str
    tags: dict[str, str]
    created_at: str


def _created(record: Record, kind: str) -> _Created:
    member, id_field = _RESPONSE_FIELD[kind]
    name = str(record.r(member, NAME_FIELD[kind]) or record.need(NAME_FIELD[kind]))
    return {
        "subject": Ref(kind, name, str(record.r(member, id_field) or "")),
        "path": str(record.r(member, "path") or record.p("path") or "/"),
        "arn": str(record.r(member, "arn") or ""),
        "tags": record.tags(),
        "created_at": date(record.r(member, "createDate")),
    }


def create_user(record: Record) -> list[Body]:
    return [q.UserCreated(**_created(record, "user"), boundary=str(record.p("permissionsBoundary") or ""))]


def create_group(record: Record) -> list[Body]:
    return [q.GroupCreated(**_created(record, "group"))]


def create_role(record: Record) -> list[Body]:
    document = record.p("assumeRolePolicyDocument")
    if document is None:
        document = record.r("role", "assumeRolePolicyDocument")
    return [
        q.RoleCreated(
            **_created(record, "role"),
            trust_policy=document_text(document),
            boundary=str(record.p("permissionsBoundary") or ""),
            description=str(record.p("description") or ""),
            max_session_duration=int(record.p("maxSessionDuration") or 3600),
        )
    ]


def create_service_linked_role(record: Record) -> list[Body]:
    role = record.r("role")
    if not isinstance(role, dict) or not role.get("roleName"):
        raise Untranslatable("CreateServiceLinkedRole without responseElements.role")
    return [
        q.RoleCreated(
            subject=Ref("role", str(role["roleName"]), str(role.get("roleId") or "")),
            path=str(role.get("path") or "/"),
            arn=str(role.get("arn") or ""),
            created_at=date(role.get("createDate")),
            trust_policy=document_text(role.get("assumeRolePolicyDocument")),
            description=str(record.p("description") or ""),
            service_linked=record.need("aWSServiceName"),
        )
    ]


def acquire_role(record: Record) -> list[Body]:
    """AcquireRole makes a role from a template. The record names the role and its trust policy, but not its other
    policies; they stay unknown."""
    role = record.r("role")
    if not isinstance(role, dict) or not role.get("roleName"):
        raise Untranslatable("AcquireRole without responseElements.role")
    known = Ref("role", str(role["roleName"]), str(role.get("roleId") or ""))
    trust = document_text(role.get("assumeRolePolicyDocument"))
    return [
        q.PrincipalSeen(principal=known, arn=str(role.get("arn") or "")),
        q.TrustPolicyUpdated(subject=known, document=trust),
    ]


def create_instance_profile(record: Record) -> list[Body]:
    return [q.InstanceProfileCreated(**_created(record, "instance-profile"))]


def rename(kind: str, event: type[q.EntityRenamed]) -> Translator:
    field = "UserName" if kind == "user" else "GroupName"

    def translate(record: Record) -> list[Body]:
        new_name, new_path = str(record.p(f"new{field}") or ""), str(record.p("newPath") or "")
        return [event(subject=subject(record, kind), new_name=new_name, new_path=new_path)]

    return translate


def update_role(record: Record) -> list[Body]:
    duration = record.p("maxSessionDuration")
    description = record.p("description")
    return [
        q.RoleUpdated(
            subject=subject(record, "role"),
            description=None if description is None else str(description),
            max_session_duration=None if duration is None else int(duration),
        )
    ]


def delete(kind: str, event: type[q.EntityDeleted]) -> Translator:
    return lambda record: [event(subject=subject(record, kind))]


def update_assume_role_policy(record: Record) -> list[Body]:
    return [q.TrustPolicyUpdated(subject=subject(record, "role"), document=document_text(record.p("policyDocument")))]


def add_user_to_group(record: Record) -> list[Body]:
    return [q.GroupMemberAdded(subject=subject(record, "user"), group=subject(record, "group"))]


def remove_user_from_group(record: Record) -> list[Body]:
    return [q.GroupMemberRemoved(subject=subject(record, "user"), group=subject(record, "group"))]


def add_role_to_instance_profile(record: Record) -> list[Body]:
    return [q.RoleAddedToInstanceProfile(subject=subject(record, "instance-profile"), role=subject(record, "role"))]


def remove_role_from_instance_profile(record: Record) -> list[Body]:
    return [q.RoleRemovedFromInstanceProfile(subject=subject(record, "instance-profile"), role=subject(record, "role"))]


def _tagged_subject(record: Record, kind: str) -> Ref:
    if kind == "policy":
        return Ref("policy", policy_name_of(record.need("policyArn")))
    return subject(record, kind)


def tag(kind: str) -> Translator:
    return lambda record: [q.Tagged(subject=_tagged_subject(record, kind), tags=record.tags())]


def untag(kind: str) -> Translator:
    return lambda record: [
        q.Untagged(subject=_tagged_subject(record, kind), keys=[str(key) for key in record.p("tagKeys") or ()])
    ]
