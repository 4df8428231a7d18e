# mypyc: compiled
"""What events about organisations and guardrails mean.

One entity per account that reported it holds the tree (`node`), the policies (`guardrail`) and where they
are attached (`target`, item `policy@target`).
"""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import PolicyTypeItem, TargetItem, policy_type_item, target_item
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
from erstwhile.domain.policy.inputs.guardrails import AWS_OWN, FULL_SCP, type_if_not_described

_SCP = "SERVICE_CONTROL_POLICY"


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
    targets: dict[str, Value] = {
        TargetItem(policy.id, target).text: {} for policy in body.policies for target in policy.targets
    }
    if body.nodes:  # else the organisation is gone
        # Policies are listed type by type, and one of each type in use is always there: what has none does not tell of
        # the type.
        told = {policy.type for policy in body.policies}
        kept = {policy: fact for policy, fact in entity.guardrails.items() if fact.value["type"] not in told}
        guardrails = {policy: fact.value for policy, fact in kept.items()} | guardrails
        targets = {item: {} for item in entity.guardrail_targets if _type_of(entity, item) not in told} | targets
        for item in entity.guardrail_types:
            if policy_type_item(item).type in told:
                recorder.put(entity, attributes.POLICY_TYPE, item, {})
    recorder.show_only(entity, attributes.GUARDRAIL, guardrails)
    recorder.keep_only(entity, attributes.TARGET, targets)


def _let_through(recorder: Recorder, entity: Entity, *nodes: str) -> None:
    """Every root, unit and account has at least one service control policy: to what is new, and to all when the type is
    enabled, AWS attaches one that allows all. No record tells of it.

    Sources: https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
    and https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
    """
    for node in nodes:
        recorder.put(entity, attributes.TARGET, TargetItem(FULL_SCP, node).text, {})


def _type_of(entity: Entity, item: str) -> str:
    """The type of a policy that is attached."""
    policy = target_item(item).policy
    fact = entity.guardrails.get(policy)
    return str(fact.value["type"]) if fact is not None else type_if_not_described(policy)


def _attached(entity: Entity, policy_type: str) -> list[str]:
    """The items of the policies of a type that are attached."""
    return [item for item in entity.guardrail_targets if _type_of(entity, item) == policy_type]


@evolves(OrganizationNodePlaced)
def node_placed(recorder: Recorder, body: OrganizationNodePlaced) -> None:
    entity = _organization(recorder)
    known = entity.nodes.get(body.node)
    value = dict(known.value) if known is not None else {"kind": body.kind, "parent": "", "name": ""}
    if known is None:
        # The record of an account that came does not say where it stands: below the root. That of one that moved does.
        is_new_account = body.kind == "account" and not body.parent
        if is_new_account:
            roots = [node for node, fact in entity.nodes.items() if fact.value["kind"] == "root"]
            value["parent"] = roots[0] if len(roots) == 1 else ""
        if (is_new_account or (body.kind == "unit" and body.parent)) and any(
            policy_type_item(item).type == _SCP for item in entity.guardrail_types
        ):
            _let_through(recorder, entity, body.node)
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
    entity = _organization(recorder)
    item = PolicyTypeItem(body.policy_type, body.root).text
    if not body.listed:
        recorder.put(entity, attributes.POLICY_TYPE, item, {})
    elif item not in entity.guardrail_types:
        recorder.put(
            entity, attributes.POLICY_TYPE, item, {} if _is_shown(recorder, entity, body) else {"unseen": True}
        )
    if body.policy_type == _SCP and not body.listed and not _attached(entity, _SCP):
        _let_through(recorder, entity, *entity.nodes)


def _is_shown(recorder: Recorder, entity: Entity, body: GuardrailTypeEnabled) -> bool:
    """Whether a listing showed policies of the type: AWS's own, which is always there, or this listing any."""
    of_type = {each: fact for each, fact in entity.guardrails.items() if fact.value["type"] == body.policy_type}
    return any(each in AWS_OWN or fact.since == recorder.at for each, fact in of_type.items())


@evolves(GuardrailTypeDisabled)
def type_disabled(recorder: Recorder, body: GuardrailTypeDisabled) -> None:
    """All of the type are detached from everything; they are not deleted. A listing tells what is attached itself."""
    entity = _organization(recorder)
    recorder.drop(entity, attributes.POLICY_TYPE, PolicyTypeItem(body.policy_type, body.root).text)
    for item in () if body.listed else _attached(entity, body.policy_type):
        recorder.drop(entity, attributes.TARGET, item)
