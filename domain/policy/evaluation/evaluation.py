# mypyc: compiled
"""One request on its way through the layers, and the statements that it meets."""

from __future__ import annotations

from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Determining, Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.kleene import Kleene, kleene_or
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.context_values import ContextDict

PlacedStatement = tuple[CompiledStatement, Source, str]
"""A statement in its place: the policy that has it, and the name of the layer."""


class Evaluation:
    """One request while it is evaluated: who asks for what, and what was found so far."""

    __slots__ = (
        "_context",
        "_resource_keys",
        "allowing",
        "by_rule",
        "caller",
        "denies",
        "denying",
        "has_boundary",
        "request",
        "resource",
        "undecided",
        "unknown",
        "would_allow",
    )

    def __init__(
        self, request: Request, caller: Caller, resource_keys: ContextDict, has_boundary: bool = False
    ) -> None:
        self.request = request
        self.resource = request.resource
        self.caller = caller
        self.has_boundary = has_boundary
        self.denies: Kleene = False
        self.allowing: list[PlacedStatement] = []
        self.by_rule: list[Determining] = []
        """What allows by a rule of AWS's own, without a statement."""
        self.denying: list[PlacedStatement] = []
        self.unknown: list[str] = []
        self.undecided: list[PlacedStatement] = []
        self.would_allow: list[PlacedStatement] = []
        """Of the undecided ones, those on which it depends whether their layer allows."""
        self._resource_keys = resource_keys
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """Made when a condition or variable first asks."""
        if self._context is None:
            request = self.request
            self._context = Context(request.context, self.caller.keys, self._resource_keys, request.mode == "discover")
        return self._context

    def record(self, placed: PlacedStatement, applies: Kleene) -> None:
        """A statement that means the caller, and whether resource and conditions fit the request."""
        if applies is None:
            self.undecided.append(placed)
        if not placed[0].allows:
            self.denies = kleene_or((self.denies, applies))
            if applies:
                self.denying.append(placed)
        elif applies:
            self.allowing.append(placed)

    def record_open_layer(self, first: int) -> None:
        """A layer allows if one of its undecided statements applies. `first`: how many there were before this layer."""
        self.would_allow += [placed for placed in self.undecided[first:] if placed[0].allows]

    def record_unknown(self, why: tuple[str, ...]) -> None:
        """Policies that are not known: they may deny."""
        self.unknown.extend(why)
        self.denies = kleene_or((self.denies, None))

    @property
    def missing(self) -> set[str]:
        return set() if self._context is None else self._context.missing
