"""Which services policies let somebody use at all: coarser than actions, as IAM's access reports are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import Source, groups_of, own_sources
from erstwhile.domain.policy.knowledge.service_reference import services
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument, Statement, parse_document
from erstwhile.domain.policy.language.match import matches


@lru_cache(maxsize=4_096)
def services_allowed(document: str) -> frozenset[str]:
    """The prefixes of the services of which a document allows something; none for what is no policy."""
    try:
        statements = parse_document(document).statements
    except (MalformedDocument, UnknownOperator):
        return frozenset()
    return frozenset(service for statement in statements if statement.allows for service in _spoken_of(statement))


def _spoken_of(statement: Statement) -> Iterator[str]:
    actions = statement.actions if statement.actions is not None else statement.not_actions or ()
    lowered = [action.lower() for action in actions]
    if statement.actions is None:
        left_out = {action.removesuffix(":*") for action in lowered if action.endswith(":*")}
        yield from (service for service in services() if service not in left_out and "*" not in lowered)
        return
    for action in lowered:
        service = action.partition(":")[0] if action != "*" else "*"
        if "*" in service or "?" in service:
            yield from (each for each in services() if matches(service, each))
        else:
            yield service


class Grant(msgspec.Struct, frozen=True):
    """A policy that a principal has, and whose it is: its own, or a group's."""

    holder: Entity
    source: Source


def grants_of(directory: Directory, entity: Entity) -> list[Grant]:
    """The policies of a user, group or role, and those of a user's groups."""
    holders = [entity, *(group for _, group in groups_of(directory, entity) if group is not None)]
    return [Grant(holder, source) for holder in holders for source in own_sources(directory, holder)]


def granted_services(sources: Iterable[Source]) -> frozenset[str]:
    """The services that these policies let somebody use; of a policy that was never seen, none."""
    documents = {source.document for source in sources if source.document is not None}
    return frozenset[str]().union(*(services_allowed(document) for document in documents))
