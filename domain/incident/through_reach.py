"""Which other principals a principal could have become, step by step, in the intervals of a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.incident.could import Reached
from erstwhile.domain.incident.report_of_access import ReachStep, ThroughReach, ThroughReachLine
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.identifiers import MalformedArn

STEPS = 3
MOST_PATHS = 200
"""Of one principal in one interval."""
MOST_INTERVALS = 2
"""Intervals of one principal that are looked at; of more, the first ones."""


def through_reach(history: FactHistory, periods: Sequence[Reached]) -> ThroughReach:
    """Each principal that another could become, by a shortest path, with the first interval in which it could; beside
    that, what is not in the list."""
    lines: dict[tuple[str, str], ThroughReachLine] = {}
    notes = [f"paths of more than {STEPS} steps are not looked for: erstwhile reach --steps looks further"]
    there = [each for each in periods if each.exists and each.principal and not each.is_root]
    for period in there[:MOST_INTERVALS]:
        if period.is_everything:
            notes.append(f"{period.principal} could do everything for a time: all of its account was its own then")
            continue
        for line in _of(history, period, notes):
            lines.setdefault((line.principal, line.target), line)
    if len(there) > MOST_INTERVALS:
        notes.append(f"only the first {MOST_INTERVALS} intervals were looked at: erstwhile reach tells of any instant")
    return ThroughReach(lines=tuple(lines.values()), notes=tuple(dict.fromkeys(notes)))


def _of(history: FactHistory, period: Reached, notes: list[str]) -> Iterator[ThroughReachLine]:
    ways = Ways(directory_at(history, period.since))
    try:
        found = reachable(ways, period.principal, STEPS, MOST_PATHS)
    except (UnknownPrincipal, MalformedArn) as error:
        notes.append(str(error))
        return
    if found.is_cut:
        notes.append(f"{period.principal} could become more than the {MOST_PATHS} principals that are listed")
    for path in found.paths:
        yield _line(period, path, ways.is_administrator(path.target))


def _line(period: Reached, path: Path, is_administrator: bool) -> ThroughReachLine:
    return ThroughReachLine(
        principal=period.principal, target=path.target.text, is_administrator=is_administrator, how=path.how,
        since=period.since, until=period.until,
        steps=tuple(
            ReachStep(source=each.source.text, target=each.target.text, family=each.family, how=each.how)
            for each in path.edges
        ),
        conditions=tuple(dict.fromkeys(term for each in path.edges for term in each.terms)), sure="inferred",
    )  # fmt: skip
