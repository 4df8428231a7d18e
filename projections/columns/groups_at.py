"""The groups of an instant, and the policies of each.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.held import OWN
from erstwhile.projections.columns.described import NONE, TrueRows
from erstwhile.projections.columns.groups_in import firsts_of
from erstwhile.projections.columns.held_pairs import Pairs
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import ABSENT, Ints


class GroupsAt:
    """The groups of an instant, and the policies of each. Each that has policies is a way to them: 1, 2, 3 and so on
    (`Held.way`)."""

    def __init__(self, layers: Stack) -> None:
        self._segments = [layer.segment for layer in layers]
        self._firsts = firsts_of(layers)
        count = self._firsts[-1]
        self.there = np.zeros(count, dtype=bool)
        self.unsure = np.zeros(count, dtype=bool)
        self.begin: Ints = np.zeros(count, dtype=np.int64)
        """Where the policies of each begin among those of all; 0 of one that has none."""
        self.end: Ints = np.zeros(count, dtype=np.int64)
        self._policy: list[Ints] = []
        self._way: list[Ints] = []
        self._granted_by: list[Ints] = []
        self._count = 0
        self._described: list[tuple[Segment, int]] = []
        """Of each way, the row that describes the group."""
        self._steps: dict[int, tuple[str, ...]] = {OWN: ()}

    def first(self, layer: int) -> int:
        """The number of the first entity of a layer."""
        return self._firsts[layer]

    def add(self, layer: int, pairs: Pairs, described: TrueRows) -> None:
        """The groups of a layer with their policies, one group after the other, and how the layer's entities are
        described."""
        entities, begins, counts = np.unique(pairs.entity, return_index=True, return_counts=True)
        groups = self._firsts[layer] + entities
        self.begin[groups] = self._count + begins
        self.end[groups] = self._count + begins + counts
        self._count += len(pairs.entity)
        self._policy.append(pairs.policy)
        self._granted_by.append(pairs.granted_by)
        self._way.append(np.repeat(np.arange(len(entities)) + len(self._described) + 1, counts))
        segment = self._segments[layer]
        self._described += [(segment, row) for row in described.of(entities).tolist()]

    def policies(self, places: Ints) -> tuple[Ints, Ints, Ints]:
        """At some places among those of all: the policies, the ways to them, and the events that gave them."""
        policy, way, granted_by = map(np.concatenate, (self._policy, self._way, self._granted_by))
        return policy[places], way[places], granted_by[places]

    def through(self, way: int) -> tuple[str, ...]:
        """The steps of a way."""
        found = self._steps.get(way)
        if found is None:
            segment, row = self._described[way - 1]
            name = str(segment.value_of(row).get("name", "")) if row != NONE else ""
            found = self._steps[way] = (f"group/{name}",)
        return found

    def is_known(self, groups: Ints) -> npt.NDArray[np.bool_]:
        """Of some groups, ABSENT among them, whether each is there, and its policies are known."""
        known: npt.NDArray[np.bool_] = self.there[groups] & ~self.unsure[groups] & (groups != ABSENT)
        return known
