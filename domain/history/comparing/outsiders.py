"""Outsiders of a comparison: whom the policies name of resources and roles of which something differs, and who are no
user, role or root of a known account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, principal_entity
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.questions.outsiders import named_outsiders, others_of

MOST_OUTSIDERS = 100
"""Outsiders of one comparison whose access is compared; the others are told as unclear."""


def outsiders_named(directories: Sequence[Directory], keys: Iterable[EntityKey]) -> dict[str, str]:
    """Whom the policies of resources and roles name at one of the instants, and who is known at none, or is a session;
    with the account. `role/*` stands for the roles of an account, whose root may not assume roles."""
    found: dict[str, str] = {}
    several = list(keys)
    for directory in directories:
        for key in several:
            entity = directory.get(*key)
            if entity is None:
                continue
            policy = Layer("resource", resource_sources(entity))
            partition = partition_of(directory.arn_of(entity))
            for name, caller in named_outsiders(directory, [policy], None, partition, ()).callers.items():
                found |= dict.fromkeys((name, *others_of(caller)), caller.account)
    return {name: account for name, account in found.items() if all(_is_outside(each, name) for each in directories)}


def _is_outside(directory: Directory, name: str) -> bool:
    """Of who is, or becomes, a user or role of a known account, the comparison of that one tells."""
    caller = parse_caller(name)
    try:
        entity = principal_entity(directory, caller)
    except UnknownPrincipal:
        return False
    return entity is None or caller.kind == "session"
