# mypyc: compiled
"""A short cut for most requests: about a resource that has no policies, by a caller of its account. Nothing
but the policies of the caller, and what limits them, has a say.

Serves the row "never asked before" of `make bench-engine`.
"""

from __future__ import annotations

from erstwhile.domain.policy.engine.decision_cache import KnownCaller
from erstwhile.domain.policy.evaluation.evaluation import PlacedStatement
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.vocabulary.context_values import ContextValues

_NOT_BY_IDENTITY = Decision(effect="implicit_deny", blocked_by=("identity",))
_NO_KEYS: frozenset[str] = frozenset()


def decide_by_caller(
    side: KnownCaller, target: ResourceSide, action: str, resource: str, given: ContextValues, discover: bool
) -> tuple[Decision, frozenset[str]] | None:
    """What `evaluate` answers to a request without session policies, and the condition keys (lower case) that it
    depends on; None where the resource's side, a rule of AWS's own, or what is not known has a say."""
    if target.has_policies or target.owner != side.caller.account:
        return None
    allowing: list[PlacedStatement] = []
    denying: list[PlacedStatement] = []
    silent: list[str] = []
    """The layers that do not allow."""
    keys = _NO_KEYS
    context: Context | None = None
    layers = side.own_layers()
    if not layers:
        return None
    for layer in layers:
        statements = layer.on_usual(action)
        if statements is None or statements.why:
            return None
        if statements.is_many:
            statements = statements.about_resource(resource)
        before = len(allowing)
        allowing += statements.always_allowing
        denying += statements.always_denying
        for placed in statements.without_conditions:
            statement = placed[0]
            if statement.covers(resource):
                (allowing if statement.allows else denying).append(placed)
        for placed in statements.with_conditions:
            statement = placed[0]
            if not statement.may_cover(resource):
                continue
            keys = keys | statement.keys_read if keys else statement.keys_read
            if context is None:
                context = Context(given, side.caller.keys, target.keys, discover)
            applies = statement.holds(resource, context)
            if applies is None:
                return None
            if applies:
                (allowing if statement.allows else denying).append(placed)
        if len(allowing) == before and layer.name not in silent:
            silent.append(layer.name)
    if denying:
        named = tuple([side.determining(placed) for placed in denying])
        blocking = tuple(dict.fromkeys([placed[2] for placed in denying]))
        return Decision(effect="explicit_deny", determining=named, blocked_by=blocking), keys
    if silent:
        if len(layers) == 1:
            return _NOT_BY_IDENTITY, keys
        return Decision(effect="implicit_deny", blocked_by=tuple(silent)), keys
    return Decision(effect="allow", determining=tuple([side.determining(placed) for placed in allowing])), keys
