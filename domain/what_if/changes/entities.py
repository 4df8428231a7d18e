"""Users, groups, roles and managed policies that come, change and go."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.policies import PolicyCreated, PolicyDeleted, PolicyDetached, PolicyVersionCreated
from erstwhile.domain.events.principals import (
    GroupCreated,
    GroupDeleted,
    GroupMemberRemoved,
    RoleCreated,
    RoleDeleted,
    Tagged,
    Untagged,
    UserCreated,
    UserDeleted,
)
from erstwhile.domain.events.resources import ResourceRegistered
from erstwhile.domain.policy.language.principal_binding import bindings
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.domain.what_if.changes.base import Change, Made, iam_arn, new_id, path_and_name
from erstwhile.domain.what_if.lookups import (
    HOLDERS,
    ImpossibleChange,
    need,
    need_account,
    need_document,
    need_owner,
    need_policy,
    ref,
    refuse_existing,
)

_DELETED: dict[str, type[UserDeleted] | type[GroupDeleted] | type[RoleDeleted]] = {
    "user": UserDeleted, "group": GroupDeleted, "role": RoleDeleted,
}  # fmt: skip


class SetPolicy(Change, frozen=True, kw_only=True, tag="set-policy"):
    """A managed policy says this: a new default version of one that is there, or a new policy, by its ARN."""

    policy: str
    document: str

    def made(self, there: Directory) -> Iterator[Made]:
        need_document(self.document, "identity", f"policy {self.policy}")
        arn = iam_arn(self.policy, "policy")
        if arn is not None and there.with_arn(self.policy) is None and arn.account != AWS_MANAGED:
            path, name = path_and_name(arn)
            need_account(there, arn.account)
            refuse_existing(there, arn.account, "policy", name)
            subject = Ref("policy", name, new_id("policy", name))
            yield arn.account, PolicyCreated(subject=subject, arn=self.policy, path=path, document=self.document)
            return
        policy = need_policy(there, self.policy)
        if policy.account == AWS_MANAGED:
            raise ImpossibleChange(f"{self.policy} is managed by AWS: nobody else changes it")
        numbers = [int(each[1:]) for each in policy.versions if each[1:].isdigit()]
        yield policy.account, PolicyVersionCreated(
            subject=ref(policy), arn=there.arn_of(policy), version_id=f"v{max(numbers, default=0) + 1}",
            document=self.document, is_default=True,
        )  # fmt: skip


class Create(Change, frozen=True, kw_only=True, tag="create"):
    """A user, group or role is created, by its ARN. `trust`: the trust policy of a role."""

    arn: str
    trust: str = ""
    boundary: str = ""
    tags: dict[str, str] = {}

    def made(self, there: Directory) -> Iterator[Made]:
        arn = iam_arn(self.arn, *HOLDERS)
        if arn is None:
            raise ImpossibleChange(f"{self.arn} is not the ARN of a user, group or role")
        kind = arn.resource.partition("/")[0]
        path, name = path_and_name(arn)
        need_account(there, arn.account)
        refuse_existing(there, arn.account, kind, name)
        subject = Ref(kind, name, new_id(kind, name))
        boundary = there.arn_of(need_policy(there, self.boundary)) if self.boundary else ""
        if (kind == "role") != bool(self.trust):
            raise ImpossibleChange(f"{self.arn}: a role, and nothing else, has a trust policy")
        match kind:
            case "user":
                yield (
                    arn.account,
                    UserCreated(subject=subject, path=path, arn=self.arn, tags=self.tags, boundary=boundary),
                )
            case "group":
                yield arn.account, GroupCreated(subject=subject, path=path, arn=self.arn)
            case _:
                need_document(self.trust, "trust", f"the trust policy of {self.arn}")
                yield arn.account, RoleCreated(
                    subject=subject, path=path, arn=self.arn, tags=self.tags, boundary=boundary,
                    trust_policy=self.trust, principals=bindings(there, self.trust),
                )  # fmt: skip


class Delete(Change, frozen=True, kw_only=True, tag="delete"):
    """A user, group, role or managed policy is deleted, and all that refers to it before."""

    what: str

    def made(self, there: Directory) -> Iterator[Made]:
        entity = need(there, self.what, *HOLDERS, "policy")
        match entity.kind:
            case "policy":
                yield from _policy_deleted(there, entity)
            case "group":
                for user in there.members_of(entity):
                    yield user.account, GroupMemberRemoved(subject=ref(user), group=ref(entity))
                yield entity.account, GroupDeleted(subject=ref(entity))
            case kind:
                yield entity.account, _DELETED[kind](subject=ref(entity))


class Tag(Change, frozen=True, kw_only=True, tag="tag"):
    """A user, role or resource gets tags. `account`: as of `set-resource-policy`."""

    what: str
    tags: dict[str, str]
    account: str = ""

    def made(self, there: Directory) -> Iterator[Made]:
        entity = there.with_arn(self.what)
        is_of_iam = iam_arn(self.what, "user", "role", "policy") is not None
        if self.what.startswith("arn:") and not is_of_iam and (entity is None or entity.kind == "resource"):
            owner = need_owner(there, self.what, self.account)
            tags = (entity.tags if entity is not None else {}) | self.tags
            yield owner, ResourceRegistered(resource=self.what, tags=tags)
            return
        holder = need(there, self.what, "user", "role", "policy")
        yield holder.account, Tagged(subject=ref(holder), tags=self.tags)


class Untag(Change, frozen=True, kw_only=True, tag="untag"):
    """A user or role loses tags."""

    what: str
    keys: list[str]

    def made(self, there: Directory) -> Iterator[Made]:
        entity = there.with_arn(self.what)
        if entity is not None and entity.kind == "resource":
            tags = {key: value for key, value in entity.tags.items() if key not in self.keys}
            yield entity.account, ResourceRegistered(resource=self.what, tags=tags)
            return
        holder = need(there, self.what, "user", "role", "policy")
        yield holder.account, Untagged(subject=ref(holder), keys=self.keys)


def _policy_deleted(there: Directory, policy: Entity) -> Iterator[Made]:
    arn = there.arn_of(policy)
    if policy.account == AWS_MANAGED:
        raise ImpossibleChange(f"{arn} is managed by AWS: nobody else deletes it")
    for holder in there.uses_of(policy.account, arn):
        if holder.boundary == arn:
            raise ImpossibleChange(f"{arn} is the permissions boundary of {there.arn_of(holder)}: remove that before")
        yield holder.account, PolicyDetached(subject=ref(holder), policy_arn=arn)
    yield policy.account, PolicyDeleted(subject=ref(policy), arn=arn)
