"""Changes of what a user, group or role has: policies, a boundary, and groups."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.policies import (
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyDetached,
)
from erstwhile.domain.events.principals import GroupMemberAdded, GroupMemberRemoved
from erstwhile.domain.what_if.changes.base import Change, Made, used_arn
from erstwhile.domain.what_if.lookups import HOLDERS, ImpossibleChange, need, need_document, need_policy, ref


class AttachPolicy(Change, frozen=True, kw_only=True, tag="attach-policy"):
    """A managed policy is attached to a user, group or role."""

    principal: str
    policy: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder, policy = need(there, self.principal, *HOLDERS), need_policy(there, self.policy)
        yield holder.account, PolicyAttached(subject=ref(holder), policy_arn=used_arn(there, policy, holder))


class DetachPolicy(Change, frozen=True, kw_only=True, tag="detach-policy"):
    """A managed policy is detached from a user, group or role."""

    principal: str
    policy: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder = need(there, self.principal, *HOLDERS)
        held = [arn for arn in holder.attached_policies if self.policy in (arn, arn.partition(":policy/")[2])]
        if not held:
            held = [used_arn(there, need_policy(there, self.policy), holder)]
        if held[0] not in holder.attached_policies:
            raise ImpossibleChange(f"{self.policy} is not attached to {there.arn_of(holder)} at that instant")
        yield holder.account, PolicyDetached(subject=ref(holder), policy_arn=held[0])


class PutInlinePolicy(Change, frozen=True, kw_only=True, tag="put-inline-policy"):
    """A user, group or role gets an inline policy, or another document of one that it has."""

    principal: str
    name: str
    document: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder = need(there, self.principal, *HOLDERS)
        need_document(self.document, "identity", f"inline policy {self.name}")
        yield holder.account, InlinePolicyPut(subject=ref(holder), policy_name=self.name, document=self.document)


class DeleteInlinePolicy(Change, frozen=True, kw_only=True, tag="delete-inline-policy"):
    """A user, group or role loses an inline policy."""

    principal: str
    name: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder = need(there, self.principal, *HOLDERS)
        if self.name not in holder.inline_policies:
            raise ImpossibleChange(f"{there.arn_of(holder)} has no inline policy {self.name} at that instant")
        yield holder.account, InlinePolicyDeleted(subject=ref(holder), policy_name=self.name)


class SetBoundary(Change, frozen=True, kw_only=True, tag="set-boundary"):
    """A managed policy becomes the permissions boundary of a user or role."""

    principal: str
    policy: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder, policy = need(there, self.principal, "user", "role"), need_policy(there, self.policy)
        yield holder.account, PermissionsBoundarySet(subject=ref(holder), policy_arn=used_arn(there, policy, holder))


class RemoveBoundary(Change, frozen=True, kw_only=True, tag="remove-boundary"):
    """A user or role has no permissions boundary any more."""

    principal: str

    def made(self, there: Directory) -> Iterator[Made]:
        holder = need(there, self.principal, "user", "role")
        if holder.boundary is None:
            raise ImpossibleChange(f"{there.arn_of(holder)} has no permissions boundary at that instant")
        yield holder.account, PermissionsBoundaryRemoved(subject=ref(holder))


class AddToGroup(Change, frozen=True, kw_only=True, tag="add-to-group"):
    user: str
    group: str

    def made(self, there: Directory) -> Iterator[Made]:
        user, group = need(there, self.user, "user"), need(there, self.group, "group")
        if user.account != group.account:
            raise ImpossibleChange(f"{self.user} and {self.group} are of two accounts")
        yield user.account, GroupMemberAdded(subject=ref(user), group=ref(group))


class RemoveFromGroup(Change, frozen=True, kw_only=True, tag="remove-from-group"):
    user: str
    group: str

    def made(self, there: Directory) -> Iterator[Made]:
        user, group = need(there, self.user, "user"), need(there, self.group, "group")
        if group.id not in user.group_ids:
            raise ImpossibleChange(f"{there.arn_of(user)} is not in {there.arn_of(group)} at that instant")
        yield user.account, GroupMemberRemoved(subject=ref(user), group=ref(group))
