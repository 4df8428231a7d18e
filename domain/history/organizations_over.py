"""Which changes of an organisation have no say in what is asked of some accounts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.guardrails_over import GuardrailsOver, Said
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.guardrails import place_in

_PLACING = (a.ORGANIZATION, a.NODE)
"""The attributes of an organisation that say where accounts stand."""


class _Governed(NamedTuple):
    """Whether an account is governed here, in [begin, end)."""

    begin: datetime
    end: datetime
    is_governed: bool


class OrganizationsOver:
    """Of one action (lower case) and resource, over the facts that were read of one history."""

    def __init__(self, facts: ReadFacts, action: str, resource: str) -> None:
        self._facts = facts
        self._guardrails = GuardrailsOver(action, resource)
        self._governed: dict[str, _Governed] = {}
        """Of each account, what was found of it last: most are the same all the time."""
        self._last: dict[EntityKey, tuple[Facts, frozenset[str], Said | None]] = {}
        """Of each organisation, what was found of it last."""

    def are_beside(self, key: EntityKey, course: Course, instant: datetime, accounts: frozenset[str]) -> bool:
        """Whether none of its guardrails reaches any of the accounts before an instant and from it on, and they stand
        where they stood: whatever else changed then has no say, and is named in no decision."""
        reached = [self._reached(key, accounts, at) for at in (instant - TICK, instant)]
        if reached[0] != reached[1]:
            return False
        before, after = (course.facts_at(at) or {} for at in (instant - TICK, instant))
        was = self._beside(key, before, reached[0])
        return was is not None and was == self._beside(key, after, reached[0])

    def say_the_same(self, key: EntityKey, course: Course, instant: datetime, accounts: frozenset[str]) -> bool:
        """Whether its guardrails say the same to every caller of the accounts before an instant and from it on; which
        of them say it may be different."""
        was, now = (self._guardrails.of(key, course.facts_at(at) or {}, accounts) for at in (instant - TICK, instant))
        return was is not None and was == now

    def _reached(self, organization: EntityKey, accounts: frozenset[str], at: datetime) -> frozenset[str]:
        """The accounts of which an organisation may say something: as `place_of` has it."""
        if self._is_governed(organization[0], at):
            return accounts
        return frozenset([each for each in accounts if not self._is_governed(each, at)])

    def _beside(self, key: EntityKey, facts: Facts, accounts: frozenset[str]) -> Said | None:
        """As the function of this name. Most changes of an organisation leave its tree as it was."""
        last = self._last.get(key)
        if last is None or last[1] != accounts or any(last[0].get(each) is not facts.get(each) for each in _PLACING):
            last = self._last[key] = facts, accounts, _beside(key, facts, accounts)
        return last[2]

    def _is_governed(self, account: str, at: datetime) -> bool:
        found = self._governed.get(account)
        if found is None or not found.begin <= at < found.end:
            course = self._facts.course((account, "account", account))
            mode = (course.facts_at(at) or {}).get(a.MODE)
            is_governed = mode is not None and mode[""].value.get("mode") == "governed"
            found = self._governed[account] = _Governed(at, course.next_of_all(at), is_governed)
        return found.is_governed


def _beside(key: EntityKey, facts: Facts, accounts: frozenset[str]) -> Said | None:
    """Where accounts stand in an organisation of which no guardrail reaches any of them: because they are not in it,
    or are its management account. None where some may."""
    organization = Entity(*key)
    organization.facts = facts
    found: list[object] = []
    for account in sorted(accounts):
        place = place_in(organization, account)
        if place is not None and not place.is_management:
            return None
        found.append(None if place is None else (place.organization_id, place.nodes))
    return tuple(found)
