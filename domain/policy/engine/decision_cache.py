# mypyc: compiled
"""The decisions of one caller, by action, resource, and the values of the condition keys that they depend on.

Serves the row "kept" of `make bench-engine`.
"""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextValues

MAX_DECISIONS = 4_000
"""Pairs of action and resource whose decision is kept, of one caller."""
MAX_CONTEXTS = 32
"""Contexts of one question whose decision is kept: a key may be a clock, or its values made up."""
CLOCK = frozenset(("aws:currenttime", "aws:epochtime"))


class DecisionsByContext:
    """The decisions about one caller, action and resource, by mode and the values of some condition keys."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self.reads_clock = not CLOCK.isdisjoint(keys)
        self._only_key = keys[0] if len(keys) == 1 else ""
        self._decisions: Bounded[tuple[object, ...], Decision] = Bounded(MAX_CONTEXTS)

    def find(self, mode: str, context: ContextValues) -> Decision | None:
        if self._only_key:
            return self._decisions.entries.get((mode, context.get(self._only_key)))
        return self._decisions.entries.get(self._values(mode, context))

    def keep(self, mode: str, context: ContextValues, decision: Decision) -> None:
        self._decisions.keep(self._values(mode, context), decision)

    def _values(self, mode: str, context: ContextValues) -> tuple[object, ...]:
        return (mode, *[context.get(key) for key in self._keys])


class CallerEntry:
    """A caller's side, and its decisions. These count in one generation of the engine."""

    def __init__(self, side: CallerSide) -> None:
        self.side = side
        self.generation = 0
        self.decisions: Bounded[tuple[str, str], Decision | DecisionsByContext] = Bounded(MAX_DECISIONS)
        """By action and resource: the decision, where no condition key is looked at."""
