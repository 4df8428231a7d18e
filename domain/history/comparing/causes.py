"""The events behind a difference: those by which the facts on its path began or ended between two instants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.sources import (
    SHOWN,
    Source,
    boundary_source,
    find_policy,
    groups_of,
    identity_sources,
)

BEARING = frozenset(
    (
        a.ENTITY, a.TAG, a.COVERAGE, a.VANISHED, a.ATTACHED, a.INLINE, a.BOUNDARY, a.MEMBER_OF, a.TRUST, a.VERSION,
        a.DEFAULT, a.GAP, a.REGISTERED, a.POLICY, a.STATEMENT, a.GRANT, a.MODE, a.ORGANIZATION, a.NODE, a.GUARDRAIL,
        a.TARGET, a.POLICY_TYPE,
    )
)  # fmt: skip
"""The attributes on which a decision may rest."""

Place = tuple[EntityKey, str, str | None]
"""An entity, one of its attributes, and an item of it; None for all items."""


class Changes:
    """The facts that held at one of two instants alone."""

    def __init__(self, history: FactHistory, before: datetime, after: datetime) -> None:
        self._history = history
        self._before = before
        self._after = after
        self._of: dict[EntityKey, list[tuple[Interval, int | None]]] = {}

    def of(self, key: EntityKey) -> list[tuple[Interval, int | None]]:
        """Those of an entity, each with the position of the event by which it began or ended between the instants."""
        found = self._of.get(key)
        if found is None:
            found = self._of[key] = []
            earlier = min(self._before, self._after)
            for each in self._history.intervals_of(key):
                if each.attribute in BEARING:
                    was, is_there = (
                        each.valid_from <= instant < each.valid_to for instant in (self._before, self._after)
                    )
                    if was != is_there:
                        found.append((each, each.closed_by if each.valid_from <= earlier else each.opened_by))
        return found

    def events(self, places: Iterable[Place]) -> set[int]:
        """The positions of the events that changed these places."""
        return {
            position
            for key, attribute, item in places
            for each, position in self.of(key)
            if position is not None and each.attribute == attribute and item in (None, each.item)
        }

    def all_events(self, keys: Iterable[EntityKey]) -> set[int]:
        return {position for key in keys for _, position in self.of(key) if position is not None}


def places_of(
    directory: Directory, organizations: Iterable[Entity], principal: Entity | None, layer: str, source: Source
) -> list[Place]:
    """Where the facts stand by which a policy bears on a principal at an instant. `layer`: its name."""
    if layer in ("scp", "rcp"):
        return [
            (each.key, attribute, item)
            for each in organizations
            for attribute, item in (
                (a.TARGET, f"{source.policy}@{source.path[0]}"), (a.GUARDRAIL, source.policy), (a.NODE, None),
                (a.POLICY_TYPE, None),
            )
        ]  # fmt: skip
    if principal is None:
        return []
    if layer == "permissions_boundary":
        return [(principal.key, a.BOUNDARY, ""), *_policy_places(directory, principal.account, source)]
    holders: list[tuple[Entity, list[Place]]] = [(principal, [])]
    if len(source.path) > 1 and source.path[-2].startswith("group/"):
        holders = [
            (group, [(principal.key, a.MEMBER_OF, unique_id)])
            for unique_id, group in groups_of(directory, principal)
            if group is not None and f"group/{group.name}" == source.path[-2]
        ]
    found: list[Place] = []
    for holder, path in holders:
        found += path
        if source.policy.startswith("inline:"):
            found.append((holder.key, a.INLINE, source.policy.removeprefix("inline:")))
        else:
            found.append((holder.key, a.ATTACHED, source.policy))
            found += _policy_places(directory, holder.account, source)
    return found


def places_of_policies(directory: Directory, principal: Entity) -> list[Place]:
    """Where the facts stand of all policies that a principal has at an instant: also of those of which it is not known
    what they say."""
    found: list[Place] = []
    for source in identity_sources(directory, principal):
        found += places_of(directory, (), principal, "identity", source)
    boundary = boundary_source(directory, principal)
    if boundary is not None:
        found += places_of(directory, (), principal, "permissions_boundary", boundary)
    return found


def _policy_places(directory: Directory, account: str, source: Source) -> list[Place]:
    policies = (find_policy(directory, source.policy), directory.named(account, SHOWN, source.policy))
    return [
        (each.key, attribute, item)
        for each in policies
        if each is not None
        for attribute, item in ((a.ENTITY, ""), (a.DEFAULT, ""), (a.VERSION, source.version), (a.GAP, None))
    ]
