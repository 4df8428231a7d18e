"""The known resources that a pattern stands for: they have policies and tags of their own."""

from __future__ import annotations

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
    """The known resources of a Directory, found by pattern. Of one answer: it does not follow what changes. Roles and
    users are read when a pattern may be about them: there may be many, and most patterns are of another service."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._of_kind: dict[str, _OfKind] = {}
        self._inside: dict[str, Inside] = {}

    def inside(self, pattern: str, effort: Effort | None = None) -> Inside:
        """Those inside a pattern. Raises TooManyParts."""
        found = self._inside.get(pattern)
        if found is None:
            entities: list[Entity] = []
            for kind in ("resource", "role", "user"):
                if kind == "resource" or _may_be_iams(pattern, f"{kind}/"):
                    if kind not in self._of_kind:
                        self._of_kind[kind] = _OfKind(self._directory, kind)
                    entities += self._of_kind[kind].inside(pattern, effort)
            found = self._inside[pattern] = Inside(entities)
        return found


class _OfKind:
    def __init__(self, directory: Directory, kind: str) -> None:
        self._entities = [each for each in directory.of_kind(kind) if each.arn and (kind != "user" or each.tags)]
        self._own: list[str] = []
        self._of: list[int] = []
        for place, entity in enumerate(self._entities):
            patterns = _own_patterns(entity.arn)
            self._own += patterns
            self._of += [place] * len(patterns)
        self._by_beginning = Beginnings(self._own)

    def inside(self, pattern: str, effort: Effort | None) -> list[Entity]:
        near = self._by_beginning.agreeing(pattern)
        if effort is not None:
            effort.spend(SEARCHED * len(near))
        places = {self._of[each]: None for each in near if intersect(self._own[each], pattern, effort)}
        return [self._entities[place] for place in sorted(places)]


def _may_be_iams(pattern: str, beginning: str) -> bool:
    """Whether a pattern may match the ARN of an entity of IAM that begins so after the account: `role/`."""
    parts = pattern.split(":", 5)
    if len(parts) < 4 or _has_wildcard("".join(parts[:3])):
        return True
    if parts[2] != "iam":
        return False
    if len(parts) < 6 or _has_wildcard("".join(parts[3:5])):
        return True
    known = min((place for each in "*?" if (place := parts[5].find(each)) >= 0), default=len(parts[5]))
    return parts[5][:known].startswith(beginning) or (known < len(parts[5]) and beginning.startswith(parts[5][:known]))


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _own_patterns(arn: str) -> list[str]:
    # A bucket's policy and tags are its objects' as well.
    return [arn, *carried_by(arn)]
