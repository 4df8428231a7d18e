"""Which other principals some principals could have become, step by step, at any time of a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.incident.could import Reached
from erstwhile.domain.incident.report_of_access import ReachStep, ThroughReach, ThroughReachLine
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.known_keys import identify
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.from_some import WaysFrom
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.vocabulary.identifiers import MalformedArn

STEPS = 3
MOST_PATHS = 200
"""Of one principal at one instant."""
MOST_INSTANTS = 48
"""Instants that are looked at; of more, the first ones."""


def through_reach(history: WideHistory, periods: Sequence[Reached]) -> ThroughReach:
    """Each principal that others could become, by a shortest path, with the first time at which it could; beside that,
    what is not in the list.

    `periods`: what some principals could do by themselves, interval by interval. It is looked at the beginning of each,
    and whenever a role begins to trust one of them."""
    lines: dict[tuple[str, str], ThroughReachLine] = {}
    notes = [f"paths of more than {STEPS} steps are not looked for: erstwhile reach --steps looks further"]
    trusting = history.once(Trusting)
    asked: dict[datetime, list[Reached]] = {}
    for period in periods:
        if not period.exists or not period.principal or period.is_root:
            continue
        if period.is_everything:
            notes.append(f"{period.principal} could do everything for a time: all of its account was its own then")
            continue
        asked.setdefault(period.since, []).append(period)
        for instant in trusting.begins(_caller(history, period), period.since, period.until):
            asked.setdefault(instant, []).append(period)
    instants = sorted(asked)
    for instant in instants[:MOST_INSTANTS]:
        ways = WaysFrom(directory_at(history, instant), instant, trusting)
        for period in asked[instant]:
            for line in _of(ways, instant, period, notes):
                lines.setdefault((line.principal, line.target), line)
    if len(instants) > MOST_INSTANTS:
        notes.append(f"only the first {MOST_INSTANTS} states were looked at: erstwhile reach tells of any instant")
    return ThroughReach(lines=tuple(lines.values()), notes=tuple(dict.fromkeys(notes)))


def _caller(history: WideHistory, period: Reached) -> Caller:
    """Raises MalformedArn."""
    caller = parse_caller(period.principal)
    try:
        entity = find_principal(directory_at(history, period.since), period.principal)
    except UnknownPrincipal:
        entity = None  # the state of that instant says so
    if entity is not None:
        identify(caller, entity)
    return caller


def _of(ways: WaysFrom, instant: datetime, period: Reached, notes: list[str]) -> Iterator[ThroughReachLine]:
    try:
        found = reachable(ways, period.principal, STEPS, MOST_PATHS)
    except (UnknownPrincipal, MalformedArn) as error:
        notes.append(str(error))
        return
    if found.is_cut:
        notes.append(f"{period.principal} could become more than the {MOST_PATHS} principals that are listed")
    for path in found.paths:
        yield _line(instant, period, path, ways.is_administrator(path.target))


def _line(instant: datetime, period: Reached, path: Path, is_administrator: bool) -> ThroughReachLine:
    return ThroughReachLine(
        principal=period.principal, target=path.target.text, is_administrator=is_administrator, how=path.how,
        since=instant, until=period.until,
        steps=tuple(
            ReachStep(source=each.source.text, target=each.target.text, family=each.family, how=each.how)
            for each in path.edges
        ),
        conditions=tuple(dict.fromkeys(term for each in path.edges for term in each.terms)), sure="inferred",
    )  # fmt: skip
