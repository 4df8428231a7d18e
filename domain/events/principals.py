"""Users, groups, roles and instance profiles: their life, membership and tags."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import (
    boundary_policy,
    group_of_member,
    groups_and_roles,
    no_references,
    of_principal,
    of_subject,
    role_of_profile,
    roles_of_profile,
)
from erstwhile.domain.vocabulary.identifiers import Ref


class PrincipalSeen(Body, frozen=True, kw_only=True):
    """A principal acted. If its creation was never seen, it is known "since before", its policies unknown."""

    rank = Rank.MODIFY
    slot = of_principal
    references = no_references
    targets = ("principal", "arn")

    principal: Ref
    arn: str = ""


class EntityCreated(Body, frozen=True, kw_only=True):
    """Common to every creation of a user, group, role or instance profile."""

    subject: Ref
    path: str = "/"
    arn: str = ""
    tags: dict[str, str] = {}
    created_at: str = ""


class UserCreated(EntityCreated, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_subject
    references = boundary_policy
    targets = ("subject", "arn", "boundary")

    boundary: str = ""


class GroupCreated(EntityCreated, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")


class RoleCreated(EntityCreated, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_subject
    references = boundary_policy
    targets = ("subject", "arn", "boundary")

    trust_policy: str | None = None  # None: hidden from us
    boundary: str = ""
    description: str = ""
    max_session_duration: int = 3600
    service_linked: str = ""
    principals: dict[str, str] | None = None  # in the trust policy: ARN → unique id at that time


class InstanceProfileCreated(EntityCreated, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_subject
    references = roles_of_profile
    targets = ("subject", "arn")

    roles: list[str] = []


class EntityRenamed(Body, frozen=True, kw_only=True):
    """A user or group got another name or path: the same principal."""

    subject: Ref
    new_name: str = ""
    new_path: str = ""


class UserRenamed(EntityRenamed, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)


class GroupRenamed(EntityRenamed, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)


class RoleUpdated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    description: str | None = None
    max_session_duration: int | None = None


class TrustPolicyUpdated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    document: str | None
    principals: dict[str, str] | None = None  # ARN → unique id at that time; None: not recorded


class EntityDeleted(Body, frozen=True, kw_only=True):
    subject: Ref


class UserDeleted(EntityDeleted, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_subject
    references = no_references
    targets = ("subject",)


class GroupDeleted(EntityDeleted, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_subject
    references = no_references
    targets = ("subject",)


class RoleDeleted(EntityDeleted, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_subject
    references = no_references
    targets = ("subject",)


class InstanceProfileDeleted(EntityDeleted, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_subject
    references = no_references
    targets = ("subject",)


class GroupMemberAdded(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = group_of_member
    targets = ("subject", "group")

    subject: Ref
    group: Ref


class GroupMemberRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = group_of_member
    targets = ("subject", "group")

    subject: Ref
    group: Ref


class RoleAddedToInstanceProfile(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = role_of_profile
    targets = ("subject", "role")

    subject: Ref
    role: Ref


class RoleRemovedFromInstanceProfile(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = role_of_profile
    targets = ("subject", "role")

    subject: Ref
    role: Ref


class Tagged(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    tags: dict[str, str]


class Untagged(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    keys: list[str]


class InlineDocument(msgspec.Struct, frozen=True):
    name: str
    document: str | None


class EntityListed(Body, frozen=True, kw_only=True):
    """A snapshot's whole account of one user, group or role: what it lists is so, what it omits is not."""

    rank = Rank.LISTING
    slot = of_subject
    references = groups_and_roles
    targets = ("subject", "arn", "boundary")

    subject: Ref
    path: str = "/"
    arn: str = ""
    created_at: str = ""
    groups: list[str] = []
    attached: list[str] = []
    inline: list[InlineDocument] = []
    boundary: str = ""
    tags: dict[str, str] = {}
    trust_policy: str | None = None
    max_session_duration: int = 3600
    roles: list[str] = []  # of an instance profile
