"""What a principal's own policies and limits say about one action: the patterns of resources that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import Asked

READ = 2
"""Steps that it costs to take the patterns of a statement."""
_FEW = 16
"""Patterns that are looked at one by one."""


def layers_of(side: CallerSide) -> list[Layer]:
    """The layers on the caller's side that say on which resources it may act."""
    found = [layer for layer in (side.identity, side.boundary) if layer is not None]
    return found + list(side.scp.layers if side.scp is not None else ())


def statements_about(side: CallerSide, action: str) -> Iterator[CompiledStatement]:
    """The statements of these layers that speak of an action (lower case)."""
    for layer in layers_of(side):
        for compiled, _, _ in layer.about(action):
            yield compiled


def context_of(side: CallerSide, asked: Asked) -> Context:
    """What variables in patterns are replaced from."""
    return Context(asked.context, side.caller.keys, {}, asked.mode == "discover")


class Own:
    """The patterns of the resources that some statements name, variables replaced as one caller has them."""

    def __init__(self, statements: Iterable[CompiledStatement], context: Context, effort: Effort) -> None:
        """Raises TooManyParts."""
        self.varies = False
        """Whether another caller with these policies may have other patterns."""
        found: dict[str, None] = {}
        for compiled in statements:
            effort.spend(READ)
            self.varies = self.varies or compiled.varies
            found.update(dict.fromkeys(compiled.resource_patterns(context.get)))
        self.patterns = list(found)
        self._by_beginning: Beginnings | None = None

    def near(self, pattern: str) -> list[str]:
        """The patterns that some resource which this one matches may match too."""
        if len(self.patterns) <= _FEW:
            return self.patterns
        if self._by_beginning is None:
            self._by_beginning = Beginnings(self.patterns)
        return [self.patterns[place] for place in self._by_beginning.agreeing(pattern)]


def own_of(side: CallerSide, asked: Asked, effort: Effort) -> Own:
    """The patterns of all that a caller has about the action. Raises TooManyParts."""
    return Own(statements_about(side, asked.action.lower()), context_of(side, asked), effort)
