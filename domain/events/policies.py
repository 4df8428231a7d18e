"""Managed and inline policies, what they are attached to, and boundaries."""

from __future__ import annotations

import msgspec

from domain.events.base import Body
from domain.identifiers import Ref


class PolicyCreated(Body):
    """A managed policy, with its first version, which is the default."""

    subject: Ref
    arn: str
    path: str = "/"
    document: str | None = None  # None: hidden from us
    description: str = ""
    tags: dict[str, str] = {}
    version_id: str = "v1"


class PolicyVersionCreated(Body):
    subject: Ref
    arn: str
    version_id: str
    document: str | None
    is_default: bool


class PolicyVersionsMissing(Body):
    """Versions that must have existed after this instant were never seen: what applied then is unknown."""

    subject: Ref
    arn: str
    versions: list[str]


class PolicyVersionDeleted(Body):
    subject: Ref
    arn: str
    version_id: str


class DefaultPolicyVersionSet(Body):
    subject: Ref
    arn: str
    version_id: str


class PolicyDeleted(Body):
    subject: Ref
    arn: str


class ListedVersion(msgspec.Struct, frozen=True):
    version_id: str
    document: str | None


class PolicyListed(Body):
    """A snapshot's whole account of one customer-managed policy."""

    subject: Ref
    arn: str
    path: str = "/"
    default_version: str = ""
    versions: list[ListedVersion] = []
    tags: dict[str, str] = {}
    created_at: str = ""


class PolicyAttached(Body):
    subject: Ref
    policy_arn: str


class PolicyDetached(Body):
    subject: Ref
    policy_arn: str


class InlinePolicyPut(Body):
    subject: Ref
    policy_name: str
    document: str | None


class InlinePolicyDeleted(Body):
    subject: Ref
    policy_name: str


class PermissionsBoundarySet(Body):
    subject: Ref
    policy_arn: str


class PermissionsBoundaryRemoved(Body):
    subject: Ref
