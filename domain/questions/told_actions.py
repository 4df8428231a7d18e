"""The actions of a service that policies name: for services that AWS's reference does not have, and actions that are
newer than it."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.named_actions import actions_of


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


def _told(directory: Directory, service: str) -> Iterable[str]:
    found = directory.actions_told(service)
    if found is not None:
        return found
    holders = (
        *directory.having(attributes.INLINE, "user", "group", "role"),
        *directory.having(attributes.VERSION, "policy"),
        *directory.having(attributes.POLICY, "resource"),
    )
    return (action for each in holders for action in actions_of(each) if action.lower().startswith(f"{service}:"))
