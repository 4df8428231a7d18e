"""The changes that can be supposed, each as the events that it would be.

Entities are named as people name them: by ARN, `user/ada`, name or unique id; documents are texts. Nothing is refused
because an account is only observed: nothing is done to it. What IAM itself would refuse is refused: a document that
breaks the grammar, a second entity of one name, the deletion of a boundary that is in use.

- `base`: what every change has in common.
- `attachments`, `entities`, `documents`, `guardrails`: the changes, by what they are about.
"""

from erstwhile.domain.what_if.changes.attachments import (
    AddToGroup,
    AttachPolicy,
    DeleteInlinePolicy,
    DetachPolicy,
    PutInlinePolicy,
    RemoveBoundary,
    RemoveFromGroup,
    SetBoundary,
)
from erstwhile.domain.what_if.changes.documents import DeleteResourcePolicy, SetResourcePolicy, SetTrust
from erstwhile.domain.what_if.changes.entities import Create, Delete, SetPolicy, Tag, Untag
from erstwhile.domain.what_if.changes.guardrails import AttachGuardrail, DetachGuardrail, SetGuardrail

AnyChange = (
    AttachPolicy | DetachPolicy | PutInlinePolicy | DeleteInlinePolicy | SetPolicy | SetBoundary | RemoveBoundary
    | AddToGroup | RemoveFromGroup | Create | Delete | SetTrust | SetResourcePolicy | DeleteResourcePolicy | Tag
    | Untag | AttachGuardrail | DetachGuardrail | SetGuardrail
)  # fmt: skip

__all__ = [
    "AddToGroup",
    "AnyChange",
    "AttachGuardrail",
    "AttachPolicy",
    "Create",
    "Delete",
    "DeleteInlinePolicy",
    "DeleteResourcePolicy",
    "DetachGuardrail",
    "DetachPolicy",
    "PutInlinePolicy",
    "RemoveBoundary",
    "RemoveFromGroup",
    "SetBoundary",
    "SetGuardrail",
    "SetPolicy",
    "SetResourcePolicy",
    "SetTrust",
    "Tag",
    "Untag",
]
