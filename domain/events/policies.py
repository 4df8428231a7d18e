"""Managed and inline policies, what they are attached to, and boundaries."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import attached_policy, no_references, of_subject
from erstwhile.domain.vocabulary.identifiers import Ref


class PolicyCreated(Body, frozen=True, kw_only=True):
    """A managed policy, with its first version, which is the default."""

    rank = Rank.CREATE
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    path: str = "/"
    document: str | None = None  # None: hidden from us
    description: str = ""
    tags: dict[str, str] = {}
    version_id: str = "v1"


class PolicyVersionCreated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    version_id: str
    document: str | None
    is_default: bool
    policy_created_at: str = ""  # of one of AWS's, as the catalogue tells


class PolicyVersionsMissing(Body, frozen=True, kw_only=True):
    """Versions that must have existed after this instant were never seen: what applied then is unknown."""

    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    versions: list[str]


class PolicyVersionDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    version_id: str


class DefaultPolicyVersionSet(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    version_id: str


class PolicyDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DELETE
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str


class ListedVersion(msgspec.Struct, frozen=True):
    version_id: str
    document: str | None


class PolicyListed(Body, frozen=True, kw_only=True):
    """A snapshot's whole account of one customer-managed policy."""

    rank = Rank.LISTING
    slot = of_subject
    references = no_references
    targets = ("subject", "arn")

    subject: Ref
    arn: str
    path: str = "/"
    default_version: str = ""
    versions: list[ListedVersion] = []
    only_default: bool = False
    """The source tells the default version alone: others may be there."""
    tags: dict[str, str] | None = None  # None: the source tells no tags, as get-account-authorization-details
    created_at: str = ""


class PolicyAttached(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = attached_policy
    targets = ("subject", "policy_arn")

    subject: Ref
    policy_arn: str


class PolicyDetached(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = attached_policy
    targets = ("subject", "policy_arn")

    subject: Ref
    policy_arn: str


class InlinePolicyPut(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "policy_name")

    subject: Ref
    policy_name: str
    document: str | None


class InlinePolicyDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject", "policy_name")

    subject: Ref
    policy_name: str


class PermissionsBoundarySet(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = attached_policy
    targets = ("subject", "policy_arn")

    subject: Ref
    policy_arn: str


class PermissionsBoundaryRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
