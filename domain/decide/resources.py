"""Deciding on resource policies and organisations."""

from __future__ import annotations

from erstwhile.domain.commands import resources as c
from erstwhile.domain.decide import limits
from erstwhile.domain.decide.lookups import need_principals
from erstwhile.domain.decide.principals import Decided
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import resources as e
from erstwhile.domain.policy.language.principal_binding import bindings, is_own_resource
from erstwhile.domain.policy.language.validate import Use
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn
from erstwhile.domain.vocabulary.refusals import DeleteConflict, InvalidInput, NoSuchEntity, ValidationError

RESOURCE_ARN = 2_048
"""Bytes; AWS's own ARNs are no longer, and a key of the database's indexes may not be much longer."""
RESOURCE_DOCUMENT = 20_480
GUARDRAIL_DOCUMENT = 5_120
GUARDRAIL_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def _check_resource(arn: str) -> None:
    if len(arn.encode()) > RESOURCE_ARN:
        raise ValidationError(f"the ARN of the resource has more than {RESOURCE_ARN:,} bytes")
    try:
        Arn.parse(arn)
    except MalformedArn as error:
        raise ValidationError(str(error)) from None


def register_resource(directory: Directory, command: c.RegisterResource) -> Decided:
    _check_own(command.account, command.resource)
    limits.check_tags(command.tags)
    entity = directory.get(command.account, "resource", command.resource)
    found: Decided = []
    if (
        entity is None
        or (entity.value("registered") or {}).get("type") != command.resource_type
        or {key: fact.value["value"] for key, fact in entity.items("tag").items()} != command.tags
    ):
        found.append(
            e.ResourceRegistered(resource=command.resource, resource_type=command.resource_type, tags=command.tags)
        )
    held = (entity.value("policy") or {}) if entity is not None else {}
    if command.document is not None:
        put = _policy_put(directory, command.resource, command.document)
        # The same words may mean somebody else by now.
        if (held.get("document"), held.get("principals")) != (put.document, put.principals):
            found.append(put)
    elif held.get("document") is not None:
        found.append(e.ResourcePolicyDeleted(resource=command.resource))
    return found


def deregister_resource(directory: Directory, command: c.DeregisterResource) -> Decided:
    entity = directory.get(command.account, "resource", command.resource)
    if entity is None or not entity.has("entity"):
        raise NoSuchEntity(f"{command.resource} is not registered.")
    return [e.ResourceDeregistered(resource=command.resource)]


def _check_own(account: str, arn: str) -> None:
    _check_resource(arn)
    owner = Arn.parse(arn).account
    if owner and owner != account:
        raise ValidationError(f"{arn} belongs to account {owner}, not to {account}")


def _policy_put(directory: Directory, resource: str, document: str) -> e.ResourcePolicyPut:
    """The policy, bound to whom it names. AWS refuses names that nobody bears; on an application's own resource they
    wait for whoever will bear them."""
    limits.check_document(document, "resource", RESOURCE_DOCUMENT)
    if is_own_resource(resource):
        principals = bindings(directory, document)
    else:
        principals = need_principals(directory, document)
    return e.ResourcePolicyPut(resource=resource, document=document, principals=principals)


def put_resource_policy(directory: Directory, command: c.PutResourcePolicy) -> Decided:
    _check_resource(command.resource)
    return [_policy_put(directory, command.resource, command.document)]


def delete_resource_policy(directory: Directory, command: c.DeleteResourcePolicy) -> Decided:
    entity = directory.get(command.account, "resource", command.resource)
    if entity is None or not entity.has("policy"):
        raise NoSuchEntity(f"{command.resource} has no policy.")
    return [e.ResourcePolicyDeleted(resource=command.resource)]


def _use_of(policy_type: str) -> Use:
    """The grammar of a kind of guardrail."""
    return "scp" if policy_type == "SERVICE_CONTROL_POLICY" else "rcp"


def set_organization(_directory: Directory, command: c.SetOrganization) -> Decided:
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
        o.OrganizationListed(
            organization=command.organization,
            management_account=command.account,
            nodes=list(command.nodes),
            policies=list(command.policies),
        )
    ]


def _organization(directory: Directory, account: str) -> Entity:
    entity = directory.get(account, "organization", account)
    if entity is None:
        raise NoSuchEntity(f"account {account} is not the management account of an organisation")
    return entity


def put_guardrail(directory: Directory, command: c.PutGuardrail) -> Decided:
    _organization(directory, command.account)
    if command.policy_type not in GUARDRAIL_TYPES:
        raise InvalidInput(f"the type must be one of {', '.join(GUARDRAIL_TYPES)}")
    limits.check_document(command.document, _use_of(command.policy_type), GUARDRAIL_DOCUMENT)
    return [
        o.GuardrailPut(
            policy=command.policy, policy_type=command.policy_type, name=command.name, document=command.document
        )
    ]


def attach_guardrail(directory: Directory, command: c.AttachGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if not entity.has("guardrail", command.policy):
        raise NoSuchEntity(f"there is no policy {command.policy} in the organisation")
    if not entity.has("node", command.target):
        raise NoSuchEntity(f"there is no root, unit or account {command.target} in the organisation")
    if entity.has("target", f"{command.policy}@{command.target}"):
        return []
    return [o.GuardrailAttached(policy=command.policy, target=command.target)]


def detach_guardrail(directory: Directory, command: c.DetachGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if not entity.has("target", f"{command.policy}@{command.target}"):
        raise NoSuchEntity(f"{command.policy} is not attached to {command.target}")
    return [o.GuardrailDetached(policy=command.policy, target=command.target)]


def delete_guardrail(directory: Directory, command: c.DeleteGuardrail) -> Decided:
    entity = _organization(directory, command.account)
    if not entity.has("guardrail", command.policy):
        raise NoSuchEntity(f"there is no policy {command.policy} in the organisation")
    if any(item.startswith(f"{command.policy}@") for item in entity.items("target")):
        raise DeleteConflict(f"{command.policy} is still attached.")
    return [o.GuardrailDeleted(policy=command.policy)]
