"""Organisations: the tree, and the guardrails (service and resource control policies) on it."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_organization


class OrganizationNode(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    kind: str  # root, unit, account
    parent: str = ""
    name: str = ""


class OrganizationPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    type: str  # SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, …
    name: str = ""
    document: str | None = None
    targets: list[str] = []


class OrganizationListed(Body, frozen=True, kw_only=True):
    """The whole organisation at one instant: what it lists is so, what it omits is not."""

    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ()

    organization: str
    management_account: str
    nodes: list[OrganizationNode]
    policies: list[OrganizationPolicy]


class OrganizationNodePlaced(Body, frozen=True, kw_only=True):
    """A unit was created, or an account joined or moved."""

    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("node", "name")

    node: str
    kind: str
    parent: str = ""
    name: str = ""


class OrganizationNodeRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("node",)

    node: str


class GuardrailPut(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("policy", "name")

    policy: str
    policy_type: str = ""
    name: str = ""
    document: str | None = None


class GuardrailDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("policy",)

    policy: str


class GuardrailAttached(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("target", "policy")

    policy: str
    target: str


class GuardrailDetached(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ("target", "policy")

    policy: str
    target: str


class GuardrailTypeEnabled(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ()

    root: str
    policy_type: str
    listed: bool = False  # nobody did it then: a listing shows it


class GuardrailTypeDisabled(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_organization
    references = no_references
    targets = ()

    root: str
    policy_type: str
    listed: bool = False  # nobody did it then: a listing shows it
