"""One thing that an edge needs, asked of the engine: an action on a resource, or on some resource of a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.patterns.pattern_parts import (
    WELL_FORMED,
    Effort,
    TooManyParts,
    intersect,
    parts,
    surely_covers,
)
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.questions.own_patterns import layers_of
from erstwhile.domain.reach.catalogue.family import NO_RESOURCE
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.sides import side_after, without_unknown
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextDict

How = Literal["allow", "conditional", "unknown", "deny"]
"""`unknown`: nothing that is known allows it, and something is not known."""
RANK: dict[How, int] = {"deny": 0, "unknown": 1, "conditional": 2, "allow": 3}
EFFORT = 200_000
"""Steps for the parts of one pattern."""
MAX_KEPT = 200_000


class Ask(NamedTuple):
    """Actions on one resource; or, where `resource` is a pattern, on one and the same resource that it matches.
    `given`: the condition keys that the request has, with their values."""

    actions: tuple[str, ...]
    resource: str
    given: tuple[tuple[str, str], ...] = ()
    owner: str | None = None

    @property
    def context(self) -> ContextDict:
        return {key: (value,) for key, value in self.given}


class Proof(NamedTuple):
    """A decision that an edge rests on."""

    principal: str
    action: str
    resource: str
    decision: Decision


class Found(NamedTuple):
    """The best answer: how, and on which resource."""

    how: How
    resource: str


DENIED = Found("deny", "")


class Questions:
    """Of one Directory as it is now. It keeps answers: principals whose policies say the same of the actions share one,
    where nothing that follows from the principal has a say."""

    def __init__(self, directory: Directory, look: Callable[[], None] = lambda: None) -> None:
        """`look` is called before each decision; it may end the question by an exception."""
        self._look = look
        self.directory = directory
        self.engine = engine_of(directory)
        self.asked = 0
        """Decisions that were made."""
        self._sides: Bounded[Node, CallerSide] = Bounded(MAX_KEPT)
        self._signatures: dict[tuple[Node, tuple[str, ...]], int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._words: dict[CompiledStatement, tuple[object, ...]] = {}
        self._shared_here: Bounded[tuple[object, ...], bool] = Bounded(MAX_KEPT)
        self._shared_there: Bounded[tuple[object, ...], bool] = Bounded(MAX_KEPT)
        self._kept: Bounded[tuple[object, ...], Found] = Bounded(MAX_KEPT)

    def side(self, node: Node) -> CallerSide:
        """The policies of a node. Raises MalformedArn, UnknownPrincipal."""
        if not node.gains:
            return self.engine.side(node.principal)
        found = self._sides.get(node)
        if found is None:
            found = self._sides.keep(node, side_after(self.engine, node.principal, node.gains))
        return found

    def decide(self, node: Node, action: str, resource: str, ask: Ask) -> Decision:
        """One decision, in discover mode: what is not said is a condition."""
        self.asked += 1
        self._look()
        request = self._request(node, action, resource, ask)
        if not node.gains:
            return authorize(self.directory, request)
        side = self.side(node)
        return evaluate(request, side, self.engine.target(request, side.caller.account))

    def _request(self, node: Node, action: str, resource: str, ask: Ask) -> Request:
        return Request(
            principal=node.principal, action=action, resource=resource, resource_account=ask.owner,
            context=ask.context, mode="discover",
        )  # fmt: skip

    def how(self, node: Node, action: str, resource: str, ask: Ask) -> How:
        """The decision in one word."""
        decision = self.decide(node, action, resource, ask)
        if decision.effect == "allow":
            return "allow"
        if decision.effect != "conditional":
            return "deny"
        return (
            "unknown" if decision.unknown and not self._rests_on_known(node, action, resource, ask) else "conditional"
        )

    def _rests_on_known(self, node: Node, action: str, resource: str, ask: Ask) -> bool:
        request = self._request(node, action, resource, ask)
        side = self.side(node)
        target = self.engine.target(request, side.caller.account)
        known_side, known_target = without_unknown(self.engine, side, target)
        if side.caller.entity is None:
            known_side = side  # a stranger: that the resource's policy lets it in is what is known
        known = evaluate(request, known_side, known_target)
        return known.effect in ("allow", "conditional")

    def best(self, node: Node, ask: Ask) -> Found:
        """The best answer to all actions on one resource. Raises MalformedArn, UnknownPrincipal."""
        side = self.side(node)
        key: tuple[object, ...] | None = None
        if self._is_shared(node, side, ask):
            key = (self._signature(node, side, ask.actions), ask)
            kept = self._kept.get(key)
            if kept is not None:
                return kept
        found = self._best(node, side, ask)
        if key is not None:
            self._kept.keep(key, found)
        return found

    def _best(self, node: Node, side: CallerSide, ask: Ask) -> Found:
        best = DENIED
        try:
            examples = self._examples(side, ask)
        except TooManyParts:
            return Found("unknown", ask.resource)
        for resource in examples:
            worst: How = "allow"
            for action in ask.actions:
                how = self.how(node, action, resource, ask)
                if RANK[how] < RANK[worst]:
                    worst = how
                if RANK[worst] <= RANK[best.how]:
                    break
            if RANK[worst] > RANK[best.how]:
                best = Found(worst, resource)
                if worst == "allow":
                    break
        return best

    def proofs(self, node: Node, ask: Ask, resource: str) -> Iterator[Proof]:
        """The decisions behind an answer."""
        for action in ask.actions:
            yield Proof(node.principal, action, resource, self.decide(node, action, resource, ask))

    # Patterns.

    def _examples(self, side: CallerSide, ask: Ask) -> list[str]:
        """One resource of each part that the policies tell apart; the resource itself where it is one. Raises
        TooManyParts."""
        if not is_pattern(ask.resource):
            return [ask.resource]
        context = Context(ask.context, side.caller.keys, {}, True)
        cutting: dict[str, None] = {}
        is_named = dict.fromkeys(ask.actions, False)
        for action in ask.actions:
            lowered = action.lower()
            layers = [*layers_of(side), *self._rcp(ask, side)]
            for layer in layers:
                for compiled, _, name in layer.about(lowered):
                    if compiled.allows and name == "identity":
                        is_named[action] = True
                    cutting.update(dict.fromkeys(compiled.resource_patterns(context.get)))
        is_sure = side.identity is not None and not side.identity.why and side.caller.kind != "root"
        if is_sure and not all(is_named.values()):
            return []  # nothing allows it
        effort = Effort(EFFORT)
        near = [
            each for each in cutting if not surely_covers(each, ask.resource) and intersect(each, ask.resource, effort)
        ]
        found = parts((ask.resource, WELL_FORMED), tuple(sorted(near)), effort)
        # No resource has a colon where a pattern's star stands, though a policy's star would match it.
        return [each for each in found if each.count(":") == ask.resource.count(":")]

    def _rcp(self, ask: Ask, side: CallerSide) -> list[Layer]:
        """The resource control policies over the account, which bear on a resource that is new."""
        rcp = self._target(ask, side).rcp
        return [] if rcp is None else list(rcp.layers)

    # Who shares an answer.

    def _signature(self, node: Node, side: CallerSide, actions: tuple[str, ...]) -> int:
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

    def _is_shared(self, node: Node, side: CallerSide, ask: Ask) -> bool:
        """Whether nothing has a say that follows from who asks, but its policies."""
        if side.identity is None or side.identity.why or (side.boundary is not None and side.boundary.why):
            return False
        account, is_all = side.caller.account, ask.resource == NO_RESOURCE
        resource = NO_RESOURCE if is_pattern(ask.resource) else ask.resource
        there = (ask.actions, ask.given, ask.owner, resource, account if resource == NO_RESOURCE else "")
        shared = self._shared_there.get(there)
        if shared is None:
            shared = self._shared_there.keep(there, self._is_shared_there(ask, self._target(ask, side)))
        if not shared:
            return False
        here = (self._signature(node, side, ask.actions), ask.given, is_all)
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
        context = Context(ask.context, {}, {})
        return any(
            follows_from_caller(key, ask.resource, context)
            for layer in layers
            for action in ask.actions
            for compiled, _, _ in layer.about(action.lower())
            for key in compiled.keys_read
        )

    def _target(self, ask: Ask, side: CallerSide) -> ResourceSide:
        resource = ask.resource if not is_pattern(ask.resource) else f"arn:aws:x::{side.caller.account}:x"
        request = Request(
            principal="", action=ask.actions[0], resource=resource, resource_account=ask.owner, context=ask.context
        )
        return self.engine.target(request, side.caller.account)


def _is_of_whole_accounts(statement: Statement) -> bool:
    """Whether a statement names accounts, services or everybody: no user or role of its own."""
    return statement.principals is not None and all(
        kind in ("Service", "Federated") or (kind == "AWS" and (name == "*" or account_named(name) != ""))
        for kind, name in statement.principals
    )
