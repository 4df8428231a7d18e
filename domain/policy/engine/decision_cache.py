# mypyc: compiled
"""The decisions of one caller, by action, resource, and the values of the condition keys that they depend on.

Serves the row "kept" of `make bench-engine`.
"""

from __future__ import annotations

from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.evaluate import WITH_IDENTITY_POLICIES
from erstwhile.domain.policy.evaluation.evaluation import PlacedStatement
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextValues

MAX_DECISIONS = 4_000
"""Pairs of action and resource whose decision is kept, of one caller."""
MAX_CONTEXTS = 32
"""Contexts of one question whose decision is kept: a key may be a clock, or its values made up."""
OWN_LAYERS = ("identity", "permissions_boundary", "scp")
"""Layers that a caller's side holds itself."""
CLOCK = frozenset(("aws:currenttime", "aws:epochtime"))


class DecisionsByContext(Bounded[tuple[object, ...], Decision]):
    """The decisions about one caller, action and resource, by mode and the values of some condition keys."""

    __slots__ = ("_keys", "_only_key")

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(MAX_CONTEXTS)
        self._keys = keys
        self._only_key = keys[0] if len(keys) == 1 else ""

    @property
    def reads_clock(self) -> bool:
        return not CLOCK.isdisjoint(self._keys)

    def find(self, mode: str, context: ContextValues) -> Decision | None:
        if self._only_key:
            return self.entries.get((mode, context.get(self._only_key)))
        return self.entries.get(self._values(mode, context))

    def keep_in(self, mode: str, context: ContextValues, decision: Decision) -> None:
        self.keep(self._values(mode, context), decision)

    def _values(self, mode: str, context: ContextValues) -> tuple[object, ...]:
        return (mode, *[context.get(key) for key in self._keys])


class KnownCaller(CallerSide):
    """A caller's side, with its decisions. These count in one generation of the engine."""

    __slots__ = ("_determining", "_own_layers", "decisions", "generation", "kept")

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        self.generation = 0
        self.decisions: Bounded[tuple[str, str], Decision | DecisionsByContext] = Bounded(MAX_DECISIONS)
        """By action and resource: the decision, where no condition key is looked at."""
        self.kept = self.decisions.entries
        self._determining: dict[tuple[int, int], Determining] = {}
        self._own_layers: tuple[IndexedLayer, ...] | None = None

    def own_layers(self) -> tuple[IndexedLayer, ...]:
        """The layers of this side, in the order in which they are evaluated; empty where they do not say it all."""
        if self._own_layers is None:
            self._own_layers = self._find_own_layers()
        return self._own_layers

    def _find_own_layers(self) -> tuple[IndexedLayer, ...]:
        if self.caller.kind not in WITH_IDENTITY_POLICIES or self.session is not None or self.identity is None:
            return ()
        found: list[Layer] = []
        if self.scp is not None and not self.caller.is_service_linked:
            found += self.scp.layers
        found.append(self.identity)
        if self.boundary is not None:
            found.append(self.boundary)
        return tuple([layer for layer in found if isinstance(layer, IndexedLayer)])

    def determining(self, placed: PlacedStatement) -> Determining:
        statement, source, layer = placed
        if layer not in OWN_LAYERS:
            return super().determining(placed)
        # Both live as long as this side does, whose layers hold them: nothing else gets their ids. Not so the tuple,
        # which is made anew each time where this is compiled.
        key = (id(statement), id(source))
        found = self._determining.get(key)
        if found is None:
            found = self._determining[key] = super().determining(placed)
        return found
