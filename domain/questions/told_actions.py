"""The actions of a service that policies name: for services that AWS's reference does not have, and actions that are
newer than it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document


def actions_named(directory: Directory, service: str) -> list[str]:
    """Those that policies name in full, in order; perhaps policies of other instants."""
    found: dict[str, str] = {}
    for action in _told(directory, service.lower()):
        if "*" not in action and "?" not in action:
            found.setdefault(action.lower(), action)
    return [found[action] for action in sorted(found)]


def is_told(directory: Directory, service: str) -> bool:
    """Whether a policy names an action of a service, or a pattern of some; perhaps a policy of another instant."""
    return any(True for _ in _told(directory, service.lower()))


def actions_in(document: str) -> Iterator[str]:
    """The actions that a policy names, patterns too; none of what cannot be read: decisions name it as unknown."""
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return
    for each in statements:
        yield from each.actions or each.not_actions or ()


def _told(directory: Directory, service: str) -> Iterable[str]:
    found = directory.actions_told(service)
    if found is not None:
        return found
    every = (action for text in _documents(directory) for action in actions_in(text))
    return (action for action in every if action.lower().startswith(f"{service}:"))


def _documents(directory: Directory) -> Iterator[str]:
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
