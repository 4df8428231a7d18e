"""Searches: which subjects, which resources, which actions. Each result is one that `authorize` allows."""

from __future__ import annotations

from collections.abc import Mapping

from domain.directory import Directory
from domain.policy.authorize import authorize
from domain.policy.catalogue import actions_on, resource_type
from domain.policy.principals import UnknownPrincipal
from domain.policy.request import Request
from domain.questions.who_can import who_can

Context = Mapping[str, tuple[str, ...]]


def subjects(
    directory: Directory, kind: str, action: str, resource: str, resource_account: str | None, context: Context
) -> list[str]:
    """The ARNs of the principals of a kind (user, role, root) that may do it."""
    found = who_can(
        directory, action, resource, resource_account=resource_account, context=dict(context), mode="strict"
    )
    return sorted(holder.principal for holder in found.allowed if holder.kind == kind)


def resources(directory: Directory, principal: str, action: str, kind: str, context: Context) -> list[str]:
    """The ARNs of the known resources of a type (as AWS's reference names it) on which a principal may do it.

    Raises MalformedArn.
    """
    found = []
    for entity in directory.of_kind("resource", "user", "role", "group", "policy"):
        arn = entity.arn
        if arn and resource_type(arn) == kind and _allows(directory, principal, action, arn, context):
            found.append(arn)
    return sorted(found)


def actions(directory: Directory, principal: str, resource: str, account: str | None, context: Context) -> list[str]:
    """The actions on a resource of this type that a principal may do. Raises MalformedArn."""
    return [each for each in actions_on(resource) if _allows(directory, principal, each, resource, context, account)]


def _allows(
    directory: Directory, principal: str, action: str, resource: str, context: Context, account: str | None = None
) -> bool:
    request = Request(principal=principal, action=action, resource=resource, resource_account=account, context=context)
    try:
        return authorize(directory, request).allowed
    except UnknownPrincipal:
        return False
