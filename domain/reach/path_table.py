"""Very many paths: each edge once, and each path as the numbers of its edges.

Serves the row "all paths to administrator" of `make bench-incident`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from erstwhile.domain.reach.edges import Edge


class PathTable:
    """A path takes four bytes for each edge, and as many again for what it is found by."""

    def __init__(self) -> None:
        self.edges: list[Edge] = []
        self.by_length: dict[int, array[int]] = {}
        """Length → the numbers (places in `edges`) of all paths of this length, one path after the other."""
        self.count = 0
        self._numbers: dict[int, int] = {}
        self._places: list[array[int]] = []

    @classmethod
    def of_rows(cls, edges: Sequence[Edge], rows: Mapping[int, npt.NDArray[np.int64]]) -> PathTable:
        """Paths as rows of the numbers of these edges, by their lengths; it has them in the order in which paths come
        to them."""
        found = cls()
        flat, paths = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.uint32)]
        for _, held in sorted(rows.items()):
            flat.append(held.ravel())
            places = np.arange(found.count, found.count + len(held), dtype=np.uint32)
            paths.append(np.repeat(places, held.shape[1]))
            found.count += len(held)
        all_edges, all_paths = np.concatenate(flat), np.concatenate(paths)
        first = np.full(len(edges), len(all_edges), dtype=np.int64)
        # Where an edge stands more than once, the value that is set last counts: its first place.
        first[all_edges[::-1]] = np.arange(len(all_edges) - 1, -1, -1)
        order = np.argsort(first, kind="stable")[: int(np.count_nonzero(first < len(all_edges)))]
        number = np.zeros(len(edges), dtype=np.uint32)
        number[order] = np.arange(len(order), dtype=np.uint32)
        found.edges = [edges[each] for each in order.tolist()]
        found._numbers = {id(edge): place for place, edge in enumerate(found.edges)}
        for length, held in sorted(rows.items()):
            found.by_length[length] = array("I", number[held].tobytes())
        numbered = number[all_edges]
        by_edge = all_paths[np.argsort(numbered, kind="stable")]
        begin = 0
        for end in np.cumsum(np.bincount(numbered, minlength=len(order))).tolist():
            found._places.append(array("I", by_edge[begin:end].tobytes()))
            begin = end
        return found

    @classmethod
    def of(cls, paths: Iterable[tuple[Edge, ...]]) -> PathTable:
        """The paths in this order, of which the shortest must come first."""
        found = cls()
        for each in paths:
            found.add(each[:-1], each[-1:])
        return found

    def add(self, walked: Sequence[Edge], lasts: Sequence[Edge]) -> None:
        """The paths that have these edges, and then one of the last. No path of fewer edges may follow."""
        held = self.by_length.get(len(walked) + 1)
        if held is None:
            held = self.by_length[len(walked) + 1] = array("I")
        before = [self._number(each) for each in walked]
        places = range(self.count, self.count + len(lasts))
        for place, last in zip(places, lasts, strict=True):
            number = self._number(last)
            held.extend((*before, number))
            self._places[number].append(place)
        for number in before:
            self._places[number].extend(places)
        self.count += len(lasts)

    def _number(self, edge: Edge) -> int:
        # `edges` has it: as long as it lives, no other has its id.
        found = self._numbers.get(id(edge))
        if found is None:
            found = self._numbers[id(edge)] = len(self.edges)
            self.edges.append(edge)
            self._places.append(array("I"))
        return found

    def places(self) -> Iterator[tuple[Edge, BitMap]]:
        """The edges, each with the places of the paths on which it is."""
        for edge, places in zip(self.edges, self._places, strict=True):
            yield edge, BitMap(places)
