"""The lines of those that who-can allows for certain, from columns.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import numpy as np

from erstwhile.api.asking.own_statements import Ints, OwnStatements, Ranked, template
from erstwhile.api.asking.statements_once import PRINCIPAL, StatementsOnce
from erstwhile.api.asking.written_lines import END, Lines, Opening
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.questions.surely_allowed import SurelyAllowed

_LAST = 9
"""The rank of a boundary's statements."""


def sure_lines(found: SurelyAllowed, order: Ints, statements: StatementsOnce) -> Lines:
    """In an order, which has the places of all of them."""
    numbers = found.numbers[order]
    places = found.held.place[numbers]
    used = np.flatnonzero(np.bincount(places))
    opening = np.searchsorted(used, places)
    allowing = [tuple([statements.text(each, "") for each in found.frames[each].allowing]) for each in used.tolist()]
    openings = [Opening(b',"effect":"allow","determining":[', each) for each in allowing]
    closings = np.full(len(numbers), b'],"why":[]' + END, dtype=object)
    return Lines(found.who.heads[order], opening, openings, _own(found, numbers, statements), closings)


def _own(found: SurelyAllowed, numbers: Ints, statements: StatementsOnce) -> OwnStatements:
    own, callers, held = OwnStatements(statements), found.callers, found.held
    begins, ends = held.begins[numbers], held.begins[numbers + 1]
    pairs = ranges(begins, ends)
    line = np.repeat(np.arange(len(numbers)), ends - begins)
    allows = np.array([bool(each.allowing) for each in found.says], dtype=bool)[callers.variant_of[pairs]]
    pairs, line = pairs[allows], line[allows]
    gives_words = callers.gives_words()

    def tell(place: int) -> list[Ranked]:
        pair = int(pairs[place])
        allowing = callers.allowing(pair, PRINCIPAL, found.says[callers.variants[pair]])
        is_of_event = gives_words[int(held.policy[pair])]
        return [(rank, template(each, is_of_event, statements)) for rank, each in allowing]

    own.add(line, callers.variant_of[pairs], held.granted_by[pairs], tell)
    line = np.flatnonzero(held.boundary[numbers] >= 0)
    bounded = numbers[line]

    def tell_boundary(place: int) -> list[Ranked]:
        those = callers.of_boundary(int(bounded[place]), PRINCIPAL)
        return [(_LAST, template(each, False, statements)) for each in those]

    own.add(line, held.boundary[bounded], held.bounded_by[bounded], tell_boundary)
    return own
