"""Administrators within limits: what of all actions no deny, boundary or guardrail takes from them, seen without
looking at each action's resources. Of twenty thousand actions, guardrails mostly speak of a few."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.knowledge.service_reference import actions_of, services
from erstwhile.domain.questions.alike_actions import speaks_of_service
from erstwhile.domain.questions.own_patterns import layers_of


def whole_actions(side: CallerSide) -> frozenset[str]:
    """The known actions that a principal may on every resource by its own policies within its limits, for one of its
    policies allows everything, each limit allows the action on everything, and no statement denies it. Empty where
    none of its policies allows everything."""
    layers = layers_of(side)
    if side.identity is None or side.session is not None or any(layer.why for layer in layers):
        return frozenset()
    if not any(each.allows and each.is_always and "*" in (each.statement.actions or ())
               for _, each in side.identity.statements()):  # fmt: skip
        return frozenset()
    return frozenset(_whole(layers))


def _whole(layers: list[Layer]) -> Iterator[str]:
    for service in services():
        speaking = [[each for _, each in layer.statements() if speaks_of_service(each, service)] for layer in layers]
        denies = [each for layer in speaking for each in layer if not each.allows]
        allows = [[each for each in layer if each.allows and each.is_always] for layer in speaking]
        # A layer that allows every action need not be looked at action by action.
        limits = [layer for layer in allows if not any("*" in (each.statement.actions or ()) for each in layer)]
        for name in actions_of(service):
            lowered = f"{service}:{name}".lower() if denies or limits else ""
            if any(each.speaks_of(lowered) for each in denies):
                continue
            if all(any(each.speaks_of(lowered) for each in layer) for layer in limits):
                yield f"{service}:{name}"
