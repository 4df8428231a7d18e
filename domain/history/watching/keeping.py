"""Keeps the answers of watches up: from those at one log position to those at a later one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple, Protocol

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.watching.affected import Affected, ChangedFact, affected
from erstwhile.domain.history.watching.answers import Answer, answer_of_one, whole_answer
from erstwhile.domain.history.watching.differences import Difference, Gain
from erstwhile.domain.history.watching.masks import Mask, Masks, Questions
from erstwhile.domain.history.watching.resources_asked import ResourcesAsked
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.domain.history.wide_history import WideHistory

Place = tuple[str, str]
"""A watch, by id, and one of its actions."""


class KeptAnswers(Protocol):
    """The answers as they were at the earlier position."""

    def of(self, keys: Iterable[EntityKey]) -> dict[EntityKey, dict[Place, Holder]]:
        """Where some users and roles are in an answer."""

    def answer(self, asked: Asked) -> Answer:
        """All of the answer to a question."""


class Step(NamedTuple):
    """A difference between two positions, and the intervals of which it consists."""

    difference: Difference
    gains: list[Gain]


class Keeping:
    """Of some watches. What was read for one step is kept for the next."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._questions = Questions(list(asked))
        self._resources = ResourcesAsked(self._questions)
        self._numbers = {place_of(each): 1 << at for at, each in enumerate(self._questions.asked)}

    @property
    def asked(self) -> tuple[Asked, ...]:
        return self._questions.asked

    def step(
        self, before: FactHistory, after: WideHistory, changed: Iterable[ChangedFact], kept: KeptAnswers
    ) -> list[Step]:
        """What is different at the position of `after`, where the answers of `before` are kept. Raises MalformedArn."""
        masks = Masks(after, self._questions)

        def held(keys: Iterable[EntityKey]) -> dict[EntityKey, Mask]:
            return {
                key: sum(self._numbers[place] for place in places if place in self._numbers)
                for key, places in kept.of(keys).items()
            }

        found = affected(before, masks, self._resources, changed, held)
        facts = ReadFacts(after)
        earlier_ones = kept.of(found.one_by_one) if found.one_by_one else {}
        steps = []
        for key, mask in found.one_by_one.items():
            places = earlier_ones.get(key, {})
            for asked in self._questions.of(mask):
                now = answer_of_one(after, facts, asked, key)
                steps += _step(found, asked, key, places.get(place_of(asked)), now, after.known_at)
        for asked in self._questions.of(found.whole):
            earlier, answer = kept.answer(asked), whole_answer(after, asked)
            for key in dict.fromkeys((*earlier, *answer)):
                steps += _step(found, asked, key, earlier.get(key), answer.get(key), after.known_at)
        return steps


def place_of(asked: Asked) -> Place:
    return asked.watch.id, asked.action


def _step(
    found: Affected, asked: Asked, key: EntityKey, before: Holder | None, after: Holder | None, position: int
) -> list[Step]:
    if before == after:
        return []
    difference = Difference(asked, before, after)
    touches = chain(found.touches.get(key, ()), found.touches.get(None, ()))
    return [Step(difference, difference.gains(touches, position))]
