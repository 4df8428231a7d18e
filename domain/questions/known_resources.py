"""The known resources that a pattern stands for: they have policies and tags of their own."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.policy_carriers import carried_by
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, intersect

SEARCHED = 2
"""Steps that it costs to see whether a resource is inside a pattern."""
MAX_CUTTING = 60
"""Known resources inside a pattern that cut it; more of them are asked one by one, and cut nothing."""


class Inside:
    """The known resources inside one pattern."""

    def __init__(self, entities: list[Entity]) -> None:
        self.entities = entities
        self.patterns = [pattern for entity in entities[:MAX_CUTTING] for pattern in _own_patterns(entity.arn)]
        self.singles = [entity.arn for entity in entities[MAX_CUTTING:]]


class Known:
    """The known resources of a Directory, found by pattern. Of one answer: it does not follow what changes."""

    def __init__(self, directory: Directory) -> None:
        self._entities = list(_with_a_say(directory))
        self._own: list[str] = []
        self._of: list[int] = []
        for place, entity in enumerate(self._entities):
            patterns = _own_patterns(entity.arn)
            self._own += patterns
            self._of += [place] * len(patterns)
        self._by_beginning = Beginnings(self._own)
        self._inside: dict[str, Inside] = {}

    def inside(self, pattern: str, effort: Effort | None = None) -> Inside:
        """Those inside a pattern. Raises TooManyParts."""
        found = self._inside.get(pattern)
        if found is None:
            near = self._by_beginning.agreeing(pattern)
            if effort is not None:
                effort.spend(SEARCHED * len(near))
            places = {self._of[each]: None for each in near if intersect(self._own[each], pattern, effort)}
            found = self._inside[pattern] = Inside([self._entities[place] for place in sorted(places)])
        return found


def _with_a_say(directory: Directory) -> Iterator[Entity]:
    for entity in directory.of_kind("resource", "role", "user"):
        if entity.arn and (entity.kind != "user" or entity.tags):
            yield entity


def _own_patterns(arn: str) -> list[str]:
    # A bucket's policy and tags are its objects' as well.
    return [arn, *carried_by(arn)]
