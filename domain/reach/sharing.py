"""Who shares an answer: principals whose policies say the same of the actions, where nothing that follows from the
principal has a say.

Serves the rows "paths to administrator" of `make bench-incident`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.questions.own_patterns import layers_of
from erstwhile.domain.reach.asks import Ask, context_of
from erstwhile.domain.reach.catalogue.family import NO_RESOURCE
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.vocabulary.bounded import Bounded

MAX_KEPT = 200_000


class Sharing:
    """Of one Directory as it is now."""

    def __init__(self) -> None:
        self._signatures: dict[tuple[Node, tuple[str, ...]], int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._words: dict[CompiledStatement, tuple[object, ...]] = {}
        self._shared_here: Bounded[tuple[object, ...], bool] = Bounded(MAX_KEPT)
        self._shared_there: Bounded[tuple[object, ...], bool] = Bounded(MAX_KEPT)

    def signature(self, node: Node, side: CallerSide, actions: tuple[str, ...]) -> int:
        """A number for what a principal's policies and limits say of some actions."""
        found = self._signatures.get((node, actions))
        if found is None:
            caller, boundary = side.caller, side.boundary
            key = (
                caller.account, caller.kind, caller.is_service_linked, self._said(side.identity, actions),
                None if boundary is None else (bool(boundary.sources), self._said(boundary, actions)), actions,
            )  # fmt: skip
            found = self._signatures[node, actions] = self._numbers.setdefault(key, len(self._numbers))
        return found

    def _said(self, layer: Layer | None, actions: tuple[str, ...]) -> tuple[object, ...]:
        """What the statements of a layer say of each action, whatever they are called and wherever they stand."""
        if layer is None:
            return ()
        return tuple(
            tuple([self._words_of(compiled) for compiled, _, _ in layer.about(each.lower())]) for each in actions
        )

    def _words_of(self, compiled: CompiledStatement) -> tuple[object, ...]:
        found = self._words.get(compiled)
        if found is None:
            each = compiled.statement
            found = self._words[compiled] = (
                each.allows, each.actions, each.not_actions, each.resources, each.not_resources, each.conditions,
                each.has_variables,
            )  # fmt: skip
        return found

    def is_shared(self, node: Node, side: CallerSide, ask: Ask, target: Callable[[], ResourceSide]) -> bool:
        """Whether nothing has a say that follows from who asks, but its policies."""
        if side.identity is None or side.identity.why or (side.boundary is not None and side.boundary.why):
            return False
        account, is_all = side.caller.account, ask.resource == NO_RESOURCE
        resource = NO_RESOURCE if is_pattern(ask.resource) else ask.resource
        there = (
            ask.decided, ask.given, ask.own, ask.owner, resource, account if resource == NO_RESOURCE else ""
        )  # fmt: skip
        shared = self._shared_there.get(there)
        if shared is None:
            shared = self._shared_there.keep(there, self._is_shared_there(ask, target()))
        if not shared:
            return False
        here = (self.signature(node, side, ask.decided), ask.given, ask.own, is_all)
        found = self._shared_here.get(here)
        if found is None:
            found = self._shared_here.keep(here, not self._follows_from_caller(layers_of(side), ask))
        return found

    def _is_shared_there(self, ask: Ask, target: ResourceSide) -> bool:
        """The same of the resource's side."""
        if target.vpc_endpoint is not None:
            return False
        policy = target.policy
        if policy is not None and not self._names_no_one(policy, ask):
            return False
        return target.rcp is None or not self._follows_from_caller(target.rcp.layers, ask)

    def _names_no_one(self, policy: Layer, ask: Ask) -> bool:
        """Whether a resource's policy says the same of all users and roles of an account."""
        if policy.why or policy.named_sessions() or self._follows_from_caller([policy], ask):
            return False
        return all(
            _is_of_whole_accounts(compiled.statement)
            for action in ask.actions
            for compiled, _, _ in policy.about(action.lower())
        )

    def _follows_from_caller(self, layers: Iterable[Layer], ask: Ask) -> bool:
        """Whether statements look at something that follows from who asks."""
        given = [(action.lower(), Context(context_of(ask.given_to(action)), {}, {})) for action in ask.decided]
        return any(
            follows_from_caller(key, ask.resource, context)
            for layer in layers
            for action, context in given
            for compiled, _, _ in layer.about(action)
            for key in compiled.keys_read
        )


def _is_of_whole_accounts(statement: Statement) -> bool:
    """Whether a statement names accounts, services or everybody: no user or role of its own."""
    return statement.principals is not None and all(
        kind in ("Service", "Federated") or (kind == "AWS" and (name == "*" or account_named(name) != ""))
        for kind, name in statement.principals
    )
