"""Searches: which subjects, which resources, which actions. Each result is one that `authorize` allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import actions_on, resource_type, service_of
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.told_actions import actions_named
from erstwhile.domain.questions.who_can import find_who_can
from erstwhile.domain.vocabulary.context_values import ContextValues

_OF_IAM = ("user", "role", "group", "policy")
"""Kinds of entities that are resources, too, by the names of their types."""


class OwnType(NamedTuple):
    """A type of resources by an application's own word."""

    service: str
    """What ARNs of the type name as their service, in lower case."""
    is_one: Callable[[str], bool]
    """Whether an ARN is of the type."""


def subjects(
    directory: Directory, kind: str, action: str, resource: str, resource_account: str | None, context: ContextValues
) -> list[str]:
    """The ARNs of the principals of a kind (user, role, root) that may do it."""
    asked = Asked(action=action, resource_account=resource_account, context=dict(context), mode="strict")
    found = find_who_can(directory, asked, resource)
    # Most are columns, and nobody asks why each of them may.
    names = [] if found.sure is None else [found.sure.who.named(place) for place in range(len(found.sure.numbers))]
    arns = [each.arn for each in names if each.key[1] == kind]
    return sorted([*arns, *(holder.principal for holder in found.rest.allowed if holder.kind == kind)])


def resources(
    directory: Directory,
    principal: str,
    action: str,
    kind: str,
    context: ContextValues,
    own: OwnType | None = None,
) -> list[str]:
    """The ARNs of the known resources of a type on which a principal may do it.

    A type is as AWS's reference names it, or as resources were registered with, or an application's own. Raises
    MalformedArn.
    """
    found = []
    # There may be hundreds of thousands of users: they are read for a type alone that may be theirs.
    kinds = [each for each in _OF_IAM if each == kind or (own is not None and own.service == "iam")]
    for entity in directory.of_kind("resource", *kinds):
        arn = entity.arn
        if not arn:
            continue
        is_of_type = (entity.registered_type or resource_type(arn)) == kind or (own is not None and own.is_one(arn))
        if is_of_type and _allows(directory, principal, action, arn, context):
            found.append(arn)
    return sorted(found)


def actions(
    directory: Directory, principal: str, resource: str, account: str | None, context: ContextValues
) -> list[str]:
    """The actions on a resource of this type that a principal may do. Raises MalformedArn."""
    candidates = actions_on(resource) or actions_named(directory, service_of(resource))
    return [each for each in candidates if _allows(directory, principal, each, resource, context, account)]


def _allows(
    directory: Directory, principal: str, action: str, resource: str, context: ContextValues, account: str | None = None
) -> bool:
    request = Request(principal=principal, action=action, resource=resource, resource_account=account, context=context)
    try:
        return authorize(directory, request).allowed
    except UnknownPrincipal:
        return False
