"""The facts by which a statement bears on a principal: the words, what carries them, and the way to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import TargetItem
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.history.fact_changes import layer_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.guardrails import place_of
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.inputs.request import Determining, Request
from erstwhile.domain.policy.inputs.sources import SHOWN, find_policy

_OF_RESOURCES = (attributes.POLICY, attributes.STATEMENT, attributes.GRANT, attributes.TRUST)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the chain: to which layer it belongs, whose it is, since when it holds, and the position of the event
    that opened it. `resource`: the ARN that a call which opens such a fact is about."""

    layer: str
    account: str
    kind: str
    entity: str
    attribute: str
    item: str
    since: datetime
    position: int
    resource: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that decided, and the facts by which it bears on the principal, from its words to the principal's
    own beginning. A rule of AWS's, such as "the root may", has none."""

    statement: Determining
    links: tuple[Link, ...]


def grants(
    directory: Directory,
    history: FactHistory,
    request: Request,
    principal: EntityKey | None,
    statements: Iterable[Determining],
) -> tuple[Grant, ...]:
    """The chains of the statements of a decision over this Directory, which is a view of this history. `principal`: the
    user or role that asks."""
    entity = directory.get(*principal) if principal is not None else None
    chains = _Chains(directory, history, request, entity)
    return tuple(Grant(statement=each, links=tuple(chains.of(each))) for each in statements)


class _Chains:
    def __init__(self, directory: Directory, history: FactHistory, request: Request, entity: Entity | None) -> None:
        self._directory = directory
        self._history = history
        self._request = request
        self._entity = entity
        self._principals = frozenset((entity.key,)) if entity is not None else frozenset[EntityKey]()

    def of(self, statement: Determining) -> Iterator[Link]:
        match statement.layer:
            case "identity":
                yield from self._identity(statement)
            case "permissions_boundary":
                yield from self._boundary(statement)
            case "resource" | "vpc_endpoint":
                yield from self._resource(statement)
            case "scp" | "rcp":
                yield from self._guardrail(statement)
        if self._entity is not None and statement.layer in ("identity", "permissions_boundary"):
            yield from self._creation(self._entity)

    def _creation(self, entity: Entity) -> Iterator[Link]:
        """The beginning of an entity, however often it was described anew since."""
        described = [
            row
            for row in self._history.intervals_with(entity.key, attributes.DESCRIBING)
            if row.attribute == attributes.ENTITY and row.valid_from < row.valid_to
        ]
        if described:
            first = min(described, key=lambda row: (row.valid_from, row.opened_by))
            fact = Fact(first.value, first.valid_from, first.opened_by)
            yield self._link(entity, attributes.ENTITY, "", fact)

    def _facts(self, entity: Entity, attribute: str, item: str = "", resource: str = "") -> Iterator[Link]:
        fact = entity.facts.get(attribute, {}).get(item)
        if fact is not None:
            yield self._link(entity, attribute, item, fact, resource)

    def _link(self, entity: Entity, attribute: str, item: str, fact: Fact, resource: str = "") -> Link:
        return Link(
            layer=layer_of(attribute, entity.kind, entity.key, self._principals), account=entity.account,
            kind=entity.kind, entity=entity.id, attribute=attribute, item=item, since=fact.since,
            position=fact.opened_by, resource=resource or self._directory.arn_of(entity) or entity.id,
        )  # fmt: skip

    def _identity(self, statement: Determining) -> Iterator[Link]:
        if self._entity is None:
            return
        holder, group = self._entity, self._group(statement)
        if group is not None:
            holder = group
        inline = statement.policy.removeprefix("inline:")
        if inline != statement.policy:
            yield from self._facts(holder, attributes.INLINE, inline)
        else:
            yield from self._version(statement)
            yield from self._facts(holder, attributes.ATTACHED, statement.policy)
        if group is not None:
            yield from self._facts(self._entity, attributes.MEMBER_OF, group.id, self._directory.arn_of(group))

    def _group(self, statement: Determining) -> Entity | None:
        """The group by which the principal has a statement; None for one of its own."""
        name = statement.path[1].partition("group/")[2] if len(statement.path) > 2 else ""
        return self._directory.named(self._entity.account, "group", name) if name and self._entity else None

    def _boundary(self, statement: Determining) -> Iterator[Link]:
        yield from self._version(statement)
        if self._entity is not None:
            yield from self._facts(self._entity, attributes.BOUNDARY)

    def _version(self, statement: Determining) -> Iterator[Link]:
        """Who wrote a managed policy's version, and who made it the default, where that was another event."""
        policy = find_policy(self._directory, statement.policy)
        shown = self._entity is not None and self._directory.named(self._entity.account, SHOWN, statement.policy)
        for each in (policy, shown):
            if each and statement.version in each.versions:
                written = each.versions[statement.version]
                yield self._link(each, attributes.VERSION, statement.version, written, statement.policy)
                chosen = each.default_version_fact
                if chosen is not None and chosen.opened_by != written.opened_by:
                    yield self._link(each, attributes.DEFAULT, "", chosen, statement.policy)
                return

    def _resource(self, statement: Determining) -> Iterator[Link]:
        resources = find_resources(self._directory, self._request.resource)
        if statement.layer == "vpc_endpoint":
            resources = [each for each in self._directory.of_kind("resource") if ":vpc-endpoint/" in each.id]
        for entity in resources:
            for attribute in _OF_RESOURCES:
                for item, fact in entity.facts.get(attribute, {}).items():
                    if fact.opened_by == statement.granted_by:
                        yield self._link(entity, attribute, item, fact)

    def _accounts(self) -> Iterator[str]:
        """Whose guardrails may have decided: mostly those of the principal's own account, which is the first."""
        account = self._entity.account if self._entity is not None else ""
        if account:
            yield account
        yield from (each for each in self._directory.accounts() if each != account)

    def _guardrail(self, statement: Determining) -> Iterator[Link]:
        for each in self._accounts():
            place = place_of(self._directory, each)
            if place is not None and statement.path[0] in place.nodes:
                organization = place.organization
                yield from self._facts(organization, attributes.GUARDRAIL, statement.policy, statement.policy)
                target = TargetItem(statement.policy, statement.path[0])
                yield from self._facts(organization, attributes.TARGET, target.text, statement.path[0])
                return
