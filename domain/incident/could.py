"""What principals could do in a window by their own policies within their limits, interval by interval; and what of
that they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.moments import moments
from erstwhile.domain.incident.calls import CallGroup
from erstwhile.domain.incident.persistence import ReadDeeds
from erstwhile.domain.incident.report_of_access import (
    CouldDid,
    CouldPeriod,
    CouldPrincipal,
    SensitiveAction,
    ServiceLevel,
)
from erstwhile.domain.incident.sensitive import RANK, SENSITIVE
from erstwhile.domain.incident.within_limits import whole_actions
from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.guardrails import place_of
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.policy.inputs.sources import unknowns
from erstwhile.domain.policy.knowledge.service_reference import access_level, actions_of
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.what_can_by_action import allowed_at_all

MOST_PERIODS = 24
"""Intervals of one principal that are looked at; of more, the first ones."""
LEVELS = ("Permissions management", "Write", "Read", "List", "Tagging", "")
_WITHOUT_A_SAY = frozenset(("credential", "knowledge"))
"""Layers of changes that change nothing of what one may."""


class Reached(msgspec.Struct, frozen=True):
    """What one principal could do in one interval: action → on which resources."""

    principal: str
    since: datetime
    until: datetime
    actions: Mapping[str, tuple[str, ...]]
    is_root: bool = False
    exists: bool = True
    is_everything: bool = False
    """Every action on every resource, and nothing limits it: `actions` is empty then."""
    is_administrator: bool = False
    """Every action on every resource, within limits: `actions` has what these leave."""
    notes: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()


def reached(history: FactHistory, asked: str | EntityKey, begin: datetime, end: datetime) -> Iterator[Reached]:
    """The intervals of a window in which nothing changed that concerns a principal, and what it could do in each."""
    steps = [
        (step.at, tuple(sorted({each.position for each in step.changes if each.position})))
        for step in moments(history, asked, begin, end)
        if any(each.layer not in _WITHOUT_A_SAY for each in step.changes)
    ]
    bounds = [(begin, ()), *(step for step in steps if step[0] > begin)]
    last: Reached | None = None
    for place, (since, positions) in enumerate(bounds[:MOST_PERIODS]):
        until = bounds[place + 1][0] if place + 1 < len(bounds) else end
        found = _at(history, asked, since, until, positions)
        if last is not None and _is_same(last, found):
            last = msgspec.structs.replace(last, until=until)
            continue
        if last is not None:
            yield last
        last = found
    if last is not None:
        yield last


def _is_same(last: Reached, found: Reached) -> bool:
    return all(
        getattr(last, name) == getattr(found, name)
        for name in ("actions", "exists", "is_root", "is_everything", "is_administrator", "notes")
    )


def _at(
    history: FactHistory, asked: str | EntityKey, since: datetime, until: datetime, positions: tuple[int, ...]
) -> Reached:
    directory = directory_at(history, since)
    principal = _name_at(directory, asked)
    if principal is None:
        return Reached("", since, until, {}, exists=False, positions=positions)
    entity = find_principal(directory, principal) if isinstance(asked, str) else directory.get(*asked)
    caller = parse_caller(principal)
    if caller.kind == "root":
        return Reached(principal, since, until, {}, is_root=True, positions=positions)
    notes = tuple(dict.fromkeys(unknowns(directory, entity))) if entity is not None else ()
    if _is_everything(directory, principal, caller.account):
        return Reached(principal, since, until, {}, is_everything=True, notes=notes, positions=positions)
    try:
        whole = whole_actions(engine_of(directory).side(principal))
        found: dict[str, tuple[str, ...]] = dict.fromkeys(whole, ("*",))
        found |= allowed_at_all(directory, principal, whole)
    except (UnknownPrincipal, TooMuch) as error:
        return Reached(principal, since, until, {}, notes=(*notes, str(error)), positions=positions)
    return Reached(
        principal, since, until, found, is_administrator=bool(whole), notes=notes, positions=positions
    )  # fmt: skip


def _is_everything(directory: Directory, principal: str, account: str) -> bool:
    """Whether a policy allows it every action on every resource, with no deny, boundary or guardrail beside it. It
    saves looking at twenty thousand actions."""
    try:
        found = what_can(directory, principal)
    except UnknownPrincipal:
        return False
    if found.boundary or any(each.effect == "Deny" for each in found.permissions):
        return False
    if place_of(directory, account) is not None:
        return False
    return any("*" in each.actions and "*" in each.resources and not each.conditions for each in found.permissions)


def _name_at(directory: Directory, asked: str | EntityKey) -> str | None:
    if isinstance(asked, str):
        return asked
    entity = directory.get(*asked)
    return directory.arn_of(entity) if entity is not None and entity.exists else None


def could(periods: Sequence[Reached], principal: str, unique_id: str, read: ReadDeeds) -> CouldPrincipal:
    """These intervals, by service and access level, sensitive actions first."""
    deeds = read({position for each in periods for position in each.positions})
    return CouldPrincipal(
        principal=principal, unique_id=unique_id,
        periods=tuple(
            CouldPeriod(
                since=each.since, until=each.until, exists=each.exists, is_root=each.is_root,
                is_everything=each.is_everything,
                changed_by=tuple(deeds[position].act for position in each.positions if position in deeds),
                sensitive=tuple(_sensitive(each)), services=tuple(_services(each.actions)), notes=each.notes,
                sure="unknown" if each.notes else "inferred",
            )
            for each in periods
        ),
    )  # fmt: skip


def _sensitive(period: Reached) -> Iterator[SensitiveAction]:
    if period.is_everything:
        for action, why in SENSITIVE.items():
            yield SensitiveAction(action=action, why=why, resources=("*",))
        return
    found = [(RANK[action.lower()], action, resources) for action, resources in period.actions.items()
             if action.lower() in RANK]  # fmt: skip
    for _, action, resources in sorted(found):
        yield SensitiveAction(action=action, why=SENSITIVE.get(action, ""), resources=resources)


def _services(actions: Iterable[str]) -> list[ServiceLevel]:
    counts: dict[tuple[str, str], int] = {}
    for action in actions:
        place = (action.partition(":")[0], access_level(action))
        counts[place] = counts.get(place, 0) + 1
    return [
        ServiceLevel(service=service, level=level, actions=number, of=_all_of(service).get(level, number))
        for (service, level), number in sorted(counts.items(), key=lambda each: _place(each[0]))
    ]


@cache
def _all_of(service: str) -> dict[str, int]:
    """Level → how many actions of it a service has."""
    counts: dict[str, int] = {}
    for name in actions_of(service):
        level = access_level(f"{service}:{name}")
        counts[level] = counts.get(level, 0) + 1
    return counts


def _place(key: tuple[str, str]) -> tuple[str, int]:
    return key[0], LEVELS.index(key[1])


def against(principal: str, periods: Sequence[Reached], groups: Iterable[CallGroup]) -> list[CouldDid]:
    """What one principal could do at any time of the window, beside those of these calls that succeeded. Calls are
    mapped to actions by name. No lines for the account's root, which could do all."""
    if any(period.is_root for period in periods):
        return []
    called = {
        action.lower(): action for group in groups if not group.error_code for action in (action_of_call(group.action),)
    }
    able = {action.lower(): action for period in periods for action in period.actions}
    if any(period.is_everything or period.is_administrator for period in periods):
        # All actions of the services that it used, or that have sensitive ones: all others would say nothing.
        services = {action.partition(":")[0] for action in (*called.values(), *SENSITIVE)}
        able = {name: action for name, action in able.items() if action.partition(":")[0] in services}
    if any(period.is_everything for period in periods):
        able |= {
            f"{service}:{name}".lower(): f"{service}:{name}" for service in services for name in actions_of(service)
        }
    places: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for source, number in ((able, 0), (called, 1)):
        for name, action in source.items():
            place = (action.partition(":")[0], access_level(action))
            places.setdefault(place, (set(), set()))[number].add(name)
    return [
        CouldDid(
            principal=principal, service=service, level=level, could=len(could), did=len(done & could),
            unused=tuple(able[name] for name in sorted(could - done, key=_rank) if name in RANK),
            beyond=tuple(sorted(called[name] for name in done - could)), sure="inferred",
        )
        for (service, level), (could, done) in sorted(places.items(), key=lambda each: _place(each[0]))
    ]  # fmt: skip


def _rank(name: str) -> int:
    return RANK.get(name, len(RANK))
