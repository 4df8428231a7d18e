"""What each mutating IAM operation means, as domain events. One function an operation family."""

from __future__ import annotations

from collections.abc import Callable

from domain.events import Body
from domain.events import account as a
from domain.events import credentials as c
from domain.events import policies as p
from domain.events import principals as q
from domain.identifiers import Ref, policy_name_of
from domain.instants import MalformedInstant, format_instant, parse_aws_date
from domain.observed.cloudtrail.record import Record, Untranslatable
from domain.observed.documents import document_text

Translator = Callable[[Record], list[Body]]

_NAME_FIELD = {
    "user": "userName",
    "group": "groupName",
    "role": "roleName",
    "instance-profile": "instanceProfileName",
}
_RESPONSE_FIELD = {
    "user": ("user", "userId"),
    "group": ("group", "groupId"),
    "role": ("role", "roleId"),
    "instance-profile": ("instanceProfile", "instanceProfileId"),
}


def _user_or_caller(record: Record) -> Ref:
    """userName, or the caller where the request leaves it out."""
    name = record.p("userName")
    if name:
        return Ref("user", str(name))
    caller = record.caller
    if caller is not None and caller.kind == "user":
        return caller
    if record.identity.get("type") == "Root":
        return Ref("root", "root", record.account)
    raise Untranslatable(f"{record.name} without userName, by a caller that is no user")


def _subject(record: Record, kind: str) -> Ref:
    return Ref(kind, record.need(_NAME_FIELD[kind]))


def _date(value: object) -> str:
    try:
        return format_instant(parse_aws_date(str(value))) if value else ""
    except MalformedInstant:
        return ""


def _created(record: Record, kind: str) -> dict[str, object]:
    member, id_field = _RESPONSE_FIELD[kind]
    name = str(record.r(member, _NAME_FIELD[kind]) or record.need(_NAME_FIELD[kind]))
    return {
        "subject": Ref(kind, name, str(record.r(member, id_field) or "")),
        "path": str(record.r(member, "path") or record.p("path") or "/"),
        "arn": str(record.r(member, "arn") or ""),
        "tags": record.tags(),
        "created_at": _date(record.r(member, "createDate")),
    }


def create_user(record: Record) -> list[Body]:
    return [q.UserCreated(**_created(record, "user"), boundary=str(record.p("permissionsBoundary") or ""))]  # type: ignore[arg-type]


def create_group(record: Record) -> list[Body]:
    return [q.GroupCreated(**_created(record, "group"))]  # type: ignore[arg-type]


def create_role(record: Record) -> list[Body]:
    document = record.p("assumeRolePolicyDocument")
    if document is None:
        document = record.r("role", "assumeRolePolicyDocument")
    return [
        q.RoleCreated(
            **_created(record, "role"),  # type: ignore[arg-type]
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
            created_at=_date(role.get("createDate")),
            trust_policy=document_text(role.get("assumeRolePolicyDocument")),
            description=str(record.p("description") or ""),
            service_linked=record.need("aWSServiceName"),
        )
    ]


def acquire_role(record: Record) -> list[Body]:
    """A role from a template, whose policies the record does not tell: it is known, they are not."""
    role = record.r("role")
    if not isinstance(role, dict) or not role.get("roleName"):
        raise Untranslatable("AcquireRole without responseElements.role")
    subject = Ref("role", str(role["roleName"]), str(role.get("roleId") or ""))
    trust = document_text(role.get("assumeRolePolicyDocument"))
    return [
        q.PrincipalSeen(principal=subject, arn=str(role.get("arn") or "")),
        q.TrustPolicyUpdated(subject=subject, document=trust),
    ]


def create_instance_profile(record: Record) -> list[Body]:
    return [q.InstanceProfileCreated(**_created(record, "instance-profile"))]  # type: ignore[arg-type]


def rename(kind: str, event: type[q.EntityRenamed]) -> Translator:
    field = "UserName" if kind == "user" else "GroupName"

    def translate(record: Record) -> list[Body]:
        new_name, new_path = str(record.p(f"new{field}") or ""), str(record.p("newPath") or "")
        return [event(subject=_subject(record, kind), new_name=new_name, new_path=new_path)]

    return translate


