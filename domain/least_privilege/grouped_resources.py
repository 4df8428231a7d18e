"""The resources of calls, as few patterns: those of one folder become one pattern where they are many."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.policy.knowledge.service_reference import resource_templates
from erstwhile.domain.policy.language.patterns.pattern_parts import covers
from erstwhile.domain.policy.language.statement import CompiledStatement

MOST = 5
"""Resources of one action that are named one by one."""
_ALIKE = {"s3": ("bucket", "object")}
"""Types of a service of which a request is about one, whatever other types its action has: access points are in front
of buckets."""


def tells_all(action: str) -> bool:
    """Whether a record that tells a resource tells all that a request for the action is decided on. ec2:RunInstances is
    about an image, a subnet, volumes and more, and its record does not name all of these."""
    templates = resource_templates(action)
    if not templates:
        return False
    kinds = {each.kind for each in templates}
    alike = _ALIKE.get(action.partition(":")[0])
    return len(kinds) == 1 or (alike is not None and len(kinds & set(alike)) == 1)


def grouped(resources: Iterable[str], within: CompiledStatement) -> tuple[str, ...]:
    """Patterns of resources, none wider than what a statement covers; the statement's own where that cannot be said
    shorter."""
    # The objects of tomorrow have other names than those of today: of them, the folder is named.
    found = sorted({_folder(each) if _is_object(each) else each for each in resources})
    own = tuple(within.resources or ())
    limit = max(MOST, len(own))
    while len(found) > limit:
        wider = sorted({_folder(each) for each in found})
        if wider == found:
            return own
        found = wider
    found = [each for each in found if not any(other != each and covers(other, each) for other in found)]
    if all(any(covers(pattern, each) for pattern in own) for each in found):
        return tuple(found)
    return own


def _folder(resource: str) -> str:
    """What is beside a resource: `arn:aws:s3:::pay/2026/*` of `arn:aws:s3:::pay/2026/a`, and then `…:pay/*`. The name
    of a table, queue or role has none beside it."""
    head, _, name = resource.rpartition(":")
    parts = name.removesuffix("/*").split("/")
    if len(parts) < 2:
        return resource
    if len(parts) == 2 and head.split(":")[2:3] != ["s3"]:
        return resource
    return f"{head}:{'/'.join(parts[:-1])}/*"


def _is_object(resource: str) -> bool:
    return resource.split(":", 5)[2:5] == ["s3", "", ""] and "/" in resource


def is_literal(resource: str) -> bool:
    """Whether a recorded resource has no wildcard of its own, which a policy would take for a pattern."""
    return not set(resource) & set("*?$")
