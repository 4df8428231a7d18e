"""Edges by which one principal makes another an administrator: it needs that other, too. It has it if it can become it,
or if the path began with it.

A principal that can make itself an administrator is not asked what it can make of others.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.reach.catalogue.families import BECOMING, RAISING
from erstwhile.domain.reach.edges import Edge, edge
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.ways import Ways

_ACCESS = tuple(family for family in BECOMING if family.kind in ("assume", "credential", "trust"))


class Raising:
    """Of one Directory."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._raisers: list[Node] | None = None

    def raisers(self) -> list[Node]:
        """The principals that have a statement by which they may raise others."""
        if self._raisers is None:
            ways = self._ways
            found = BitMap()
            for family in RAISING:
                those = ways.sources.everybody
                for need in family.needs:
                    those = those & ways.sources.speaking(need.action)
                found |= those
            found -= ways.plain_administrators()
            raised = {node.principal for node in ways.rises() if ways.is_administrator(node)}
            nodes = (ways.sources.node(number) for number in found)
            self._raisers = [node for node in nodes if node.principal not in raised]
        return self._raisers

    def of_others(self, raiser: Node, others: Iterator[Entity] | list[Entity]) -> Iterator[Edge]:
        """The edges by which it makes an administrator of one of these, each without what it needs to become it."""
        ways = self._ways
        spoken = frozenset(
            need.action for family in RAISING for need in family.needs if self._speaks(raiser, need.action)
        )
        for other in others:
            for opening in ways.gains.of(other, spoken):
                if opening.target.principal == raiser.principal or not ways.is_administrator(opening.target):
                    continue
                made = edge(ways.questions, raiser, opening)
                if made is not None:
                    yield made

    def accessible(self, raiser: Node) -> Iterator[tuple[Entity, Edge]]:
        """The principals that it can become in one step, and are no administrators: with the best edge to each."""
        ways = self._ways
        account = ways.questions.side(raiser).caller.account
        for number in ways.sources.of_account(account) - ways.plain_administrators():
            target = ways.sources.index.principals[number]
            best: Edge | None = None
            for opening in ways.openings.into(target, _ACCESS):
                made = edge(ways.questions, raiser, opening)
                if made is not None and (best is None or made.order < best.order):
                    best = made
            if best is not None:
                yield target, best

    def _speaks(self, raiser: Node, action: str) -> bool:
        identity = self._ways.questions.side(raiser).identity
        if identity is None:
            return False
        return bool(identity.why) or any(each[0].allows for each in identity.about(action.lower()))
