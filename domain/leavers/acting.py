"""When a principal may do anything at all, by its own policies within their limits: from change to change of what
concerns it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.clock_instants import clock_instants
from erstwhile.domain.history.fact_changes import CLOCK, FactChange
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.moments import moments
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.sources import boundary_source, identity_sources, unknowns
from erstwhile.domain.policy.knowledge.service_reference import actions_of
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.questions.what_can import Permission, what_can
from erstwhile.domain.reach.administrators import PROBES
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import Questions

May = Literal["yes", "conditional", "unknown", "no"]
"""`conditional`: under a condition that no record settles; `unknown`: its policies are not all known."""
_CLOCK = (FactChange(layer=CLOCK, position=0),)
_SAMPLES = 12
"""Actions that are asked about for each pattern of a statement."""
_RANK: dict[May, int] = {"no": 0, "unknown": 1, "conditional": 2, "yes": 3}


class Acting(NamedTuple):
    """An interval [begin, end) in which a principal may do something, and what ended it."""

    begin: datetime
    end: datetime
    may: May
    ended_by: tuple[FactChange, ...]


def acting(
    history: FactHistory, key: EntityKey, begin: datetime, end: datetime, issued: datetime | None = None
) -> list[Acting]:
    """The intervals of [begin, end) in which a user or role, or its session that was issued at an instant, may do
    something. Raises ValueError for a window that ends before it begins."""
    steps = {step.at: step.changes for step in moments(history, key, begin, end)}
    bounds = [begin, *(at for at in sorted(steps) if begin < at < end), end]
    given = () if issued is None else (("aws:tokenissuetime", issued.isoformat().replace("+00:00", "Z")),)
    found: list[Acting] = []
    for since, until in pairwise(_with_clock(history, key, bounds)):
        may = may_act(directory_at(history, since), key, given)
        changes = steps.get(until, _CLOCK) if until < end else ()
        if found and found[-1].may == may and found[-1].end == since:
            found[-1] = Acting(found[-1].begin, until, may, changes)
        else:
            found.append(Acting(since, until, may, changes))
    return [each for each in found if each.may != "no"]


def _with_clock(history: FactHistory, key: EntityKey, bounds: list[datetime]) -> list[datetime]:
    """The bounds, and between them the instants at which a condition of the policies on the clock turns."""
    found: list[datetime] = []
    for since, until in pairwise(bounds):
        directory = directory_at(history, since)
        entity = directory.get(*key)
        found.append(since)
        if entity is None or not entity.exists:
            continue
        limit = boundary_source(directory, entity)
        sources = [*identity_sources(directory, entity), *([limit] if limit is not None else [])]
        turns = (at for source in sources for at in _turns(source.document))
        found += sorted({at for at in turns if since < at < until})
    return [*found, bounds[-1]]


def _turns(document: str | None) -> list[datetime]:
    if not document or "ime" not in document:
        return []
    try:
        return clock_instants(compile_document(document, True).statements)[0]
    except MalformedDocument:
        return []


def may_act(directory: Directory, key: EntityKey, given: Sequence[tuple[str, str]] = ()) -> May:
    """Whether the engine allows a user or role anything that its policies speak of, in one state."""
    entity = directory.get(*key)
    if entity is None or not entity.exists:
        return "no"
    arn = directory.arn_of(entity)
    questions = Questions(directory)
    best: May = "no"
    try:
        for permission in what_can(directory, arn).permissions:
            if permission.effect == "Allow":
                best = max(best, _of_statement(questions, arn, permission, key[0], tuple(given)), key=_RANK.__getitem__)
                if best == "yes":
                    break
    except UnknownPrincipal:
        return "no"
    if best == "no" and unknowns(directory, entity):
        return "unknown"
    return best


def _of_statement(
    questions: Questions, arn: str, permission: Permission, account: str, given: tuple[tuple[str, str], ...]
) -> May:
    best: May = "no"
    for action, resource in _samples(permission, account):
        how = questions.best(Node(arn), Ask((action,), resource, given, account)).how
        may: May = "yes" if how == "allow" else "no" if how == "deny" else how
        best = max(best, may, key=_RANK.__getitem__)
        if best == "yes":
            break
    return best


def _samples(permission: Permission, account: str) -> Iterator[tuple[str, str]]:
    """Actions that stand for a statement's patterns, each on the statement's resources."""
    resources = permission.resources or ("*",)
    for pattern in permission.actions or ("*",):
        service, _, name = pattern.partition(":")
        if "*" in service or pattern == "*":
            for action, at in PROBES:
                on = at.format(partition="aws", account=account)
                yield from ((action, on if resource == "*" else resource) for resource in resources)
            continue
        if "*" not in name and "?" not in name:
            yield from ((pattern, resource) for resource in resources)
            continue
        beginning = name.partition("*")[0].partition("?")[0].lower()
        like = [each for each in actions_of(service.lower()) if each.lower().startswith(beginning)]
        step = max(1, len(like) // _SAMPLES)
        for each in like[::step][:_SAMPLES]:
            yield from ((f"{service}:{each}", resource) for resource in resources)
