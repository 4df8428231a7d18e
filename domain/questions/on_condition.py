"""Users and roles that may do it on a condition, as columns: those who have the same policies in the same ways are
decided about once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory.held import OWN, Held, Numbers
from erstwhile.domain.directory.named import Named, Principals
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.questions.caller_of_columns import CallersOfColumns, DecidedClass
from erstwhile.domain.questions.told_statements import NOT_OWN, OF_BOUNDARY


class OwnStatements(NamedTuple):
    """The statements that principals have by policies and boundaries of their own: one principal after the other, in
    the order in which the decision names them."""

    principal: Numbers
    """The place in `numbers`."""
    of_class: Numbers
    """The class of the principal."""
    place: Numbers
    """Which of the statements of the class's decision it is."""
    way: Numbers
    """The way to the policy (`Held.way`)."""
    granted_by: Numbers
    """The position of the event that gave it to the principal."""


class OnCondition(NamedTuple):
    """`numbers`: which of those that `held` has, in order; `who` they are."""

    held: Held
    numbers: Numbers
    who: Principals
    which: Numbers
    """Of each, the class."""
    classes: list[DecidedClass]
    callers: CallersOfColumns

    def decisions(self) -> Iterator[tuple[Named, Decision]]:
        """Each with the decision about it."""
        for place, (number, which) in enumerate(zip(self.numbers.tolist(), self.which.tolist(), strict=True)):
            yield self.who.named(place), self.callers.of_class(number, self.classes[which])

    def own(self) -> OwnStatements:
        """The statements of all of them."""
        held, numbers, which = self.held, self.numbers, self.which
        told = [
            (number, place, where)
            for number, each in enumerate(self.classes)
            for place, where in enumerate(each.places)
            if where != NOT_OWN
        ]
        of_class, place, where = np.array(told, dtype=np.int64).reshape(-1, 3).T
        # Whose classes have how many: one row after the other.
        begins = np.searchsorted(of_class, which, "left")
        counts = np.searchsorted(of_class, which, "right") - begins
        principal = np.repeat(np.arange(len(numbers)), counts)
        rows = np.arange(len(principal)) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
        those, where = numbers[principal], where[rows]
        is_bound = where == OF_BOUNDARY
        pairs = held.begins[those] + np.where(is_bound, 0, where)
        way = np.where(is_bound, OWN, held.way[pairs])
        granted_by = np.where(is_bound, held.bounded_by[those], held.granted_by[pairs])
        return OwnStatements(principal, of_class[rows], place[rows], way, granted_by)
