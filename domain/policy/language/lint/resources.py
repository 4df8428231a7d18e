"""Resources that none of a statement's actions is about, and actions that no resource of it can bear on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.knowledge.service_reference import (
    is_service,
    resource_patterns,
    resource_patterns_of,
    service_of,
)
from erstwhile.domain.policy.language.lint.actions import known
from erstwhile.domain.policy.language.lint.finding import Finding, placed
from erstwhile.domain.policy.language.patterns.pattern_parts import intersect

_MAX_ACTIONS = 400


def check(statement: dict[str, Any], place: str) -> Iterator[Finding]:
    wanted = placed(f"{place}.Resource", statement.get("Resource"))
    named = placed(f"{place}.Action", statement.get("Action"))
    if not wanted or not named or any(text in ("*", "arn:*") or "${" in text for _, text in wanted):
        return
    about: dict[str, list[str]] = {}
    for _, pattern in named:
        if pattern == "*" or not is_service(pattern.partition(":")[0].lower()):
            return
        for action in known(pattern)[:_MAX_ACTIONS]:
            about[action] = resource_patterns(action, "*", "*") or []
    kinds = {kind for each in about.values() for kind in each}
    strange = {text for _, text in wanted if _is_strange(text)}
    met = {kind: [text for _, text in wanted if _meets(kind, text)] for kind in kinds}
    for where, text in wanted:
        if about and text not in strange and not any(text in met[kind] for kind in kinds):
            yield Finding(
                severity="warning", code="RESOURCE_WITHOUT_ACTION", place=where,
                message=f"none of the statement's actions is about {text}",
            )  # fmt: skip
    for where, pattern in named:
        meant = known(pattern)[:_MAX_ACTIONS]
        if not meant or strange or any(met[kind] for action in meant for kind in about[action]):
            continue
        if any(about[action] for action in meant):
            message = f"{pattern} bears on none of the statement's resources"
        else:
            message = f'{pattern} knows no resources: it needs Resource "*"'
        yield Finding(severity="warning", code="ACTION_WITHOUT_RESOURCE", place=where, message=message)


def _is_strange(text: str) -> bool:
    """Whether a service's resource is of a kind that the reference does not tell of, such as CloudFormation's
    transforms: nothing is known of the actions that it is for."""
    known_kinds = resource_patterns_of(service_of(text).lower())
    return bool(known_kinds) and not any(_meets(kind, text) for kind in known_kinds)


def _meets(kind: str, text: str) -> bool:
    """Whether a resource of the kind may be meant: part by part, as the reference's placeholders do not reach
    beyond one."""
    mine, others = kind.split(":", 5), text.split(":", 5)
    if len(others) < 6:
        return intersect(kind, text)
    if mine[2] == "s3" and "/" not in mine[5] and "/" in others[5]:
        return False  # a bucket's name holds no slash: this is about objects
    return all(map(intersect, mine, others))
