"""Which actions on which resources, in few statements. A statement allows each of its actions on each of its resources:
it is a rectangle of that table, and statements may overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

_MOST_RECTANGLES = 2_000
"""Largest rectangles that are looked at. Of a table with more, actions of the same resources make a statement."""

Statement = tuple[list[str], list[str]]
"""(actions, resources)"""


def fewest(kept: Mapping[str, frozenset[str]]) -> list[Statement]:
    """Statements for a table of actions and their resources: for each action the resources that it had, and no others.
    Actions of the same resources together, or resources of the same actions: what needs fewer. Where statements that
    overlap are fewer still, these."""
    by_resources = _alike(kept)
    turned: dict[str, set[str]] = {}
    for action, resources in kept.items():
        for resource in resources:
            turned.setdefault(resource, set()).add(action)
    by_actions = _alike({resource: frozenset(actions) for resource, actions in turned.items()})
    if len(by_actions) < len(by_resources):
        least = [(sorted(actions), resources) for resources, actions in by_actions]
    else:
        least = [(actions, sorted(resources)) for actions, resources in by_resources]
    # One less at the least: two statements are never too many where one does not do.
    if len(least) > 2 and len(overlapping := _overlapping(by_resources)) < len(least):
        least = overlapping
    return sorted(least)


def _alike(kept: Mapping[str, frozenset[str]]) -> list[tuple[list[str], frozenset[str]]]:
    """Those that have the same values, together."""
    found: dict[frozenset[str], list[str]] = {}
    for name in sorted(kept):
        found.setdefault(kept[name], []).append(name)
    return [(names, values) for values, names in found.items() if values]


def _overlapping(rows: list[tuple[list[str], frozenset[str]]]) -> list[Statement]:
    """The largest rectangles, of which each adds the most to those before it, without those that others make needless;
    `rows`: actions of the same resources. None where there are too many rectangles."""
    rectangles = _largest(rows)
    missing = {(place, value) for place, (_, values) in enumerate(rows) for value in values}
    chosen: list[tuple[frozenset[int], frozenset[str]]] = []
    while missing:
        best = max(rectangles, key=lambda each: sum(cell in missing for cell in _cells(each)))
        missing -= _cells(best)
        chosen.append(best)
    for each in list(chosen):
        others = [other for other in chosen if other is not each]
        if _cells(each) <= set(chain.from_iterable(map(_cells, others))):
            chosen = others
    return [(sorted(name for place in places for name in rows[place][0]), sorted(values)) for places, values in chosen]


def _largest(rows: list[tuple[list[str], frozenset[str]]]) -> list[tuple[frozenset[int], frozenset[str]]]:
    """Every rectangle of (places of rows, values) to which no row and no value can be added; where they are too many,
    the rows alone."""
    common: set[frozenset[str]] = set()
    for _, values in rows:
        common |= {values & each for each in common} | {values}
        if len(common) > _MOST_RECTANGLES:
            common = {values for _, values in rows}
            break
    common.discard(frozenset())
    found = []
    for values in sorted(common, key=sorted):
        places = frozenset(place for place, (_, own) in enumerate(rows) if values <= own)
        found.append((places, values))
    return found


def _cells(rectangle: tuple[Iterable[int], frozenset[str]]) -> set[tuple[int, str]]:
    places, values = rectangle
    return {(place, value) for place in places for value in values}
