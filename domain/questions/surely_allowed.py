"""Users and roles that are allowed it for certain, as columns: an answer of many thousands is written from these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

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

    def positions(self) -> set[int]:
        """The positions of the events that these decisions name."""
        held, policies = self.held, self.callers.policies
        found = {at for frame in self.frames for each in frame.allowing for at in (each.granted_by, each.defined_by)}
        those = np.zeros(len(held.place), dtype=bool)
        those[self.numbers] = True
        allows = np.array([bool(each.allowing) for each in self.says], dtype=bool)
        pairs = np.repeat(those, np.diff(held.begins)) & allows[self.callers.variant_of]
        bounded = those & (held.boundary >= 0)
        found.update(np.unique(held.granted_by[pairs]).tolist(), np.unique(held.bounded_by[bounded]).tolist())
        for policy in (*np.unique(held.policy[pairs]).tolist(), *np.unique(held.boundary[bounded]).tolist()):
            found.add(policies[policy].defined_by)
        found.discard(0)
        return found
