"""How much of one pattern each of many principals may: what they have in common is computed once, and all of it is
bounded."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts, TooMuch
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.asked_pattern import Ground
from erstwhile.domain.questions.known_resources import Known
from erstwhile.domain.questions.own_patterns import Own, layers_of, own_of
from erstwhile.domain.questions.resource_reach import DECIDED, EFFORT, UNCLEAR, Share, extent_on

WORK = 1_500_000
"""Steps for all principals of one answer."""


class Within:
    """One question about a pattern. Counts what its answer costs, and refuses what costs more than WORK."""

    def __init__(self, directory: Directory, pattern: str, asked: Asked) -> None:
        """Raises TooMuch."""
        self._engine = engine_of(directory)
        self._asked = asked
        self._work = Effort(WORK)
        self._principals = 0
        self.known: list[Entity] = []
        """The known resources inside the pattern."""
        self._pattern = pattern
        self._owns: dict[tuple[Layer, ...], Own] = {}
        try:
            inside = Known(directory).inside(pattern, self._work)
        except TooManyParts:
            raise self._refusal() from None
        self.known = inside.entities
        self._ground = Ground(directory, pattern, asked, inside)

    @property
    def spent(self) -> int:
        """The steps that were made."""
        return self._work.spent

    def require_few(self, principals: int) -> None:
        """Raises TooMuch where one decision about each principal is too much already."""
        self._principals = principals
        if principals * DECIDED > WORK:
            raise self._refusal()

    def extent(self, principal: str) -> Share:
        """How much of it a principal may; unclear, where its own policies take too much. Raises MalformedArn,
        UnknownPrincipal, TooMuch."""
        side, effort = self._engine.side(principal), Effort(EFFORT)
        try:
            self._ground.shared(side.caller.account, self._work)
        except TooManyParts:
            raise self._refusal() from None
        try:
            found = extent_on(self._ground, side, self._own(side, effort), effort)
        except TooManyParts:
            found = UNCLEAR
        try:
            self._work.spend(effort.spent)
        except TooManyParts:
            raise self._refusal() from None
        return found

    def _own(self, side: CallerSide, effort: Effort) -> Own:
        """Users who have all of their policies through the same groups have the same patterns."""
        layers = tuple(layers_of(side))
        found = self._owns.get(layers)
        if found is None:
            found = own_of(side, self._asked, effort)
            if side.path_prefix and not found.varies:
                self._owns[layers] = found
        return found

    def _refusal(self) -> TooMuch:
        many = f"{self._principals:,} principals that may be allowed it" if self._principals else "all principals"
        return TooMuch(
            f"who can {self._asked.action} on {self._pattern}: to tell it of {many} and of {len(self.known):,} known "
            f"resources inside the pattern takes more than is computed for one answer ({WORK:,} steps); ask about one "
            "resource, a narrower pattern, or the principals of one account"
        )
