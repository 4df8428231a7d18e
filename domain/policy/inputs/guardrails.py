"""Service and resource control policies that reach an account, level by level, from the root to the account.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
and …/orgs_manage_policies_rcps_evaluation.html
"""

from __future__ import annotations

from typing import Literal

import msgspec

from erstwhile.domain.directory.attributes import TargetItem, policy_type_item, target_item
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import Source

GuardrailType = Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]

FULL_ACCESS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
FULL_SCP, FULL_RCP = "p-FullAWSAccess", "p-RCPFullAWSAccess"
AWS_OWN = {FULL_SCP, FULL_RCP}
_IN_WORDS = {
    "SERVICE_CONTROL_POLICY": "service control policies", "RESOURCE_CONTROL_POLICY": "resource control policies",
}  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where an account stands: its organisation, and the nodes from the root down to it."""

    organization: Entity
    nodes: tuple[str, ...]
    is_management: bool

    @property
    def organization_id(self) -> str:
        return str(self.organization.organization.get("id") or "")

    @property
    def path(self) -> str:
        """aws:PrincipalOrgPaths: `o-…/r-…/ou-…/`"""
        return "/".join((self.organization_id, *self.nodes[:-1])) + "/"


def place_of(directory: Directory, account: str) -> Place | None:
    """Where an account stands in an organisation that is known; None when none has it.

    An organisation that is only observed says nothing of an account that is governed here; and an account's own word
    comes before another's.
    """
    governed = directory.mode(account) == "governed"
    known = sorted(directory.of_kind("organization"), key=lambda each: (each.account != account, each.account))
    for organization in known:
        if governed and directory.mode(organization.account) != "governed":
            continue
        found = place_in(organization, account)
        if found is not None:
            return found
    return None


def place_in(organization: Entity, account: str) -> Place | None:
    """Where an account stands in one organisation; None where it is not in it."""
    kept = organization.found
    if kept is None:
        found = _standing(organization, account)
    else:
        (found,) = kept.get(account) or kept.keep(account, (_standing(organization, account),))
    return None if found is None else Place(organization, *found)


def _standing(organization: Entity, account: str) -> tuple[tuple[str, ...], bool] | None:
    """The nodes from the root down to an account, and whether it is the management account."""
    nodes = organization.nodes
    is_management = account == organization.organization.get("management")
    if account not in nodes and not is_management:
        return None
    chain: list[str] = []
    at = account
    while at and at not in chain:
        chain.append(at)
        fact = nodes.get(at)
        at = str(fact.value.get("parent") or "") if fact is not None else ""
    return tuple(reversed(chain)), is_management


def guardrail_levels(place: Place, kind: GuardrailType) -> list[list[Source]] | None:
    """The guardrails of one type over an account, level by level; None where that type does not reach it.

    The management account is exempt. A type that nobody enabled, and of which no policy is attached, is not
    in use. Of one that is enabled and of which no listing shows any, each level has what is not known.
    """
    if place.is_management:
        return None
    key, kept = (kind, place.nodes), place.organization.found
    if kept is None:
        return _levels(place, kind)
    found: tuple[list[list[Source]] | None]
    found = kept.get(key) or kept.keep(key, (_levels(place, kind),))
    return found[0]


def _levels(place: Place, kind: GuardrailType) -> list[list[Source]] | None:
    attached: dict[str, list[str]] = {}
    organization = place.organization
    for item in organization.guardrail_targets:
        policy, target = target_item(item)
        attached.setdefault(target, []).append(policy)
    found: list[list[Source]] = []
    types = [fact for item, fact in organization.guardrail_types.items() if policy_type_item(item).type == kind]
    enabled = [fact.opened_by for fact in types]
    in_use = bool(enabled)
    is_unseen = any(fact.value.get("unseen") for fact in types)
    for node in place.nodes:
        here: list[Source] = []
        for policy in attached.get(node, ()):
            fact = organization.guardrails.get(policy)
            document = fact.value["document"] if fact is not None else None
            of_kind = fact.value["type"] if fact is not None else type_if_not_described(policy)
            if of_kind != kind:
                continue
            if document is None and policy in AWS_OWN:
                document = FULL_ACCESS
            opened = fact.opened_by if fact is not None else 0
            position = organization.guardrail_targets[TargetItem(policy, node).text].opened_by
            here.append(Source(policy, "", document, (node, policy), position, opened))
            in_use = True
        if kind == "RESOURCE_CONTROL_POLICY" and FULL_RCP not in attached.get(node, ()):
            # It is attached everywhere as long as the type is enabled, and nobody can detach it: no record tells of it.
            position = enabled[0] if enabled else 0
            here.append(Source(FULL_RCP, "", FULL_ACCESS, (node, FULL_RCP), position, position))
        if is_unseen:
            words = f"the {_IN_WORDS[kind]} of {place.organization_id} are enabled, and no listing shows them"
            here.append(Source("", "", None, (node,), enabled[0], why=words))
        found.append(here)
    return found if in_use else None


def type_if_not_described(policy: str) -> str:
    """Of a policy that nobody described: AWS's own are known by name."""
    return "RESOURCE_CONTROL_POLICY" if policy == FULL_RCP else "SERVICE_CONTROL_POLICY"
