"""Policies that sit on resources: buckets, keys, functions, queues, …"""

from __future__ import annotations

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_assignment, of_resource


class ResourceRegistered(Body, frozen=True, kw_only=True):
    """A resource, with all of its tags: an application's own, or another whose tags policies depend on."""

    rank = Rank.MODIFY
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str  # its ARN
    resource_type: str = ""
    tags: dict[str, str] = {}


class ResourceDeregistered(Body, frozen=True, kw_only=True):
    """The resource is gone, its policy with it."""

    rank = Rank.DELETE
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str


class ResourcePolicyPut(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str  # its ARN
    document: str | None
    principals: dict[str, str] | None = None  # ARN → unique id at that time; None: not recorded
    listed: bool = False  # nobody saved it then: a listing shows it


class ResourcePolicyDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str


class ResourceStatementAdded(Body, frozen=True, kw_only=True):
    """One statement of a resource's policy, of services that edit it statement by statement (Lambda, SNS, SQS)."""

    rank = Rank.MODIFY
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str
    statement_id: str
    statement: str | None


class ResourceStatementRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str
    statement_id: str


class GrantCreated(Body, frozen=True, kw_only=True):
    """A KMS grant: operations that a principal may use on a key, outside its policy.

    `constraints`: what must stand in the encryption context, as KMS names it: EncryptionContextSubset,
    EncryptionContextEquals.
    """

    rank = Rank.MODIFY
    slot = of_resource
    references = no_references
    targets = ("resource", "grantee")

    resource: str
    grant_id: str
    grantee: str
    operations: list[str]
    constraints: dict[str, dict[str, str]] = {}


class GrantRetired(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_resource
    references = no_references
    targets = ("resource",)

    resource: str
    grant_id: str


class AccountAssignmentCreated(Body, frozen=True, kw_only=True):
    """IAM Identity Center: a user or group of the directory may use a permission set in an account."""

    rank = Rank.MODIFY
    slot = of_assignment
    references = no_references
    targets = ("target_account", "permission_set", "principal_id")

    target_account: str
    permission_set: str
    principal_type: str
    principal_id: str


class AccountAssignmentDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_assignment
    references = no_references
    targets = ("target_account", "permission_set", "principal_id")

    target_account: str
    permission_set: str
    principal_type: str
    principal_id: str
