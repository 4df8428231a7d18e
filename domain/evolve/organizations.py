# mypyc: compiled
"""What events about organisations and guardrails mean.

One entity per account that reported it holds the tree (`node`), the policies (`guardrail`) and where they
are attached (`target`, item `policy@target`).
"""

from __future__ import annotations

from erstwhile.domain.directory.directory import Entity
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events import organizations as e
from erstwhile.domain.evolve.recorder import Pen


def _organization(pen: Pen) -> Entity:
    return pen.directory.ensure((pen.account, "organization", pen.account))


def listed(pen: Pen, body: e.OrganizationListed) -> None:
    entity = _organization(pen)
    pen.put(entity, "organization", "", {"id": body.organization, "management": body.management_account})
    nodes: dict[str, Value] = {n.id: {"kind": n.kind, "parent": n.parent, "name": n.name} for n in body.nodes}
    pen.keep_only(entity, "node", nodes)
    guardrails: dict[str, Value] = {
        p.id: {"type": p.type, "name": p.name, "document": p.document} for p in body.policies
    }
    pen.keep_only(entity, "guardrail", guardrails)
    targets: dict[str, Value] = {f"{p.id}@{target}": {} for p in body.policies for target in p.targets}
    pen.keep_only(entity, "target", targets)


def node_placed(pen: Pen, body: e.OrganizationNodePlaced) -> None:
    entity = _organization(pen)
    value = dict(entity.value("node", body.node) or {"kind": body.kind, "parent": "", "name": ""})
    if body.parent:
        value["parent"] = body.parent
    if body.name:
        value["name"] = body.name
    pen.put(entity, "node", body.node, value)


def node_removed(pen: Pen, body: e.OrganizationNodeRemoved) -> None:
    pen.drop(_organization(pen), "node", body.node)


def guardrail_put(pen: Pen, body: e.GuardrailPut) -> None:
    entity = _organization(pen)
    value = dict(entity.value("guardrail", body.policy) or {"type": "", "name": "", "document": None})
    if body.policy_type:
        value["type"] = body.policy_type
    if body.name:
        value["name"] = body.name
    if body.document is not None:
        value["document"] = body.document
    pen.put(entity, "guardrail", body.policy, value)


def guardrail_deleted(pen: Pen, body: e.GuardrailDeleted) -> None:
    entity = _organization(pen)
    pen.drop(entity, "guardrail", body.policy)
    for item in [item for item in entity.items("target") if item.startswith(f"{body.policy}@")]:
        pen.drop(entity, "target", item)


def guardrail_attached(pen: Pen, body: e.GuardrailAttached) -> None:
    pen.put(_organization(pen), "target", f"{body.policy}@{body.target}", {})


def guardrail_detached(pen: Pen, body: e.GuardrailDetached) -> None:
    pen.drop(_organization(pen), "target", f"{body.policy}@{body.target}")


def type_enabled(pen: Pen, body: e.GuardrailTypeEnabled) -> None:
    pen.put(_organization(pen), "policy_type", f"{body.policy_type}@{body.root}", {})


def type_disabled(pen: Pen, body: e.GuardrailTypeDisabled) -> None:
    pen.drop(_organization(pen), "policy_type", f"{body.policy_type}@{body.root}")