def update_role(record: Record) -> list[Body]:
    duration = record.p("maxSessionDuration")
    description = record.p("description")
    return [
        q.RoleUpdated(
            subject=_subject(record, "role"),
            description=None if description is None else str(description),
            max_session_duration=None if duration is None else int(duration),
        )
    ]


def delete(kind: str, event: type[q.EntityDeleted]) -> Translator:
    return lambda record: [event(subject=_subject(record, kind))]


def update_assume_role_policy(record: Record) -> list[Body]:
    return [q.TrustPolicyUpdated(subject=_subject(record, "role"), document=document_text(record.p("policyDocument")))]


def attach(kind: str) -> Translator:
    return lambda record: [p.PolicyAttached(subject=_subject(record, kind), policy_arn=record.need("policyArn"))]


def detach(kind: str) -> Translator:
    return lambda record: [p.PolicyDetached(subject=_subject(record, kind), policy_arn=record.need("policyArn"))]


def put_inline(kind: str) -> Translator:
    return lambda record: [
        p.InlinePolicyPut(
            subject=_subject(record, kind),
            policy_name=record.need("policyName"),
            document=document_text(record.p("policyDocument")),
        )
    ]


def delete_inline(kind: str) -> Translator:
    return lambda record: [p.InlinePolicyDeleted(subject=_subject(record, kind), policy_name=record.need("policyName"))]


def put_boundary(kind: str) -> Translator:
    return lambda record: [
        p.PermissionsBoundarySet(subject=_subject(record, kind), policy_arn=record.need("permissionsBoundary"))
    ]


def delete_boundary(kind: str) -> Translator:
    return lambda record: [p.PermissionsBoundaryRemoved(subject=_subject(record, kind))]


def create_policy(record: Record) -> list[Body]:
    arn = record.r("policy", "arn")
    path = str(record.r("policy", "path") or record.p("path") or "/")
    name = str(record.r("policy", "policyName") or record.need("policyName"))
    return [
        p.PolicyCreated(
            subject=Ref("policy", name, str(record.r("policy", "policyId") or "")),
            arn=str(arn or f"arn:{record.partition}:iam::{record.account}:policy{path}{name}"),
            path=path,
            document=document_text(record.p("policyDocument")),
            description=str(record.p("description") or ""),
            tags=record.tags(),
            version_id=str(record.r("policy", "defaultVersionId") or "v1"),
        )
    ]


def _policy(record: Record) -> dict[str, object]:
    arn = record.need("policyArn")
    return {"subject": Ref("policy", policy_name_of(arn)), "arn": arn}


def create_policy_version(record: Record) -> list[Body]:
    version = record.r("policyVersion", "versionId")
    if not version:
        raise Untranslatable("CreatePolicyVersion without responseElements.policyVersion.versionId")
    return [
        p.PolicyVersionCreated(
            **_policy(record),  # type: ignore[arg-type]
            version_id=str(version),
            document=document_text(record.p("policyDocument")),
            is_default=bool(record.p("setAsDefault") or record.r("policyVersion", "isDefaultVersion")),
        )
    ]


def delete_policy_version(record: Record) -> list[Body]:
    return [p.PolicyVersionDeleted(**_policy(record), version_id=record.need("versionId"))]  # type: ignore[arg-type]


def set_default_policy_version(record: Record) -> list[Body]:
    return [p.DefaultPolicyVersionSet(**_policy(record), version_id=record.need("versionId"))]  # type: ignore[arg-type]


def delete_policy(record: Record) -> list[Body]:
    return [p.PolicyDeleted(**_policy(record))]  # type: ignore[arg-type]


def add_user_to_group(record: Record) -> list[Body]:
    return [q.GroupMemberAdded(subject=_subject(record, "user"), group=_subject(record, "group"))]


