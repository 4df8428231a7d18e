"""Commands about policies, attachments and boundaries."""

from erstwhile.domain.commands.base import Command


class CreatePolicy(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    document: str
    path: str = "/"
    description: str = ""
    tags: dict[str, str] = {}


class CreatePolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    document: str
    set_as_default: bool = False


class SetDefaultPolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    version_id: str


class DeletePolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    version_id: str


class DeletePolicy(Command, frozen=True, kw_only=True):
    arn: str


class AttachPolicy(Command, frozen=True, kw_only=True):
    """AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy."""

    kind: str
    name: str
    policy_arn: str


class DetachPolicy(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_arn: str


class PutInlinePolicy(Command, frozen=True, kw_only=True):
    """PutUserPolicy, PutGroupPolicy, PutRolePolicy."""

    kind: str
    name: str
    policy_name: str
    document: str
    beyond_quota: bool = False  # what ends sessions is put in force however full the policies are


class DeleteInlinePolicy(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_name: str


class PutPermissionsBoundary(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_arn: str


class DeletePermissionsBoundary(Command, frozen=True, kw_only=True):
    kind: str
    name: str
