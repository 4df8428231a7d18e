"""Commands about an organisation: its tree, and its guardrails."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_organization
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.attributes import TargetItem, target_item
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDeleted,
    GuardrailDetached,
    GuardrailPut,
    OrganizationListed,
    OrganizationNode,
    OrganizationPolicy,
)
from erstwhile.domain.policy.language.validate import Use
from erstwhile.domain.vocabulary.refusals import DeleteConflict, InvalidInput, NoSuchEntity

GUARDRAIL_DOCUMENT = 5_120
GUARDRAIL_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


class SetOrganization(Command, frozen=True, kw_only=True):
    """Declare the organisation whose management account this is: its tree and its guardrails."""

    organization: str
    nodes: tuple[OrganizationNode, ...]
    policies: tuple[OrganizationPolicy, ...]


@handles(SetOrganization, depends_on=about_organization)
def set_organization(_directory: Directory, command: SetOrganization) -> Decided:
    known = {node.id for node in command.nodes}
    for node in command.nodes:
        if node.parent and node.parent not in known:
            raise InvalidInput(f"{node.id} lies under {node.parent}, which is not in the tree")
    for policy in command.policies:
        limits.check_document(policy.document or "", _use_of(policy.type), GUARDRAIL_DOCUMENT)
        for target in policy.targets:
            if target not in known:
                raise InvalidInput(f"{policy.id} is attached to {target}, which is not in the tree")
    return [
        OrganizationListed(
            organization=command.organization,
            management_account=command.account,
            nodes=list(command.nodes),
            policies=list(command.policies),
        )
    ]


def _use_of(policy_type: str) -> Use:
    """The grammar of a kind of guardrail."""
    return "scp" if policy_type == "SERVICE_CONTROL_POLICY" else "rcp"


class PutGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    policy_type: str
    name: str
    document: str


@handles(PutGuardrail, depends_on=about_organization)
def put_guardrail(directory: Directory, command: PutGuardrail) -> Decided:
    _organization(directory, command.account)
    if command.policy_type not in GUARDRAIL_TYPES:
        raise InvalidInput(f"the type must be one of {', '.join(GUARDRAIL_TYPES)}")
    limits.check_document(command.document, _use_of(command.policy_type), GUARDRAIL_DOCUMENT)
    return [
        GuardrailPut(
            policy=command.policy, policy_type=command.policy_type, name=command.name, document=command.document
        )
    ]


class AttachGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    target: str


@handles(AttachGuardrail, depends_on=about_organization)
def attach_guardrail(directory: Directory, command: AttachGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if command.policy not in entity.guardrails:
        raise NoSuchEntity(f"there is no policy {command.policy} in the organisation")
    if command.target not in entity.nodes:
        raise NoSuchEntity(f"there is no root, unit or account {command.target} in the organisation")
    if TargetItem(command.policy, command.target).text in entity.guardrail_targets:
        return []
    return [GuardrailAttached(policy=command.policy, target=command.target)]


class DetachGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    target: str


@handles(DetachGuardrail, depends_on=about_organization)
def detach_guardrail(directory: Directory, command: DetachGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if TargetItem(command.policy, command.target).text not in entity.guardrail_targets:
        raise NoSuchEntity(f"{command.policy} is not attached to {command.target}")
    return [GuardrailDetached(policy=command.policy, target=command.target)]


class DeleteGuardrail(Command, frozen=True, kw_only=True):
    policy: str


@handles(DeleteGuardrail, depends_on=about_organization)
def delete_guardrail(directory: Directory, command: DeleteGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if command.policy not in entity.guardrails:
        raise NoSuchEntity(f"there is no policy {command.policy} in the organisation")
    if any(target_item(item).policy == command.policy for item in entity.guardrail_targets):
        raise DeleteConflict(f"{command.policy} is still attached.")
    return [GuardrailDeleted(policy=command.policy)]


def _organization(directory: Directory, account: str) -> Entity:
    entity = directory.get(account, "organization", account)
    if entity is None:
        raise NoSuchEntity(f"account {account} is not the management account of an organisation")
    return entity
