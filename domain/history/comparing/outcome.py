"""What a decision amounts to, whatever the documents that say so: two decisions of one outcome give the same access."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.language.document import ConditionEntry

_ALONE = frozenset(("identity", "permissions_boundary"))
"""Layers in which one statement that allows is enough, whatever the others say."""
_OTHER = "resource"


class Term(msgspec.Struct, frozen=True, order=True):
    """Conditions that together make a statement of these layers apply."""

    effect: str
    layers: tuple[str, ...]
    conditions: tuple[ConditionEntry, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Deny, or allow, or under which terms: conditions that were not settled, other context keys (of variables, or
    whose the resource is) on which it depends, and documents that are not known."""

    effect: Literal["deny", "conditional", "allow"]
    terms: tuple[Term, ...] = ()
    depends_on: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


DENIED = Outcome(effect="deny")
ALLOWED = Outcome(effect="allow")


def outcome_of(decision: Decision, side: CallerSide, target: ResourceSide) -> Outcome:
    """The outcome of a decision that was made about these two sides in discover mode."""
    if decision.effect == "allow":
        return ALLOWED
    if decision.effect != "conditional":
        return DENIED
    layers = _layers(side, target)
    allowing = (each for each in decision.determining if each.effect == "Allow" and each.undecided is not True)
    settled = {each.layer for each in allowing} & _ALONE
    together: dict[tuple[str, str, int], dict[ConditionEntry, None]] = {}
    for each in decision.residual:
        entry = ConditionEntry(each.operator.lower(), each.key.lower(), tuple(sorted(set(each.values))))
        together.setdefault((each.effect, each.policy, each.statement), {})[entry] = None
    terms: set[Term] = set()
    for (effect, policy, _), conditions in together.items():
        places = tuple(sorted(layers.get(policy, {_OTHER})))
        if effect == "Allow" and settled.issuperset(places):
            continue  # another statement of the layer allows it without any
        terms.add(Term(effect, places, tuple(sorted(conditions, key=lambda entry: msgspec.structs.astuple(entry)))))
    named = {each.key.lower() for each in decision.residual}
    return Outcome(
        effect="conditional",
        terms=tuple(sorted(_widest(terms), key=lambda term: msgspec.json.encode(term))),
        depends_on=tuple(sorted({key.lower() for key in decision.missing_context} - named)),
        unknown=tuple(sorted(decision.unknown)),
    )


def _layers(side: CallerSide, target: ResourceSide) -> dict[str, set[str]]:
    """The names of the layers in which each policy stands."""
    levels = [each for each in (side.scp, target.rcp) if each is not None]
    alone = (side.identity, side.boundary, side.session, target.policy, target.vpc_endpoint)
    found: dict[str, set[str]] = {}
    for layer in (*(layer for each in levels for layer in each.layers), *(each for each in alone if each is not None)):
        for source in layer.sources:
            found.setdefault(source.policy, set()).add(layer.name)
    return found


def _widest(terms: set[Term]) -> Iterable[Term]:
    """Those without which the others say less: a term adds nothing to one with fewer of the same conditions."""
    for term in terms:
        own = set(term.conditions)
        if not any(
            other is not term
            and (other.effect, other.layers) == (term.effect, term.layers)
            and own.issuperset(other.conditions)
            and len(other.conditions) < len(own)
            for other in terms
        ):
            yield term
