"""Organisations: the tree, and the guardrails (service and resource control policies) on it."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events.base import Body


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

    organization: str
    management_account: str
    nodes: list[OrganizationNode]
    policies: list[OrganizationPolicy]


class OrganizationNodePlaced(Body, frozen=True, kw_only=True):
    """A unit was created, or an account joined or moved."""

    node: str
    kind: str
    parent: str = ""
    name: str = ""


class OrganizationNodeRemoved(Body, frozen=True, kw_only=True):
    node: str


class GuardrailPut(Body, frozen=True, kw_only=True):
    policy: str
    policy_type: str = ""
    name: str = ""
    document: str | None = None


class GuardrailDeleted(Body, frozen=True, kw_only=True):
    policy: str


class GuardrailAttached(Body, frozen=True, kw_only=True):
    policy: str
    target: str


class GuardrailDetached(Body, frozen=True, kw_only=True):
    policy: str
    target: str


class GuardrailTypeEnabled(Body, frozen=True, kw_only=True):
    root: str
    policy_type: str


class GuardrailTypeDisabled(Body, frozen=True, kw_only=True):
    root: str
    policy_type: str
