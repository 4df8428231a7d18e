# mypyc: compiled
"""A layer that finds its statements by action, and has them sorted by what they look at.

Serves the rows "never asked before" and "a cold principal" of `make bench-engine`.
"""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.policy.engine.many_statements import MANY, ByName, ByResource
from erstwhile.domain.policy.evaluation.evaluation import Evaluation, PlacedStatement
from erstwhile.domain.policy.evaluation.exemptions import has_own_rules
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.logic import Grants
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.policy.language.statement import Documents
from erstwhile.domain.vocabulary.bounded import Bounded

MAX_ACTIONS = 2_000
"""Actions that a layer remembers: requests may make them up."""


class ActionStatements:
    """The statements of one layer about one action."""

    __slots__ = ("always_allowing", "always_denying", "is_many", "why", "with_conditions", "without_conditions")

    def __init__(self, about: Iterable[PlacedStatement], why: tuple[str, ...]) -> None:
        self.why = why
        self.is_many = False
        """Whether `about_resource` has to find the statements first."""
        self.always_allowing: list[PlacedStatement] = []
        self.always_denying: list[PlacedStatement] = []
        self.without_conditions: list[PlacedStatement] = []
        """Those that the resource decides about."""
        self.with_conditions: list[PlacedStatement] = []
        """Those with conditions, or variables in the resource."""
        for placed in about:
            statement = placed[0]
            if statement.is_always:
                (self.always_allowing if statement.allows else self.always_denying).append(placed)
            else:
                (self.without_conditions if statement.is_fixed else self.with_conditions).append(placed)

    def about_resource(self, resource: str) -> ActionStatements:
        """Those that may be about a resource, and perhaps others."""
        return self

    def verdict(self, evaluation: Evaluation) -> Kleene:
        """`Layer.verdict`."""
        first = len(evaluation.undecided)
        allows: Kleene = bool(self.always_allowing)
        if allows:
            evaluation.allowing.extend(self.always_allowing)
        if self.always_denying:
            evaluation.denies = True
            evaluation.denying.extend(self.always_denying)
        for placed in self.without_conditions:
            statement = placed[0]
            if statement.covers(evaluation.resource):
                if statement.allows:
                    allows = True
                    evaluation.allowing.append(placed)
                else:
                    evaluation.denies = True
                    evaluation.denying.append(placed)
        for placed in self.with_conditions:
            statement = placed[0]
            if not statement.may_cover(evaluation.resource):
                continue
            applies = statement.holds(evaluation.resource, evaluation.context)
            if applies is False:
                continue
            evaluation.record(placed, applies)
            if statement.allows and allows is not True:
                allows = applies
        if allows is None:
            evaluation.record_open_layer(first)
        if self.why:
            evaluation.record_unknown(self.why)
            if allows is False:
                allows = None
        return allows


class ManyStatements(ActionStatements):
    """Of very many, those that may be about a resource are looked at."""

    def __init__(self, about: tuple[PlacedStatement, ...], why: tuple[str, ...]) -> None:
        super().__init__((), why)
        self.is_many = True
        self._by_resource = ByResource(about)

    def about_resource(self, resource: str) -> ActionStatements:
        return ActionStatements(self._by_resource.about(resource), self.why)

    def verdict(self, evaluation: Evaluation) -> Kleene:
        return self.about_resource(evaluation.resource).verdict(evaluation)


class IndexedLayer(Layer):
    """The answers of `Layer`."""

    def __init__(
        self, name: str, sources: Iterable[Source], why: Iterable[str] = (), own: Documents | None = None
    ) -> None:
        super().__init__(name, sources, why, own)
        self._about: Bounded[str, tuple[PlacedStatement, ...]] = Bounded(MAX_ACTIONS)
        self._statements: Bounded[str, ActionStatements] = Bounded(MAX_ACTIONS)
        self._without_own_rules: Bounded[str, ActionStatements | None] = Bounded(MAX_ACTIONS)
        self._by_name: Bounded[str, ByName] | None = None
        """Of actions with very many statements, which few layers have."""
        self._named_sessions: tuple[str, ...] | None = None
        self._has_not_principal: bool | None = None

    def about(self, action: str) -> tuple[PlacedStatement, ...]:
        found = self._about.entries.get(action)
        if found is None:
            found = self._about.keep(action, self._find(action))
        return found

    def _find(self, action: str) -> tuple[PlacedStatement, ...]:
        # A document remembers which of its statements speak of an action: many layers have the same one.
        placed = self.placed
        return tuple(
            [
                placed[first + statement.statement.index]
                for document, first in self.documents
                for statement in document.about(action)
            ]
        )

    def on(self, action: str) -> ActionStatements:
        """The statements about an action (lower case)."""
        found = self._statements.entries.get(action)
        if found is None:
            about = self._find(action)
            many = len(about) > MANY
            found = self._statements.keep(action, (ManyStatements if many else ActionStatements)(about, self.why))
        return found

    def on_usual(self, action: str) -> ActionStatements | None:
        """The statements about an action as a request writes it; None where its service has rules of its own."""
        entries = self._without_own_rules.entries
        known = entries.get(action)
        if known is not None or action in entries:
            return known
        lowered = action.lower()
        found = None if has_own_rules(lowered) else self.on(lowered)
        return self._without_own_rules.keep(action, found)

    def verdict(self, action: str, evaluation: Evaluation) -> Kleene:
        return self.on(action).verdict(evaluation)

    def grants(self, action: str, evaluation: Evaluation) -> Grants:
        about = self.about(action)
        if len(about) <= MANY:
            return self.grants_of(about, evaluation)
        if self._by_name is None:
            self._by_name = Bounded(MAX_ACTIONS)
        by_name = self._by_name.entries.get(action)
        if by_name is None:
            by_name = self._by_name.keep(action, ByName(about))
        return self.grants_of(by_name.meaning(evaluation.caller), evaluation)

    def has_not_principal(self) -> bool:
        if self._has_not_principal is None:
            self._has_not_principal = super().has_not_principal()
        return self._has_not_principal

    def keys_read(self, action: str, resource: str) -> frozenset[str]:
        """The condition keys (lower case) that the statements about an action (lower case) on a resource look at."""
        found: frozenset[str] = frozenset()
        for statement, _, _ in self.on(action).about_resource(resource).with_conditions:
            if statement.may_cover(resource):
                found |= statement.keys_read
        return found

    def named_sessions(self) -> tuple[str, ...]:
        if self._named_sessions is None:
            self._named_sessions = super().named_sessions()
        return self._named_sessions
