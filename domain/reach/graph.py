"""The part of the graph that leads to a goal: backward from it, as far as a path may be long."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.reach.edges import Edge
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import How
from erstwhile.domain.reach.raising import Raising
from erstwhile.domain.reach.ways import Ways


class Graph:
    """`outs`: the edges out of each node that may be on a path to the goal; `least`: how many steps a node is from the
    goal at the least; `sure`: how many it is, of those that are sure to reach it."""

    def __init__(
        self, ways: Ways, goals: Iterable[Node], steps: int, administrators: bool = False, account: str = ""
    ) -> None:
        """`administrators`: the goals are administrators: all that there are, or those of an account. Raises
        MalformedArn, UnknownPrincipal."""
        self._ways = ways
        self._steps = steps
        self._account = account
        self.goals = frozenset(goals)
        self._ends = self.goals if administrators else frozenset[Node]()
        """An administrator is a goal: no path to one goes on from it."""
        self.outs: dict[Node, list[Edge]] = {}
        self._seen: set[Node] = set()
        self.sure: dict[Node, int] = {}
        self.least: dict[Node, int] = {}
        seeds: dict[Node, int] = dict.fromkeys(self.goals, 0)
        held: list[Edge] = []
        before: dict[Node, int] = {}
        if administrators:
            held, before, more = self._held()
            for node, distance in more.items():
                seeds[node] = min(distance, seeds.get(node, distance))
        self.sure = self._distances(seeds, steps)
        self.least = dict(before)
        for node, distance in self.sure.items():
            self.least[node] = min(distance, self.least.get(node, distance))
        for each in held:
            self._add(each)
        for edges in self.outs.values():
            edges.sort(key=lambda each: each.order)

    def _add(self, edge: Edge) -> None:
        self.outs.setdefault(edge.source, []).append(edge)

    def _is_wanted(self, raised: Entity) -> bool:
        """Whether a principal is a goal once it is raised."""
        return not self._account or raised.account == self._account

    def _into(self, node: Node) -> tuple[Edge, ...]:
        edges = self._ways.into(node, self._ends)
        if node not in self._seen:
            self._seen.add(node)
            for each in edges:
                self._add(each)
        return edges

    def _distances(self, seeds: dict[Node, int], steps: int) -> dict[Node, int]:
        """The least number of steps from each node to the seeds, each of which begins at a number of its own."""
        found: dict[Node, int] = {}
        levels: dict[int, list[Node]] = {}
        for node, distance in seeds.items():
            levels.setdefault(distance, []).append(node)
        for distance in range(steps + 1):
            for node in levels.get(distance, ()):
                if node in found:
                    continue
                found[node] = distance
                if distance == steps:
                    continue
                for each in self._into(node):
                    if each.source not in found:
                        levels.setdefault(distance + 1, []).append(each.source)
        return found

    def _held(self) -> tuple[list[Edge], dict[Node, int], dict[Node, int]]:
        """The edges by which a principal makes another an administrator; the least steps to a goal of all that lead
        there; and who is sure to get there: those that can become the one that raises them, or another."""
        ways = self._ways
        raising = Raising(ways)
        edges: list[Edge] = []
        before: dict[Node, int] = {}
        more: dict[Node, int] = {}
        for raiser in raising.raisers():
            for target, access in raising.accessible(raiser):
                if not self._is_wanted(target):
                    continue
                for each in raising.of_others(raiser, [target]):
                    made = Edge(raiser, each.target, each.opening, _weaker(each, access), each.found, access)
                    edges.append(made)
                    more[raiser] = 1
            back = self._distances({raiser: 0}, self._steps - 1)
            entities = {node: ways.entity(node) for node in back if node != raiser and not node.gains}
            raises = False
            others = [entity for entity in entities.values() if entity is not None and self._is_wanted(entity)]
            for each in raising.of_others(raiser, others):
                edges.append(each)
                start = each.target.plain
                distance = back[start] + 1
                more[start] = min(distance, more.get(start, distance))
                raises = True
            for node, far in back.items() if raises else ():
                before[node] = min(far + 1, before.get(node, far + 1))
        return edges, before, more


def _weaker(one: Edge, other: Edge) -> How:
    return one.how if other.how == "allow" else other.how
