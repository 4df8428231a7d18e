"""The facts of one instant after another, with a note of which entities were read at each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from erstwhile.domain.directory.fact_source import Facts, FactSource
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import Held
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.courses import course_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.vocabulary.instants import BEFORE


class ReadFacts:
    """A `FactSource` that can be turned to any instant.

    What is found by an index is read: every entity that it names, at whatever instant that has the name, key or item.
    So `read` has all that an answer rests on, the entities that do not exist at the instant included."""

    def __init__(self, history: FactHistory) -> None:
        self.history = history
        self._courses: dict[EntityKey, Course] = {}
        self._found: dict[tuple[str, ...], list[EntityKey]] = {}
        self._supposed: Mapping[EntityKey, Facts] = {}
        self.instant = BEFORE
        self.read: dict[EntityKey, Course] = {}

    def supposing(self, instant: datetime, facts: Mapping[EntityKey, Facts]) -> ReadFacts:
        """The facts of an instant, but for those of some entities."""
        other = self.turned_to(instant)
        other._supposed = facts
        return other

    def turned_to(self, instant: datetime) -> ReadFacts:
        """The facts of an instant, beside these: what was read for either is read for both."""
        other = ReadFacts(self.history)
        other._courses, other._found = self._courses, self._found
        # Before all records, the clock shows an instant all the same.
        other.turn_to(max(instant, BEFORE + TICK))
        return other

    def turn_to(self, instant: datetime) -> None:
        """From now on, facts are those of this instant, and nothing of it was read yet."""
        self.instant = instant
        self.read = {}

    def course(self, key: EntityKey) -> Course:
        """An entity over all time; it does not count as read."""
        found = self._courses.get(key)
        if found is None:
            found = self._courses[key] = course_of(key[1], self.history.intervals_of(key))
        return found

    def facts_of(self, key: EntityKey) -> Facts | None:
        course = self.read[key] = self.course(key)
        if key in self._supposed:
            return self._supposed[key] or None
        return course.facts_at(self.instant)

    def _once(self, place: tuple[str, ...], find: Callable[[], Iterable[EntityKey]]) -> list[EntityKey]:
        """What an index names does not depend on the instant: it is asked once."""
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = list(find())
        return found

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self._once(("arn", arn), lambda: self.history.with_arn(arn))

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._once(("key", access_key_id), lambda: self.history.with_access_key(access_key_id))

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._once(("name", account, kind, name), lambda: self.history.with_name(account, kind, name))

    def of_kind(self, kind: str) -> Iterable[EntityKey]:
        return self._once(("kind", kind), lambda: self.history.of_kind(kind))

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        place = ("item", account, attribute, item)
        return self._once(place, lambda: self.history.holders(account, attribute, item))

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return self._once(("attribute", attribute), lambda: self.history.having(attribute))

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return self._once(("vpc endpoints",), self.history.vpc_endpoints)

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self._once(("secret", arn), lambda: self.history.secrets_called(arn))

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        return None

    def held(self, action: str, resource: str) -> Held | None:
        return None

    def about(self, action: str) -> FactSource:
        return self

    def in_force(self) -> FactSource:
        return self

    def kinds(self) -> Iterable[tuple[str, str]]:
        return self.history.kinds()
