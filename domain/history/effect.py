"""What one event did: the facts that it began and ended, and whose access that changed, to what."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.fact_changes import FactChange, changes_at
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK


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
    principal: str | EntityKey | None = None,
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
        difference = diff(
            around, around.at - TICK, around.at, principal=principal, account=account, resource=resource, few=few
        )
    return Effect(position=position, changes=changes, difference=difference)


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
