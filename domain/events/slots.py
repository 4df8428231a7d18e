# mypyc: compiled
"""All slots of an event: those that its replay concerns, and those by which the log finds it."""

from __future__ import annotations

from erstwhile.domain.events.base import Body, TrailBody
from erstwhile.domain.events.credentials import (
    AccessKeyCreated,
    AccessKeyDeleted,
    AccessKeyStatusChanged,
    MfaDeviceEnabled,
)
from erstwhile.domain.events.principals import EntityRenamed
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot, id_slot, key_slot, mfa_slot, name_slot

RENAMED = ("user", "group")
"""Kinds whose names may change.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html and API_UpdateGroup.html"""


def new_name_slot(account: str, body: Body) -> Slot | None:
    """The other slot of a rename, or None."""
    if isinstance(body, EntityRenamed) and body.new_name.lower() not in ("", body.subject.name.lower()):
        return name_slot(account, body.subject.kind, body.new_name)
    return None


def ref_slot(account: str, ref: Ref) -> Slot:
    return name_slot(account, ref.kind, ref.name)


def replay_slots(account: str, body: Body) -> list[Slot]:
    """The slots that the event's replay concerns: what it refers to first, its subject, a rename's new name last."""
    kind = type(body)
    found = [ref_slot(account, ref) for ref in kind.references(account, body)]
    found.append(kind.slot(account, body))
    other = new_name_slot(account, body)
    return [*found, other] if other else found


def log_slots(account: str, body: Body) -> list[Slot]:
    """The slots by which the log finds the event: those of its replay, and the unique ids and keys that it names."""
    if isinstance(body, TrailBody):
        return []
    found = dict.fromkeys(replay_slots(account, body))
    for field in ("subject", "group", "role", "principal"):
        ref = getattr(body, field, None)
        if isinstance(ref, Ref) and ref.id:
            found[id_slot(ref.kind, ref.id)] = None
    if isinstance(body, AccessKeyCreated | AccessKeyStatusChanged | AccessKeyDeleted):
        found[key_slot(body.access_key_id)] = None
    if isinstance(body, MfaDeviceEnabled):
        found[mfa_slot(body.serial_number)] = None
    return list(found)
