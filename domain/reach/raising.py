"""Edges by which one principal makes another an administrator: it needs that other, too. It has it if it can become it,
or if the path began with it.

A principal that can make itself an administrator is not asked what it can make of others.
"""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.reach.catalogue.families import BECOMING, RAISING
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.edges import Edge, edge
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.ways import Ways

_ACCESS = tuple(family for family in BECOMING if family.kind in ("assume", "credential", "trust"))


class Raising:
    """Of one Directory."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._raisers: list[Node] | None = None
        self._raised: dict[EntityKey, list[Opening]] = {}
        self._families: dict[tuple[Node, bool], list[Family]] = {}

    def raisers(self) -> list[Node]:
        """The principals that have a statement by which they may raise others."""
        if self._raisers is None:
            ways = self._ways
            found = ways.sources.having_all_of_one(RAISING) - ways.plain_administrators()
            raised = {node.principal for node in ways.rises() if ways.is_administrator(node)}
            others = [node for node in ways.sources.nodes(found) if node.principal not in raised]
            self._raisers = [node for node in others if self._able(node, is_access=False)]
        return self._raisers

    def of_others(self, raiser: Node, others: Iterator[Entity] | list[Entity]) -> Iterator[Edge]:
        """The edges by which it makes an administrator of one of these, each without what it needs to become it."""
        ways = self._ways
        families = {family.id for family in self._able(raiser, is_access=False)}
        for other in others:
            for opening in self._openings(other):
                if opening.family.id not in families or opening.target.principal == raiser.principal:
                    continue
                made = edge(ways.questions, raiser, opening)
                if made is not None:
                    yield made

    def _openings(self, other: Entity) -> list[Opening]:
        """The ways by which somebody makes an administrator of a user or role."""
        found = self._raised.get(other.key)
        if found is None:
            ways = self._ways
            able = {family.id for raiser in self.raisers() for family in self._able(raiser, is_access=False)}
            families = [family for family in RAISING if family.id in able]
            found = self._raised[other.key] = list(ways.gains.of(other, families, (), ways.is_administrator))
        return found

    def accessible(self, raiser: Node) -> Iterator[tuple[Entity, Edge]]:
        """The principals that it can become in one step, and are no administrators: with the best edge to each."""
        ways = self._ways
        account = ways.questions.side(raiser).caller.account
        families = self._able(raiser, is_access=True)
        for _, target in ways.sources.acting(ways.sources.of_account(account) - ways.plain_administrators()):
            best: Edge | None = None
            for opening in ways.openings.into(target, families):
                made = edge(ways.questions, raiser, opening)
                if made is not None and (best is None or made.order < best.order):
                    best = made
            if best is not None:
                yield target, best

    def _able(self, raiser: Node, is_access: bool) -> list[Family]:
        """The families that it may be the source of, for some target: those that raise another, or by which one becomes
        another."""
        found = self._families.get((raiser, is_access))
        if found is None:
            families = _ACCESS if is_access else RAISING
            able = [family for family in families if self._ways.may(raiser, family)]
            found = self._families[raiser, is_access] = able
        return found
