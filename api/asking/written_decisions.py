"""Decisions as the beginning of AuthZEN's answer, each written once."""

from __future__ import annotations

from sys import getrefcount

import orjson

from erstwhile.api.asking.answers import decision_json
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.vocabulary.bounded import Bounded

MOST = 20_000
LEAST = 1_000
"""So many are kept without a look at whether they are in use."""

_Written = tuple[Decision, bytes]

_alone: _Written = (Decision(effect="allow"), b"")
_ONLY_HERE = getrefcount(_alone[0])
"""The count of references to a decision that nothing but such a pair has."""


class WrittenDecisions:
    """By the decision itself. The engine makes new decisions when a policy or a tag changes. Those that it has no more
    are dropped as soon as they are as many as those in use: memory must not grow with the number of changes.

    A decision cannot be referred to weakly: msgspec allows that only where Python's collector visits each of them."""

    def __init__(self, most: int = MOST, least: int = LEAST) -> None:
        self._written: Bounded[int, _Written] = Bounded(most)
        self._least = least
        self._due = least
        """How many there are when it is time to look which of them are in use."""

    def of(self, decision: Decision) -> bytes:
        """`{"decision": …, "context": {…` without what follows from the moment."""
        found = self._written.entries.get(id(decision))
        if found is not None:
            return found[1]
        allowed = b"true" if decision.allowed else b"false"
        written = b'{"decision":' + allowed + b',"context":' + orjson.dumps(decision_json(decision))[:-1]
        if len(self._written) >= self._due:
            self._drop_unused()
        # The decision is kept with it: as long as it lives, no other has its id.
        self._written.keep(id(decision), (decision, written))
        return written

    def _drop_unused(self) -> None:
        for place, kept in list(self._written.entries.items()):
            if getrefcount(kept[0]) <= _ONLY_HERE:
                self._written.drop(place)
        self._due = max(self._least, 2 * len(self._written))

    def __len__(self) -> int:
        return len(self._written)
