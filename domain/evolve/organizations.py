# mypyc: compiled
"""What events about organisations and guardrails mean.

One entity per account that reported it holds the tree (`node`), the policies (`guardrail`) and where they
are attached (`target`, item `policy@target`).
"""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import PolicyTypeItem, TargetItem, target_item
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDeleted,
    GuardrailDetached,
    GuardrailPut,
    GuardrailTypeDisabled,
    GuardrailTypeEnabled,
    OrganizationListed,
    OrganizationNodePlaced,
    OrganizationNodeRemoved,
)
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder


def _organization(recorder: Recorder) -> Entity:
    return recorder.directory.ensure((recorder.account, "organization", recorder.account))


@evolves(OrganizationListed)
def listed(recorder: Recorder, body: OrganizationListed) -> None:
    entity = _organization(recorder)
    recorder.put(entity, attributes.ORGANIZATION, "", {"id": body.organization, "management": body.management_account})
    nodes: dict[str, Value] = {n.id: {"kind": n.kind, "parent": n.parent, "name": n.name} for n in body.nodes}
    recorder.keep_only(entity, attributes.NODE, nodes)
    guardrails: dict[str, Value] = {
        p.id: {"type": p.type, "name": p.name, "document": p.document} for p in body.policies
    }
    recorder.show_only(entity, attributes.GUARDRAIL, guardrails)
    targets: dict[str, Value] = {
        TargetItem(policy.id, target).text: {} for policy in body.policies for target in policy.targets
    }
    recorder.keep_only(entity, attributes.TARGET, targets)


@evolves(OrganizationNodePlaced)
def node_placed(recorder: Recorder, body: OrganizationNodePlaced) -> None:
    entity = _organization(recorder)
    known = entity.nodes.get(body.node)
    value = dict(known.value) if known is not None else {"kind": body.kind, "parent": "", "name": ""}
    if body.parent:
        value["parent"] = body.parent
    if body.name:
        value["name"] = body.name
    recorder.put(entity, attributes.NODE, body.node, value)


@evolves(OrganizationNodeRemoved)
def node_removed(recorder: Recorder, body: OrganizationNodeRemoved) -> None:
    recorder.drop(_organization(recorder), attributes.NODE, body.node)


@evolves(GuardrailPut)
def guardrail_put(recorder: Recorder, body: GuardrailPut) -> None:
    entity = _organization(recorder)
    known = entity.guardrails.get(body.policy)
    value: Value = dict(known.value) if known is not None else {"type": "", "name": "", "document": None}
    if body.policy_type:
        value["type"] = body.policy_type
    if body.name:
        value["name"] = body.name
    if body.document is not None:
        value["document"] = body.document
    recorder.put(entity, attributes.GUARDRAIL, body.policy, value)


@evolves(GuardrailDeleted)
def guardrail_deleted(recorder: Recorder, body: GuardrailDeleted) -> None:
    entity = _organization(recorder)
    recorder.drop(entity, attributes.GUARDRAIL, body.policy)
    for item in [item for item in entity.guardrail_targets if target_item(item).policy == body.policy]:
        recorder.drop(entity, attributes.TARGET, item)


@evolves(GuardrailAttached)
def guardrail_attached(recorder: Recorder, body: GuardrailAttached) -> None:
    recorder.put(_organization(recorder), attributes.TARGET, TargetItem(body.policy, body.target).text, {})


@evolves(GuardrailDetached)
def guardrail_detached(recorder: Recorder, body: GuardrailDetached) -> None:
    recorder.drop(_organization(recorder), attributes.TARGET, TargetItem(body.policy, body.target).text)


@evolves(GuardrailTypeEnabled)
def type_enabled(recorder: Recorder, body: GuardrailTypeEnabled) -> None:
    recorder.put(_organization(recorder), attributes.POLICY_TYPE, PolicyTypeItem(body.policy_type, body.root).text, {})


@evolves(GuardrailTypeDisabled)
def type_disabled(recorder: Recorder, body: GuardrailTypeDisabled) -> None:
    recorder.drop(_organization(recorder), attributes.POLICY_TYPE, PolicyTypeItem(body.policy_type, body.root).text)
