"""A conditional decision, put together from what each policy comes to: many have the same policies in other
combinations, and what each says has to be found once.

That it equals the evaluation of the caller is a property test (`tests/projections/columns/test_who_can_together.py`).
Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import NamedTuple

from erstwhile.domain.policy.inputs.request import Decision, Determining, Residual
from erstwhile.domain.policy.language.bearing_statement import BearingStatement
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or
from erstwhile.domain.questions.common_frame import Frame
from erstwhile.domain.questions.policy_says import Bearing, Outcome

Told = tuple[int, Determining]
"""A statement, and by which of its policies a principal has it."""


class HeldOutcome(NamedTuple):
    """What a policy comes to, and how a principal has it."""

    policy: str
    place: int
    """By which of its policies the principal has it, in the words of `DecidedClass.places`."""
    outcome: Outcome
    tell: Callable[[BearingStatement, bool], Determining]
    """A statement as an answer names it, and whether it is undecided."""


class LayerFound:
    """What the policies of a layer come to, together: as `Layer.verdict` does it."""

    def __init__(self, held: Iterable[HeldOutcome], why: Iterable[str]) -> None:
        """`why`: what is said of policies of the layer that nobody has seen."""
        found: list[tuple[int, Bearing, HeldOutcome]] = [
            (bearing.statement.rank, bearing, each) for each in held for bearing in each.outcome.bearing
        ]
        found.sort(key=itemgetter(0))
        self.allows = kleene_or([bearing.applies for _, bearing, _ in found if bearing.statement.allows])
        self.denies = kleene_or([bearing.applies for _, bearing, _ in found if not bearing.statement.allows])
        self.allowing: list[Told] = []
        self.would_allow: list[Told] = []
        self.residual: list[Residual] = []
        for _, bearing, each in found:
            said = bearing.statement
            if bearing.applies:
                if said.allows:
                    self.allowing.append((each.place, each.tell(said, False)))
                continue
            if said.allows and self.allows is None:
                self.would_allow.append((each.place, each.tell(said, True)))
            effect = "Allow" if said.allows else "Deny"
            self.residual += [
                Residual(
                    effect=effect, policy=each.policy, statement=said.number, operator=operator, key=key, values=values
                )
                for operator, key, values in bearing.missing
            ]
        self.why = tuple(why)
        if self.why:
            self.denies, self.allows = kleene_or((self.denies, None)), kleene_or((self.allows, None))


def composed(
    frame: Frame,
    identity: LayerFound,
    boundary: LayerFound | None,
    missed: Iterable[frozenset[str]],
    not_own: int,
) -> tuple[Decision, tuple[int, ...]] | None:
    """The decision of one whose account has a usual frame, if it is conditional, with the places of its statements;
    else None. `missed`: the keys that its policies missed; `not_own`: the place of a statement that the principal does
    not have."""
    layers = [identity] if boundary is None else [identity, boundary]
    allows: Kleene = kleene_and([each.allows for each in layers])
    denies: Kleene = kleene_or([each.denies for each in layers])
    if denies or allows is False or (allows and denies is False):
        return None
    told = [
        *((not_own, each) for each in frame.allowing), *(each for layer in layers for each in layer.allowing),
        *((not_own, each) for each in frame.would_allow), *(each for layer in layers for each in layer.would_allow),
    ]  # fmt: skip
    missing = frame.missing.union(*missed)
    if allows is None and frame.target.owner is None and not frame.target.is_common:
        missing |= {"aws:ResourceAccount"}
    decision = Decision(
        effect="conditional",
        determining=tuple([each for _, each in told]),
        missing_context=tuple(sorted(missing)),
        residual=(*frame.residual, *(each for layer in layers for each in layer.residual)),
        unknown=tuple(dict.fromkeys([why for layer in layers for why in layer.why])),
    )
    return decision, tuple([place for place, _ in told])
