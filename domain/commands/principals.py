"""Commands about users, groups, roles and instance profiles. Named as IAM's operations are."""

from erstwhile.domain.commands.base import Command


class CreateUser(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"
    boundary: str = ""
    tags: dict[str, str] = {}


class UpdateUser(Command, frozen=True, kw_only=True):
    name: str
    new_name: str = ""
    new_path: str = ""


class DeleteUser(Command, frozen=True, kw_only=True):
    name: str


class CreateGroup(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"


class UpdateGroup(Command, frozen=True, kw_only=True):
    name: str
    new_name: str = ""
    new_path: str = ""


class DeleteGroup(Command, frozen=True, kw_only=True):
    name: str


class AddUserToGroup(Command, frozen=True, kw_only=True):
    user: str
    group: str


class RemoveUserFromGroup(Command, frozen=True, kw_only=True):
    user: str
    group: str


class CreateRole(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    trust_policy: str
    path: str = "/"
    description: str = ""
    max_session_duration: int = 3600
    boundary: str = ""
    tags: dict[str, str] = {}


class UpdateRole(Command, frozen=True, kw_only=True):
    name: str
    description: str | None = None
    max_session_duration: int | None = None


class UpdateAssumeRolePolicy(Command, frozen=True, kw_only=True):
    name: str
    document: str


class CreateServiceLinkedRole(Command, frozen=True, kw_only=True):
    """A role that a service alone changes, with the policy that AWS keeps for it, if that is known."""

    name: str
    new_id: str
    service: str
    trust_policy: str
    path: str
    description: str = ""
    policy_arn: str = ""


class DeleteServiceLinkedRole(Command, frozen=True, kw_only=True):
    name: str


class DeleteRole(Command, frozen=True, kw_only=True):
    name: str


class CreateInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"
    tags: dict[str, str] = {}


class DeleteInstanceProfile(Command, frozen=True, kw_only=True):
    name: str


class AddRoleToInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    role: str


class RemoveRoleFromInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    role: str


class Tag(Command, frozen=True, kw_only=True):
    """TagUser, TagRole, TagPolicy, TagInstanceProfile."""

    kind: str
    name: str
    tags: dict[str, str]


class Untag(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    keys: tuple[str, ...]
