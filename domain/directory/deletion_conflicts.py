"""What must be removed from an entity before it can be deleted; IAM's error for it is DeleteConflict.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html (and DeleteGroup, DeleteRole,
DeleteInstanceProfile)
"""

from __future__ import annotations

from erstwhile.domain.directory.entity import Entity

DELETION_CONFLICTS = {
    "attached": "must detach all policies first.",
    "inline": "must delete policies first.",
    "member_of": "must remove users from group first.",
    "access_key": "must delete access keys first.",
    "login_profile": "must delete login profile first.",
    "mfa": "must delete MFA device first.",
    "credential": "must delete certificates, public keys and service specific credentials first.",
    "role": "must remove roles from instance profile first.",
}
"""Attribute of the entity → the end of IAM's message."""


def deletion_conflict(entity: Entity) -> str:
    """Why the entity cannot be deleted, as the end of IAM's message; '' where nothing is in the way. Commands are
    refused with it. Replay orders the events of one instant by it: a deletion comes after the events that removed these
    attributes."""
    facts = entity.facts
    return next((message for attribute, message in DELETION_CONFLICTS.items() if facts.get(attribute)), "")
