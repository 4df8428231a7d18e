"""The actions that policies name, patterns too."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document


def actions_in(document: str) -> Iterator[str]:
    """Those of one policy; none of what cannot be read: decisions name it as unknown."""
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return
    for each in statements:
        yield from each.actions or each.not_actions or ()


def actions_of(entity: Entity) -> Iterator[str]:
    """Those of all policies that an entity is, or has: inline, managed, on a resource."""
    for facts in (entity.inline_policies, entity.versions, entity.resource_policies):
        for fact in facts.values():
            if fact.value["document"] is not None:
                yield from actions_in(fact.value["document"])
