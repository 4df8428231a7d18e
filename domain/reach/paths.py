"""All simple paths, the shortest first: from one principal to another, or to an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import msgspec
import numpy as np

from erstwhile.domain.reach.edges import Edge
from erstwhile.domain.reach.graph import Graph
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.path_table import PathTable
from erstwhile.domain.reach.questions import How
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.reach.wide_walk import Ints, TooLong, WideWalk

MAX_VISITS = 5_000_000
"""Edges that are walked for one answer."""


class Path(msgspec.Struct, frozen=True):
    """Edges, each beginning where the one before it ends. Without any, it stands for an administrator itself."""

    edges: tuple[Edge, ...]

    @property
    def source(self) -> Node:
        return self.edges[0].source

    @property
    def target(self) -> Node:
        return self.edges[-1].target

    @property
    def how(self) -> How:
        return "allow" if all(each.how == "allow" for each in self.edges) else "conditional"

    @property
    def key(self) -> tuple[tuple[str, str, str], ...]:
        """What makes it the same path at another instant."""
        return tuple((each.source.text, each.family, each.target.text) for each in self.edges)

    @property
    def is_chained(self) -> bool:
        """Whether a session of a role assumes another role: AWS then limits the session to an hour.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
        """
        assumed = [each.family == "assume-role" for each in self.edges]
        return any(one and other for one, other in pairwise(assumed))


class Reach(msgspec.Struct, frozen=True):
    """`principals`: who can reach the goal, and in how many steps. `is_cut`: there are more paths than were asked for
    (or, where `was_long`, looking for them takes more than is computed for one answer)."""

    paths: tuple[Path, ...]
    principals: dict[Node, int]
    administrators: tuple[Node, ...] = ()
    is_cut: bool = False
    was_long: bool = False
    table: PathTable | None = None
    """The paths, where they were asked for so; `paths` has none then."""


Gathering = Callable[[Graph, Iterable[Node], int, int, Iterable[Node]], Reach]
"""(graph, sources, steps, limit, administrators) → what there is: `listed`, or `tabled`."""


def paths_between(
    ways: Ways, source: str, target: str, steps: int, limit: int, gather: Gathering | None = None
) -> Reach:
    """The paths of at most so many steps from a principal to another. Raises MalformedArn, UnknownPrincipal."""
    graph = Graph(ways, [Node(target)], steps)
    return (gather or listed)(graph, [Node(source)], steps, limit, ())


def paths_into(ways: Ways, target: str, steps: int, limit: int, gather: Gathering | None = None) -> Reach:
    """The paths of at most so many steps from anybody to a principal. Raises MalformedArn, UnknownPrincipal."""
    graph = Graph(ways, [Node(target)], steps)
    return (gather or listed)(graph, _starts(graph), steps, limit, ())


def paths_to_administrator(
    ways: Ways, steps: int, limit: int, account: str = "", source: str = "", gather: Gathering | None = None
) -> Reach:
    """The paths of at most so many steps to administrators (of one account, where it is given), from everybody or from
    one principal. Raises MalformedArn, UnknownPrincipal."""
    there = ways.sources.nodes(ways.plain_administrators())
    plain = sorted(node for node in there if not account or f":{account}:" in node.principal)
    raised = [node for node in ways.rises() if ways.is_administrator(node)]
    goals = [node for node in (*plain, *raised) if not account or f":{account}:" in node.principal]
    graph = Graph(ways, goals, steps, administrators=True, account=account)
    return (gather or listed)(graph, [Node(source)] if source else _starts(graph), steps, limit, plain)


def _starts(graph: Graph) -> list[Node]:
    """Those from whom a path may begin, in order."""
    found = [node for node in graph.least if not node.gains and node not in graph.goals]
    return sorted(found, key=lambda each: each.text)


def listed(graph: Graph, sources: Iterable[Node], steps: int, limit: int, plain: Iterable[Node]) -> Reach:
    """The paths one by one."""
    walk = _Walk(graph)
    found: list[Path] = []
    for walked, lasts in walk.all(sources, steps):
        for last in lasts:
            if len(found) >= limit:
                return Reach(tuple(found), _principals(graph), tuple(plain), True)
            found.append(Path((*walked, last)))
    return Reach(tuple(found), _principals(graph), tuple(plain), walk.is_over, walk.is_over)


def tabled(graph: Graph, sources: Iterable[Node], steps: int, limit: int, plain: Iterable[Node]) -> Reach:
    """The same paths as a table: there may be hundreds of thousands."""
    starts = list(sources)
    try:
        rows, edges, is_cut = _rows(graph, starts, steps, limit)
    except TooLong:
        return tabled_one_by_one(graph, starts, steps, limit, plain)
    return Reach((), _principals(graph), tuple(plain), is_cut, False, PathTable.of_rows(edges, rows))


def _rows(graph: Graph, sources: list[Node], steps: int, limit: int) -> tuple[dict[int, Ints], list[Edge], bool]:
    """By length, the paths as rows of the numbers of edges; these edges; and whether there are more paths. Raises
    TooLong."""
    walk = _Walk(graph)
    wide = WideWalk(((node, *walk.outs(node)) for node in graph.outs), graph.least, MAX_VISITS)
    found: dict[int, list[Ints]] = {}
    left, is_cut = limit, False
    for length in range(1, steps + 1):
        for some in wide.of_length(sources, length) if not is_cut else ():
            is_cut = len(some) > left
            if left:
                found.setdefault(length, []).append(some[:left])
            if is_cut:
                break
            left -= len(some)
    return {length: np.concatenate(each) for length, each in found.items()}, wide.edges, is_cut


def tabled_one_by_one(graph: Graph, sources: Iterable[Node], steps: int, limit: int, plain: Iterable[Node]) -> Reach:
    """What `tabled` finds, plainly."""
    walk, found = _Walk(graph), PathTable()
    for walked, lasts in walk.all(sources, steps):
        left = limit - found.count
        if left:
            found.add(walked, lasts[:left])
        if len(lasts) > left:
            return Reach((), _principals(graph), tuple(plain), True, False, found)
    return Reach((), _principals(graph), tuple(plain), walk.is_over, walk.is_over, found)


def _principals(graph: Graph) -> dict[Node, int]:
    return {node: distance for node, distance in graph.sure.items() if not node.gains and node not in graph.goals}


Walked = tuple[tuple[Edge, ...], list[Edge]]
"""Edges, and those that may be the last after them."""


class _Walk:
    """Walks the graph depth first, along what may still lead to the goal in time."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._left = MAX_VISITS
        self._by_place: dict[Node, tuple[list[Edge], list[Edge]]] = {}

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def all(self, sources: Iterable[Node], steps: int) -> Iterator[Walked]:
        """The simple paths of at most so many steps, the shortest first: those that have all but the last edge in
        common together."""
        starts = list(sources)
        for length in range(1, steps + 1):
            for source in starts:
                yield from self.of_length(source, length)

    def of_length(self, source: Node, length: int) -> Iterator[Walked]:
        """The simple paths of exactly this length."""
        if self._graph.least.get(source, length + 1) <= length:
            yield from self._go(source, length, (), {source.principal})

    def _go(self, node: Node, left: int, walked: tuple[Edge, ...], met: set[str]) -> Iterator[Walked]:
        last, before = self.outs(node)
        if left == 1:
            self._left -= len(last)
            if self._left > 0:
                found = [each for each in last if _may_follow(each, met)]
                if found:
                    yield walked, found
            return
        least = self._graph.least
        for each in before:
            self._left -= 1
            if self._left <= 0:
                return
            if least[each.target] < left and _may_follow(each, met):
                yield from self._go(each.target, left - 1, (*walked, each), met | {each.target.principal})

    def outs(self, node: Node) -> tuple[list[Edge], list[Edge]]:
        """The edges out of a node that may be the last of a path, and those after which another may follow."""
        found = self._by_place.get(node)
        if found is None:
            outs = self._graph.outs.get(node, ())
            last = [each for each in outs if self._ends(each)]
            goes_on = self._graph.least.keys() - self._graph.goals
            found = self._by_place[node] = (last, [each for each in outs if each.target in goes_on])
        return found

    def _ends(self, edge: Edge) -> bool:
        return edge.target in self._graph.goals or (edge.opening.raised is not None and not edge.is_rise)


def _may_follow(edge: Edge, met: set[str]) -> bool:
    """Whether a path that met these principals may go on by an edge: to another principal, by a rise to itself with
    more; and where it raises one without becoming it, to one that it began with or met."""
    if edge.is_rise:
        return True
    is_raise = edge.opening.raised is not None
    if is_raise and edge.access is None:
        return edge.target.principal in met
    return edge.target.principal not in met
