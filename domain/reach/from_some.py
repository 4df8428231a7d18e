"""The ways out of some principals: of all others, nothing is read that does not bear on these. An account may have
thousands of principals, and the reach of one concern a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.reach.catalogue.families import BECOMING, MAKING, RAISING
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.edges import Edge, edge
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.ways import Ways


class WaysFrom(Ways):
    """`out_of` finds what it finds over all principals."""

    def __init__(
        self, directory: Directory, instant: datetime, trusting: Trusting, look: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(directory, look)
        self._instant = instant
        self._trusting = trusting
        self._rises_by: dict[str, dict[Node, list[Edge]]] = {}

    def out_of(self, node: Node) -> Iterator[Edge]:
        families = [family for family in BECOMING if self.may(node, family)]
        for target in self._targets(node, families):
            for opening in self.openings.into(target, families):
                made = self._only_by_gain(node, opening) if node.gains else edge(self.questions, node, opening)
                if made is not None:
                    yield made
        for edges in self._rises_of(node).values():
            yield from (each for each in edges if each.source == node)

    def _targets(self, node: Node, families: list[Family]) -> Iterator[Entity]:
        """The users and roles that a node may become by one of these families, and perhaps others."""
        keys: dict[EntityKey, None] = {}
        caller = self.questions.side(node).caller
        kinds = {kind for each in families if each.kind not in ("assume", "existing-service") for kind in each.of}
        for entity in self.directory.of_kind(*sorted(kinds)) if kinds else ():
            # All but trusts are of calls to the source's own account.
            if entity.account == caller.account:
                keys[entity.key] = None
        keys |= dict.fromkeys(self._trusting.roles(caller, self._instant))
        keys |= dict.fromkeys(self.openings.running.roles)
        for key in keys:
            found = self.directory.get(*key)
            if found is not None and found.exists and found.kind in ("user", "role"):
                yield found

    def _rises_of(self, node: Node) -> dict[Node, list[Edge]]:
        found = self._rises_by.get(node.principal)
        if found is None:
            found = self._rises_by[node.principal] = {}
            entity = self.entity(node)
            if entity is not None and self._may_rise(node.plain) and not self.is_administrator(node.plain):
                self._rise(node.plain, entity, found)
                self.make([node.plain], found)
        return found

    def _may_rise(self, node: Node) -> bool:
        """Whether a policy of its own allows an action of some family on something."""
        identity = self.questions.side(node).identity
        if identity is None:
            return False
        actions = {need.action.lower() for family in (*RAISING, *MAKING) for need in family.needs}
        return any(compiled.allows for action in actions for compiled, _, _ in identity.about(action))
