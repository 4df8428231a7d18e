"""Searches: which subjects, which resources, which actions. Each result is one that `authorize` allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import actions_on, resource_type, service_of
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.context_values import ContextValues


def subjects(
    directory: Directory, kind: str, action: str, resource: str, resource_account: str | None, context: ContextValues
) -> list[str]:
    """The ARNs of the principals of a kind (user, role, root) that may do it."""
    found = who_can(
        directory, action, resource, resource_account=resource_account, context=dict(context), mode="strict"
    )
    return sorted(holder.principal for holder in found.allowed if holder.kind == kind)


def resources(
    directory: Directory,
    principal: str,
    action: str,
    kind: str,
    context: ContextValues,
    is_one: Callable[[str], bool] = lambda _: False,
) -> list[str]:
    """The ARNs of the known resources of a type on which a principal may do it.

    A type is as AWS's reference names it, or as resources were registered with; `is_one` tells of further ARNs
    that they are of the type. Raises MalformedArn.
    """
    found = []
    for entity in directory.of_kind("resource", "user", "role", "group", "policy"):
        arn = entity.arn
        if not arn:
            continue
        is_of_kind = (entity.registered_type or resource_type(arn)) == kind
        if (is_of_kind or is_one(arn)) and _allows(directory, principal, action, arn, context):
            found.append(arn)
    return sorted(found)


def actions(
    directory: Directory, principal: str, resource: str, account: str | None, context: ContextValues
) -> list[str]:
    """The actions on a resource of this type that a principal may do. Raises MalformedArn."""
    candidates = actions_on(resource) or actions_named(directory, service_of(resource))
    return [each for each in candidates if _allows(directory, principal, each, resource, context, account)]


def actions_named(directory: Directory, service: str) -> list[str]:
    """The actions of a service that policies name in full: for services that AWS's reference does not have."""
    found: dict[str, str] = {}
    for text in documents(directory):
        try:
            statements = parse_document(text).statements
        except MalformedDocument:
            continue  # decisions name it as unknown
        for statement in statements:
            for action in statement.actions or statement.not_actions or ():
                if action.lower().startswith(f"{service.lower()}:") and "*" not in action and "?" not in action:
                    found.setdefault(action.lower(), action)
    return [found[action] for action in sorted(found)]


def documents(directory: Directory) -> Iterator[str]:
    """The texts of all policies: inline, managed, and those on resources."""
    principals = ("user", "group", "role")
    facts = (
        *(each.inline_policies for each in directory.having(attributes.INLINE, *principals)),
        *(each.versions for each in directory.having(attributes.VERSION, "policy")),
        *(each.resource_policies for each in directory.having(attributes.POLICY, "resource")),
    )
    for held in facts:
        for fact in held.values():
            if fact.value["document"] is not None:
                yield fact.value["document"]


def _allows(
    directory: Directory, principal: str, action: str, resource: str, context: ContextValues, account: str | None = None
) -> bool:
    request = Request(principal=principal, action=action, resource=resource, resource_account=account, context=context)
    try:
        return authorize(directory, request).allowed
    except UnknownPrincipal:
        return False
