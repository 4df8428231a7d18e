"""The lines of those that who-can allows for certain, as JSON from columns.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import numpy as np

from erstwhile.api.asking.written_lines import (
    FIXED,
    MARK,
    Events,
    Ints,
    Lines,
    Statements,
    Template,
    lines,
    of_event,
    template,
    written_statement,
)
from erstwhile.domain.directory.named import texts
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.surely_allowed import SurelyAllowed

_LAST = 9
"""The rank of a boundary's statements."""


def sure_lines(found: SurelyAllowed, order: Ints, events: Events) -> Lines:
    """In an order, which has the places of all of them."""
    numbers = found.numbers[order]
    frames = [b"".join([written_statement(each, events) + b"," for each in frame.allowing]) for frame in found.frames]
    opening = texts([b',"effect":"allow","determining":[' + each for each in frames])[found.held.place[numbers]]
    closing = np.full(len(numbers), b'],"why":[]},', dtype=object)
    statements = _Statements(found, numbers, events)
    heads, paths = found.who.heads[order], found.held.paths(found.numbers)[order]
    return lines(heads, paths, opening, closing, statements.all(), statements.templates, events)


class _Statements:
    """What the statements of some principals are made of."""

    def __init__(self, found: SurelyAllowed, numbers: Ints, events: Events) -> None:
        self._found, self._numbers, self._events = found, numbers, events
        self.templates: list[Template] = []
        self._ranks: list[int] = []
        self._bare: dict[int, tuple[int, list[tuple[int, Template]]]] = {}
        """Of each variant that one event gave and put in force, such an event, and its templates without events."""

    def all(self) -> Statements:
        own, bounding = self._own(), self._boundaries()
        line, which, granted_by = (np.concatenate(columns) for columns in zip(own, bounding, strict=True))
        # An answer names the statements of all policies by rank.
        ranks = np.array(self._ranks, dtype=np.int64)[which]
        order = np.argsort(line * (_LAST + 1) + ranks, kind="stable")
        return Statements(line[order], which[order], granted_by[order])

    def _own(self) -> Statements:
        found, callers, held = self._found, self._found.callers, self._found.held
        begins, ends = held.begins[self._numbers], held.begins[self._numbers + 1]
        pairs = ranges(begins, ends)
        owners = np.repeat(np.arange(len(self._numbers)), ends - begins)
        allows = np.array([bool(each.allowing) for each in found.says], dtype=bool)[callers.variant_of[pairs]]
        pairs, owners = pairs[allows], owners[allows]
        granted_by = held.granted_by[pairs]
        is_fixed = np.array(callers.gives_words(), dtype=bool)[held.policy[pairs]]
        keys = callers.variant_of[pairs] * (int(granted_by.max(initial=0)) + 1) + np.where(is_fixed, granted_by, 0)
        _, first, places = np.unique(keys, return_index=True, return_inverse=True)
        begins_of = [
            self._add_of_event(pair)
            if fixed
            else self._add(callers.allowing(pair, MARK, found.says[callers.variants[pair]]), False)
            for pair, fixed in zip(pairs[first].tolist(), is_fixed[first].tolist(), strict=True)
        ]
        return self._of(owners, places, begins_of, np.where(is_fixed, FIXED, granted_by))

    def _boundaries(self) -> Statements:
        held = self._found.held
        owners = np.flatnonzero(held.boundary[self._numbers] >= 0)
        those = self._numbers[owners]
        keys = held.boundary[those] * (int(held.bounded_by.max(initial=0)) + 1) + held.bounded_by[those]
        _, first, places = np.unique(keys, return_index=True, return_inverse=True)
        begins_of = [
            self._add([(_LAST, each) for each in self._found.callers.of_boundary(number, MARK)], True)
            for number in those[first].tolist()
        ]
        return self._of(owners, places, begins_of, np.full(len(owners), FIXED, dtype=np.int64))

    def _add(self, statements: list[tuple[int, Determining]], is_fixed: bool) -> tuple[int, int]:
        """The first of their templates, and the one after the last."""
        begin = len(self.templates)
        self.templates += [template(each, self._events, is_fixed) for _, each in statements]
        self._ranks += [rank for rank, _ in statements]
        return begin, len(self.templates)

    def _add_of_event(self, pair: int) -> tuple[int, int]:
        """The same, of a policy that the event that gave it put in force: each who has it has another such event."""
        found, callers = self._found, self._found.callers
        variant, position = callers.variants[pair], int(found.held.granted_by[pair])
        known = self._bare.get(variant)
        if known is None:
            statements = callers.allowing(pair, MARK, found.says[variant])
            bare = [(rank, template(each, {}, True)) for rank, each in statements]
            known = self._bare[variant] = position, bare
        begin = len(self.templates)
        self.templates += [of_event(each, known[0], position, self._events) for _, each in known[1]]
        self._ranks += [rank for rank, _ in known[1]]
        return begin, len(self.templates)

    def _of(self, owners: Ints, places: Ints, templates: list[tuple[int, int]], granted_by: Ints) -> Statements:
        """`places`: which of the ranges of templates each owner has."""
        begins, ends = np.array(templates, dtype=np.int64).reshape(-1, 2)[places].T
        counts = ends - begins
        return Statements(np.repeat(owners, counts), ranges(begins, ends), np.repeat(granted_by, counts))
