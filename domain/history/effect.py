"""What one event did: the facts that it began and ended, and whose access that changed, to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.fact_changes import FactChange, changes_at
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts
from erstwhile.domain.questions.outsiders import named_outsiders, others_of

MOST_OUTSIDERS = 100
"""Outsiders of one event whose access is compared; the others are told as unclear."""
_WITH_PRINCIPALS = ("resource", "role")
"""Kinds of entities whose policies name principals."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """`difference`: the effective permissions just before the event against those from it on, as if everything else of
    its instant had come before it; with those of outsiders whom the policies name that it changed (`role/*` stands for
    the roles of an account). None for an event that changed no fact, or only showed what was there before all
    records."""

    position: int
    changes: tuple[FactChange, ...]
    difference: Diff | None


def effect_of(
    history: FactHistory,
    position: int,
    *,
    principal: str | None = None,
    account: str | None = None,
    resource: str | None = None,
    few: int | None = None,
) -> Effect:
    """The effect of the event at a position; on a principal, those of an account, or all; on one resource, or on all.

    A fact that the event began and another ended within the same instant held at none, and is left out. Raises
    MalformedArn, UnknownPrincipal, TooManyParts, TooMuch and, with `few`, ManyConcerned as `diff` does."""
    around = AroundEvent(history, position)
    changes = tuple(_changes(history, position))
    difference = None
    if around.at is not None:
        difference = difference_at(
            around, around.at, (change.key for change in changes), principal=principal, account=account,
            resource=resource, few=few,
        )  # fmt: skip
    return Effect(position=position, changes=changes, difference=difference)


def difference_at(
    history: FactHistory,
    at: datetime,
    changed: Iterable[EntityKey],
    *,
    principal: str | None = None,
    account: str | None = None,
    resource: str | None = None,
    few: int | None = None,
) -> Diff:
    """The effective permissions just before an instant against those from it on; with those of outsiders whom the
    policies of entities that changed name. Raises MalformedArn, UnknownPrincipal, TooManyParts, TooMuch and, with
    `few`, ManyConcerned."""
    found = diff(history, at - TICK, at, principal=principal, account=account, resource=resource, few=few)
    if principal is not None:
        return found
    keys = dict.fromkeys(key for key in changed if key[1] in _WITH_PRINCIPALS)
    names = [name for name, of in _outsiders(history, at, list(keys)).items() if account in (None, of)]
    return _with_outsiders(history, at, found, names, resource)


def _changes(history: FactHistory, position: int) -> Iterator[FactChange]:
    """The facts that an event began, changed or ended."""
    rows: dict[EntityKey, list[Interval]] = {}
    for each in history.of_event(position):
        rows.setdefault(each[:3], []).append(each)
    for key, own in rows.items():
        principals = frozenset((key,)) if key[1] in ("user", "role") else frozenset[EntityKey]()
        began = {each.valid_from for each in own if each.opened_by == position}
        ended = {each.valid_to for each in own if each.closed_by == position}
        for instant in sorted(began | ended):
            yield from (change for change in changes_at(own, instant, principals) if change.position == position)


def _outsiders(history: FactHistory, at: datetime, keys: list[EntityKey]) -> dict[str, str]:
    """Whom the policies of entities name just before an instant or from it on, and who is no user, role or root of a
    known account; with the account."""
    found: dict[str, str] = {}
    for instant in (at - TICK, at):
        directory = directory_at(history, instant)
        for key in keys:
            entity = directory.get(*key)
            if entity is None:
                continue
            policy = Layer("resource", resource_sources(entity))
            partition = partition_of(directory.arn_of(entity))
            for name, caller in named_outsiders(directory, [policy], None, partition, ()).callers.items():
                # The root of an account may not assume roles: its roles stand for it too.
                found |= dict.fromkeys((name, *others_of(caller)), caller.account)
    return found


def _with_outsiders(history: FactHistory, at: datetime, found: Diff, names: list[str], resource: str | None) -> Diff:
    differences, unclear = list(found.differences), [*found.unclear, *names[MOST_OUTSIDERS:]]
    for name in names[:MOST_OUTSIDERS]:
        try:
            differences += diff(history, at - TICK, at, principal=name, resource=resource).differences
        except TooManyParts:
            unclear.append(name)
    return msgspec.structs.replace(found, differences=tuple(differences), unclear=tuple(unclear))
