"""Commands about resources and the policies on them."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about_resource, principals_named
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import need_principals
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.resources import (
    ResourceDeregistered,
    ResourcePolicyDeleted,
    ResourcePolicyPut,
    ResourceRegistered,
)
from erstwhile.domain.policy.language.principal_binding import bindings, is_own_resource
from erstwhile.domain.vocabulary.identifiers import IDENTITY_SERVICES, Arn, MalformedArn
from erstwhile.domain.vocabulary.refusals import NoSuchEntity, ValidationError

RESOURCE_ARN = 2_048
"""Bytes; AWS's own ARNs are no longer, and a key of the database's indexes may not be much longer."""
RESOURCE_DOCUMENT = 20_480


class RegisterResource(Command, frozen=True, kw_only=True):
    """The resource has these tags and no others from now on, and this policy; `document` None: no policy."""

    resource: str
    resource_type: str = ""
    tags: dict[str, str] = {}
    document: str | None = None


class PutResourcePolicy(Command, frozen=True, kw_only=True):
    resource: str
    document: str


def _resource_policy(directory: Directory, command: RegisterResource | PutResourcePolicy) -> Items:
    return (*about_resource(directory, command), *principals_named(command.document))


@handles(RegisterResource, depends_on=_resource_policy)
def register_resource(directory: Directory, command: RegisterResource) -> Decided:
    _check_own(command.account, command.resource)
    limits.check_tags(command.tags)
    entity = directory.get(command.account, "resource", command.resource)
    found: Decided = []
    if entity is None or entity.registered_type != command.resource_type or entity.tags != command.tags:
        found.append(
            ResourceRegistered(resource=command.resource, resource_type=command.resource_type, tags=command.tags)
        )
    held = (entity.resource_policy or {}) if entity is not None else {}
    if command.document is not None:
        put = _policy_put(directory, command.resource, command.document)
        # The same words may name another principal by now.
        if (held.get("document"), held.get("principals")) != (put.document, put.principals):
            found.append(put)
    elif held.get("document") is not None:
        found.append(ResourcePolicyDeleted(resource=command.resource))
    return found


class DeregisterResource(Command, frozen=True, kw_only=True):
    resource: str


@handles(DeregisterResource, depends_on=about_resource)
def deregister_resource(directory: Directory, command: DeregisterResource) -> Decided:
    entity = directory.get(command.account, "resource", command.resource)
    if entity is None or not entity.exists:
        raise NoSuchEntity(f"{command.resource} is not registered.")
    return [ResourceDeregistered(resource=command.resource)]


@handles(PutResourcePolicy, depends_on=_resource_policy)
def put_resource_policy(directory: Directory, command: PutResourcePolicy) -> Decided:
    _check_resource(command.resource)
    return [_policy_put(directory, command.resource, command.document)]


class DeleteResourcePolicy(Command, frozen=True, kw_only=True):
    resource: str


@handles(DeleteResourcePolicy, depends_on=about_resource)
def delete_resource_policy(directory: Directory, command: DeleteResourcePolicy) -> Decided:
    entity = directory.get(command.account, "resource", command.resource)
    if entity is None or entity.resource_policy is None:
        raise NoSuchEntity(f"{command.resource} has no policy.")
    return [ResourcePolicyDeleted(resource=command.resource)]


def _policy_put(directory: Directory, resource: str, document: str) -> ResourcePolicyPut:
    """The policy, bound to the unique ids of the principals that it names. AWS refuses a name that no principal has;
    an application's own resource may name a principal that will be created later."""
    limits.check_document(document, "resource", RESOURCE_DOCUMENT)
    if is_own_resource(resource):
        principals = bindings(directory, document)
    else:
        principals = need_principals(directory, document)
    return ResourcePolicyPut(resource=resource, document=document, principals=principals)


def _check_own(account: str, arn: str) -> None:
    _check_resource(arn)
    owner = Arn.parse(arn).account
    if owner and owner != account:
        raise ValidationError(f"{arn} belongs to account {owner}, not to {account}")


def _check_resource(arn: str) -> None:
    if len(arn.encode()) > RESOURCE_ARN:
        raise ValidationError(f"the ARN of the resource has more than {RESOURCE_ARN:,} bytes")
    try:
        service = Arn.parse(arn).service
    except MalformedArn as error:
        raise ValidationError(str(error)) from None
    if service in IDENTITY_SERVICES:
        raise ValidationError(f"{arn} is of IAM: calls of IAM change its tags and policies, and nothing else has them")
