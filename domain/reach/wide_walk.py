"""All simple paths of a graph as numbers of their edges, a step of thousands of paths at once.

Serves the row "all paths to administrator" of `make bench-incident`; it finds what `paths.Walk` finds, in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.reach.edges import Edge
from erstwhile.domain.reach.nodes import Node

Ints = npt.NDArray[np.int64]
Outs = Iterable[tuple[Node, list[Edge], list[Edge]]]
"""Nodes, the edges out of each that may be the last of a path, and those after which another may follow."""
_AT_ONCE = 200_000
"""Steps that are taken together, where one path has no more."""
_FAR = 1 << 30
_RISES, _RAISES, _GOES_ON = range(3)
"""An edge of a principal to itself; one that raises another without becoming it; one to another principal."""


class TooLong(Exception):
    """more edges would be walked than are for one answer"""


class _Edges(NamedTuple):
    """Edges by the node they come from: those of node `n` are `numbers[begins[n] : begins[n] + counts[n]]`."""

    numbers: Ints
    begins: Ints
    counts: Ints


class _Paths(NamedTuple):
    """Paths of one length: where each stands, its edges one after the other, and the principals that it met."""

    node: Ints
    edges: tuple[Ints, ...]
    met: tuple[Ints, ...]

    def only(self, which: npt.NDArray[np.bool_] | slice) -> _Paths:
        return _Paths(self.node[which], tuple(x[which] for x in self.edges), tuple(x[which] for x in self.met))


class WideWalk:
    """`least`: how many steps a node is from the goal. `most`: edges that are walked."""

    def __init__(self, outs: Outs, least: dict[Node, int], most: int) -> None:
        self._left = most
        self._least = least
        self.edges: list[Edge] = []
        """By number."""
        numbers: dict[int, int] = {}
        lasts: list[list[int]] = []
        befores: list[list[int]] = []
        self._nodes: dict[Node, int] = {}
        for node, last, before in outs:
            self._nodes[node] = len(lasts)
            for held, of_node in ((lasts, last), (befores, before)):
                for edge in of_node:
                    if id(edge) not in numbers:  # `edges` has it: as long as it lives, no other has its id
                        numbers[id(edge)] = len(self.edges)
                        self.edges.append(edge)
                held.append([numbers[id(edge)] for edge in of_node])
        self._lasts, self._befores = _by_node(lasts), _by_node(befores)
        self._principals: dict[str, int] = {}
        self._target = _ints(self._nodes.get(each.target, -1) for each in self.edges)
        self._principal = _ints(self._principal_of(each.target) for each in self.edges)
        self._far = _ints(least.get(each.target, _FAR) for each in self.edges)
        self._kind = _ints(map(_kind_of, self.edges))

    def _principal_of(self, node: Node) -> int:
        return self._principals.setdefault(node.principal, len(self._principals))

    def of_length(self, sources: Sequence[Node], length: int) -> Iterator[Ints]:
        """The paths of this length from these nodes, as rows of numbers of edges. Raises TooLong."""
        starts = [each for each in sources if each in self._nodes and self._least.get(each, _FAR) <= length]
        node = _ints(self._nodes[each] for each in starts)
        yield from self._go(_Paths(node, (), (_ints(self._principal_of(each) for each in starts),)), length)

    def _go(self, paths: _Paths, left: int) -> Iterator[Ints]:
        outs = self._lasts if left == 1 else self._befores
        for some in _cut(paths, outs):
            found = self._step(some, outs, left)
            if not len(found.node):
                continue
            if left == 1:
                yield np.stack(found.edges, axis=1)
            else:
                yield from self._go(found, left - 1)

    def _step(self, paths: _Paths, outs: _Edges, left: int) -> _Paths:
        """The paths that go on by one edge, in order: those of one path together, as its edges stand."""
        count = outs.counts[paths.node]
        total = int(count.sum())
        self._left -= total
        if self._left <= 0:
            raise TooLong
        row = np.repeat(np.arange(len(count)), count)
        within = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        edge = outs.numbers[np.repeat(outs.begins[paths.node], count) + within]
        principal, kind = self._principal[edge], self._kind[edge]
        is_met = np.zeros(total, dtype=bool)
        for each in paths.met:
            is_met |= each[row] == principal
        follows = (kind == _RISES) | (is_met == (kind == _RAISES))
        if left > 1:
            follows &= (self._far[edge] < left) & (self._target[edge] >= 0)
        row, edge = row[follows], edge[follows]
        edges, met = ([column[row] for column in columns] for columns in (paths.edges, paths.met))
        return _Paths(self._target[edge], (*edges, edge), (*met, principal[follows]))


def _kind_of(edge: Edge) -> int:
    if edge.is_rise:
        return _RISES
    return _RAISES if edge.opening.raised is not None and edge.access is None else _GOES_ON


def _cut(paths: _Paths, outs: _Edges) -> Iterator[_Paths]:
    """Parts of some paths, in order, of which each has so many ways on that they are looked at together."""
    number = np.cumsum(outs.counts[paths.node]) // _AT_ONCE
    bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
    for begin, end in pairwise(bounds):
        if end > begin:
            yield paths.only(slice(begin, end))


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, dtype=np.int64)


def _by_node(held: list[list[int]]) -> _Edges:
    count = _ints(map(len, held))
    return _Edges(_ints(each for of_node in held for each in of_node), np.cumsum(count) - count, count)
