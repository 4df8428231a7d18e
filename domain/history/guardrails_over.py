"""What the guardrails over some accounts say of one action and resource, to every caller: where something is denied
anyway, a change that leaves this as it is changes nothing."""

from __future__ import annotations

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.guardrails import Place, guardrail_levels, place_in
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or

Said = tuple[object, ...]


class GuardrailsOver:
    """Of one action (lower case) and resource."""

    def __init__(self, action: str, resource: str) -> None:
        self._action = action
        self._resource = resource
        self._kept: dict[tuple[object, ...], tuple[Facts, Said | None]] = {}
        """With the facts: while they are kept, no others can be in their place."""

    def of(self, key: EntityKey, facts: Facts, accounts: frozenset[str]) -> Said | None:
        """Where accounts stand in an organisation, and what its guardrails say there; None where these do not say the
        same to every caller. Since when anything is so does not count."""
        others = tuple([(name, id(items)) for name, items in facts.items() if name != a.TARGET])
        place = (key, accounts, frozenset(facts.get(a.TARGET, ())), others)
        found = self._kept.get(place)
        if found is None:
            organization = Entity(*key)
            organization.facts = facts
            found = self._kept[place] = facts, self._said(organization, accounts)
        return found[1]

    def _said(self, organization: Entity, accounts: frozenset[str]) -> Said | None:
        found: list[object] = []
        for account in sorted(accounts):
            place = place_in(organization, account)
            if place is None:
                found.append(None)
                continue
            limits = self._limits(place)
            if limits is None:
                return None
            found.append((place.organization_id, place.nodes, place.is_management, limits))
        return tuple(found)

    def _limits(self, place: Place) -> Said | None:
        """None where they depend on the caller, or something of them is not known."""
        if guardrail_levels(place, "RESOURCE_CONTROL_POLICY"):
            return None
        levels = guardrail_levels(place, "SERVICE_CONTROL_POLICY")
        if levels is None:
            return ()
        allows: list[Kleene] = []
        denies: list[Kleene] = []
        for level in levels:
            layer = Layer("scp", level)
            said = layer.verdict_for_all(self._action, self._resource, Context({}, {}, {}), lambda statement: True)
            if said is None:
                return None
            allows.append(said[0])
            denies.append(said[1])
        return kleene_and(allows), kleene_or(denies)
