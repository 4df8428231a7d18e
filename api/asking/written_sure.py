"""The lines of those that who-can allows for certain, from columns.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import numpy as np

from erstwhile.api.asking.own_statements import Ints, OwnStatements, Ranked, Templates
from erstwhile.api.asking.written_lines import END, Lines, Opening
from erstwhile.domain.directory.held import OWN
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.questions.surely_allowed import SurelyAllowed

_LAST = 9
"""The rank of a boundary's statements."""


def sure_lines(found: SurelyAllowed, order: Ints, templates: Templates) -> Lines:
    """In an order, which has the places of all of them."""
    numbers = found.numbers[order]
    places = found.held.place[numbers]
    used = np.flatnonzero(np.bincount(places))
    opening = np.searchsorted(used, places)
    text = templates.statements.text
    allowing = [tuple([text(each, "") for each in found.frames[each].allowing]) for each in used.tolist()]
    openings = [Opening(b',"effect":"allow","determining":[', each) for each in allowing]
    closings = np.full(len(numbers), b'],"why":[]' + END, dtype=object)
    return Lines(found.who.heads[order], opening, openings, _own(found, numbers, templates), closings)


def _own(found: SurelyAllowed, numbers: Ints, templates: Templates) -> OwnStatements:
    own, callers, held = OwnStatements(templates.statements, found.held.through), found.callers, found.held
    begins, ends = held.begins[numbers], held.begins[numbers + 1]
    pairs = ranges(begins, ends)
    line = np.repeat(np.arange(len(numbers)), ends - begins)
    allows = np.array([bool(each.allowing) for each in found.says], dtype=bool)[callers.variant_of[pairs]]
    pairs, line = pairs[allows], line[allows]

    def tell(place: int) -> list[Ranked]:
        pair = int(pairs[place])
        allowing = callers.told.allowing(pair, found.says[callers.variants[pair]])
        is_of_event = callers.told.is_of_event(pair)
        return [(rank, templates.of(each, is_of_event)) for rank, each in allowing]

    own.add(line, callers.variant_of[pairs], held.way[pairs], held.granted_by[pairs], tell)
    line = np.flatnonzero(held.boundary[numbers] >= 0)
    bounded = numbers[line]

    def tell_boundary(place: int) -> list[Ranked]:
        return [(_LAST, templates.of(each, False)) for each in callers.told.of_boundary(int(bounded[place]))]

    own.add(line, held.boundary[bounded], np.full_like(line, OWN), held.bounded_by[bounded], tell_boundary)
    return own
