"""Users and roles that are allowed it for certain, as columns: an answer of many thousands is written from these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from erstwhile.domain.directory.held import Held, Numbers
from erstwhile.domain.directory.named import Named, Principals
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.questions.caller_of_columns import CallersOfColumns
from erstwhile.domain.questions.common_frame import Frame
from erstwhile.domain.questions.policy_says import Says


class SurelyAllowed(NamedTuple):
    """`numbers`: which of those that `held` has, in order; `who` they are."""

    held: Held
    numbers: Numbers
    who: Principals
    frames: list[Frame]
    """By the places of `held`."""
    callers: CallersOfColumns
    says: list[Says]
    """By variants."""

    def frame(self, number: int) -> Frame:
        """What allows it to a principal beside its own policies and boundary."""
        return self.frames[int(self.held.place[number])]

    def decisions(self) -> Iterator[tuple[Named, Decision]]:
        """Each with the decision about it."""
        for place, number in enumerate(self.numbers.tolist()):
            yield self.who.named(place), self.callers.allowed(number, self.frame(number), self.says)