def remove_user_from_group(record: Record) -> list[Body]:
    return [q.GroupMemberRemoved(subject=_subject(record, "user"), group=_subject(record, "group"))]


def add_role_to_instance_profile(record: Record) -> list[Body]:
    return [q.RoleAddedToInstanceProfile(subject=_subject(record, "instance-profile"), role=_subject(record, "role"))]


def remove_role_from_instance_profile(record: Record) -> list[Body]:
    return [
        q.RoleRemovedFromInstanceProfile(subject=_subject(record, "instance-profile"), role=_subject(record, "role"))
    ]


def _tagged_subject(record: Record, kind: str) -> Ref:
    if kind == "policy":
        return Ref("policy", policy_name_of(record.need("policyArn")))
    return _subject(record, kind)


def tag(kind: str) -> Translator:
    return lambda record: [q.Tagged(subject=_tagged_subject(record, kind), tags=record.tags())]


def untag(kind: str) -> Translator:
    return lambda record: [
        q.Untagged(subject=_tagged_subject(record, kind), keys=[str(key) for key in record.p("tagKeys") or ()])
    ]


def create_access_key(record: Record) -> list[Body]:
    key = record.r("accessKey", "accessKeyId")
    if not key:
        raise Untranslatable("CreateAccessKey without responseElements.accessKey.accessKeyId")
    status = str(record.r("accessKey", "status") or "Active")
    return [c.AccessKeyCreated(subject=_user_or_caller(record), access_key_id=str(key), status=status)]


def update_access_key(record: Record) -> list[Body]:
    return [
        c.AccessKeyStatusChanged(
            subject=_user_or_caller(record),
            access_key_id=record.need("accessKeyId"),
            status=record.need("status"),
        )
    ]


def delete_access_key(record: Record) -> list[Body]:
    return [c.AccessKeyDeleted(subject=_user_or_caller(record), access_key_id=record.need("accessKeyId"))]


def create_login_profile(record: Record) -> list[Body]:
    reset = bool(record.p("passwordResetRequired"))
    return [c.LoginProfileCreated(subject=_user_or_caller(record), password_reset_required=reset)]


def update_login_profile(record: Record) -> list[Body]:
    reset = bool(record.p("passwordResetRequired"))
    return [c.LoginProfileUpdated(subject=_user_or_caller(record), password_reset_required=reset)]


def delete_login_profile(record: Record) -> list[Body]:
    return [c.LoginProfileDeleted(subject=_user_or_caller(record))]


def enable_mfa_device(record: Record) -> list[Body]:
    return [c.MfaDeviceEnabled(subject=_user_or_caller(record), serial_number=record.need("serialNumber"))]


def deactivate_mfa_device(record: Record) -> list[Body]:
    return [c.MfaDeviceDeactivated(subject=_user_or_caller(record), serial_number=record.need("serialNumber"))]


def put_setting(category: str, *name_fields: str) -> Translator:
    """An object of the account that decisions do not read: its name, and the scalar parameters of the call."""

    def translate(record: Record) -> list[Body]:
        parameters = record.raw.get("requestParameters") or {}
        attributes = {
            key: str(value)
            for key, value in parameters.items()
            if isinstance(value, str | int | bool) and key not in name_fields and len(str(value)) <= 2048
        }
        return [a.SettingPut(category=category, name=_setting_name(record, name_fields), attributes=attributes)]

    return translate


def remove_setting(category: str, *name_fields: str) -> Translator:
    return lambda record: [a.SettingRemoved(category=category, name=_setting_name(record, name_fields))]


def _setting_name(record: Record, fields: tuple[str, ...]) -> str:
    """The name in the request, or in the response for what is named there."""
    if not fields:
        return "account"
    for field in fields:
        if record.p(field):
            return str(record.p(field))
        for element in (record.raw.get("responseElements") or {}).items():
            if element[0] == field:
                return str(element[1])
            if isinstance(element[1], dict) and element[1].get(field):
                return str(element[1][field])
    raise Untranslatable(f"{record.name} without {' or '.join(fields)}")
