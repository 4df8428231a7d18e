"""Users, groups, roles and instance profiles: their life, membership and tags."""

from __future__ import annotations

import msgspec

from domain.events.base import Body
from domain.identifiers import Ref


class PrincipalSeen(Body):
    """A principal acted. If its creation was never seen, it is known "since before", its policies unknown."""

    principal: Ref
    arn: str = ""


class EntityCreated(Body):
    """Common to every creation of a user, group, role or instance profile."""

    subject: Ref
    path: str = "/"
    arn: str = ""
    tags: dict[str, str] = {}
    created_at: str = ""


class UserCreated(EntityCreated):
    boundary: str = ""


class GroupCreated(EntityCreated):
    pass


class RoleCreated(EntityCreated):
    trust_policy: str | None = None  # None: hidden from us
    boundary: str = ""
    description: str = ""
    max_session_duration: int = 3600
    service_linked: str = ""


class InstanceProfileCreated(EntityCreated):
    roles: list[str] = []


class EntityRenamed(Body):
    """A user or group got another name or path: the same principal."""

    subject: Ref
    new_name: str = ""
    new_path: str = ""


class UserRenamed(EntityRenamed):
    pass


class GroupRenamed(EntityRenamed):
    pass


class RoleUpdated(Body):
    subject: Ref
    description: str | None = None
    max_session_duration: int | None = None


class TrustPolicyUpdated(Body):
    subject: Ref
    document: str | None


class EntityDeleted(Body):
    subject: Ref


class UserDeleted(EntityDeleted):
    pass


class GroupDeleted(EntityDeleted):
    pass


class RoleDeleted(EntityDeleted):
    pass


class InstanceProfileDeleted(EntityDeleted):
    pass


class GroupMemberAdded(Body):
    subject: Ref
    group: Ref


class GroupMemberRemoved(Body):
    subject: Ref
    group: Ref


class RoleAddedToInstanceProfile(Body):
    subject: Ref
    role: Ref


class RoleRemovedFromInstanceProfile(Body):
    subject: Ref
    role: Ref


class Tagged(Body):
    subject: Ref
    tags: dict[str, str]


class Untagged(Body):
    subject: Ref
    keys: list[str]


class InlineDocument(msgspec.Struct, frozen=True):
    name: str
    document: str | None


class EntityListed(Body):
    """A snapshot's whole account of one user, group or role: what it lists is so, what it omits is not."""

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
