# mypyc: compiled
"""What an event touches: the slots that its fold concerns, which are also its tags.

A slot is a place that entities occupy over time: a name in an account, a resource's ARN, an organisation.
Events of one slot fold together; a rename joins two slots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from erstwhile.domain.events import (
    TYPE_NAMES,
    Body,
    account,
    credentials,
    organizations,
    policies,
    principals,
    resources,
)
from erstwhile.domain.vocabulary.identifiers import Ref, account_tag, id_tag, name_tag, policy_account, policy_name_of
from erstwhile.domain.vocabulary.storable_text import is_storable, storable


def policy_refs(owner: str, arn: str) -> list[Ref]:
    """The customer-managed policy of an ARN; attaching an AWS-managed one touches the attaching side only."""
    if not arn or policy_account(arn) != owner:
        return []
    return [Ref("policy", policy_name_of(arn))]


def _attachment(owner: str, body: Any) -> list[Ref]:
    return policy_refs(owner, body.policy_arn)


def _boundary(owner: str, body: Any) -> list[Ref]:
    return policy_refs(owner, body.boundary)


def _group(_owner: str, body: Any) -> list[Ref]:
    return [body.group]


def _role(_owner: str, body: Any) -> list[Ref]:
    return [body.role]


def _roles(_owner: str, body: Any) -> list[Ref]:
    return [Ref("role", name) for name in body.roles]


def _listed(owner: str, body: principals.EntityListed) -> list[Ref]:
    return [Ref("group", name) for name in body.groups] + _roles(owner, body)


def _nothing(_owner: str, _body: Any) -> list[Ref]:
    return []


REFERENCES: dict[type[Body], Callable[[str, Any], list[Ref]]] = dict.fromkeys(TYPE_NAMES, _nothing) | {
    principals.UserCreated: _boundary,
    principals.RoleCreated: _boundary,
    principals.InstanceProfileCreated: _roles,
    principals.GroupMemberAdded: _group,
    principals.GroupMemberRemoved: _group,
    principals.RoleAddedToInstanceProfile: _role,
    principals.RoleRemovedFromInstanceProfile: _role,
    principals.EntityListed: _listed,
    policies.PolicyAttached: _attachment,
    policies.PolicyDetached: _attachment,
    policies.PermissionsBoundarySet: _attachment,
}
"""The entities that an event names beside its subject."""


def _subject_slot(owner: str, body: Any) -> str:
    return name_tag(owner, body.subject.kind, body.subject.name)


def _principal_slot(owner: str, body: Any) -> str:
    return name_tag(owner, body.principal.kind, body.principal.name)


def _account_slot(owner: str, _body: Any) -> str:
    return account_tag(owner)


def setting_tag(owner: str, category: str, name: str) -> str:
    return f"setting:{owner}/{category}/{name}"


def _setting_slot(owner: str, body: Any) -> str:
    return setting_tag(owner, body.category, body.name)


def _resource_slot(_owner: str, body: Any) -> str:
    return f"resource:{body.resource}"


def _assignment_slot(owner: str, body: Any) -> str:
    return f"assignment:{owner}/{body.target_account}"


def _organization_slot(owner: str, _body: Any) -> str:
    return f"organization:{owner}"


_SLOTS: dict[type[Body], Callable[[str, Any], str]] = {
    account.AccountRegistered: _account_slot,
    account.SnapshotTaken: _account_slot,
    account.RecordsImported: _account_slot,
    account.ChangeFailed: _account_slot,
    account.ClockStepped: _account_slot,
    account.CommandRefused: _account_slot,
    account.CredentialLocked: _account_slot,
    account.SessionIssued: _account_slot,
    account.ClaimSetAside: _account_slot,
    account.SignedIn: _account_slot,
    account.SettingPut: _setting_slot,
    account.SettingRemoved: _setting_slot,
    principals.PrincipalSeen: _principal_slot,
    resources.AccountAssignmentCreated: _assignment_slot,
    resources.AccountAssignmentDeleted: _assignment_slot,
}


def _slot_of(body_type: type[Body]) -> Callable[[str, Any], str]:
    if body_type.__module__ == resources.__name__:
        return _SLOTS.get(body_type, _resource_slot)
    if body_type.__module__ == organizations.__name__:
        return _organization_slot
    return _SLOTS.get(body_type, _subject_slot)


SUBJECT_SLOT: dict[type[Body], Callable[[str, Any], str]] = {cls: _slot_of(cls) for cls in TYPE_NAMES}
"""The slot of the entity that an event is about."""


MOST_OF_A_TAG = 2_400
"""Bytes of a tag in the log's index."""


def mfa_tag(serial_number: str) -> str:
    """The tag of an MFA device that somebody uses."""
    return f"mfa:{serial_number}"


STATELESS = (
    account.ChangeFailed,
    account.ClaimSetAside,
    account.ClockStepped,
    account.CommandRefused,
    account.CredentialLocked,
    account.RecordsImported,
    account.SessionIssued,
    account.SignedIn,
)
"""Events of the trail alone: no fold, and no boundary tags."""


RENAMED = ("user", "group")
"""Kinds whose names may change.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html and API_UpdateGroup.html"""


def new_name_slot(owner: str, body: Body) -> str | None:
    """The other slot of a rename, or None."""
    if isinstance(body, principals.EntityRenamed) and body.new_name.lower() not in (
        "",
        body.subject.name.lower(),
    ):
        return name_tag(owner, body.subject.kind, body.new_name)
    return None


def ref_slot(owner: str, ref: Ref) -> str:
    return name_tag(owner, ref.kind, ref.name)


def slots(owner: str, body: Body) -> list[str]:
    """All slots of an event: what it refers to first, its subject, a rename's new name last."""
    found = [ref_slot(owner, ref) for ref in REFERENCES[type(body)](owner, body)]
    found.append(SUBJECT_SLOT[type(body)](owner, body))
    other = new_name_slot(owner, body)
    return [*found, other] if other else found


def tags(owner: str, body: Body) -> list[str]:
    """The tags under which the log keeps an event: its slots, and the unique ids and keys it names."""
    if isinstance(body, STATELESS):
        return []
    found = dict.fromkeys(slots(owner, body))
    for field in ("subject", "group", "role", "principal"):
        ref = getattr(body, field, None)
        if isinstance(ref, Ref) and ref.id:
            found[id_tag(ref.kind, ref.id)] = None
    if isinstance(
        body, credentials.AccessKeyCreated | credentials.AccessKeyStatusChanged | credentials.AccessKeyDeleted
    ):
        found[f"key:{body.access_key_id}"] = None
    if isinstance(body, credentials.MfaDeviceEnabled):
        found[mfa_tag(body.serial_number)] = None
    return list(found)


def stored_tag(tag: str) -> str:
    """The tag as the log keeps it: PostgreSQL's indexes take no more than 2,704 bytes of a row, and no NUL. What is
    longer (nothing of AWS's is) ends in its SHA-256."""
    if len(tag) <= MOST_OF_A_TAG // 4 or len(tag.encode(errors="replace")) <= MOST_OF_A_TAG:
        return tag if is_storable(tag) else storable(tag)
    digest = hashlib.sha256(tag.encode(errors="surrogatepass")).hexdigest()
    return f"{storable(tag, MOST_OF_A_TAG // 8)}…{digest}"
