"""The facts of one instant after another, with a note of which entities were read at each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from erstwhile.domain.directory.fact_source import Facts, FactSource, PolicyInForce
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.courses import course_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.line_course import LineCourse
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.vocabulary.instants import BEFORE


class FoundPolicy(NamedTuple):
    """A managed policy that alone can have an ARN, at an instant."""

    key: EntityKey
    course: Course
    policy: PolicyInForce


def _read_course(history: FactHistory, key: EntityKey) -> Course:
    return course_of(key[1], history.intervals_of(key))


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
            found = self._courses[key] = self._course(key)
        return found

    def _course(self, key: EntityKey) -> Course:
        line = self.history.policy_line(key) if key[1] == "policy" else None
        if line is None:
            return _read_course(self.history, key)
        # It does not know these facts: what holds each other waits for the collector of cycles.
        return LineCourse(line, partial(_read_course, self.history, key))

    def facts_of(self, key: EntityKey) -> Facts | None:
        course = self.read[key] = self.course(key)
        if key in self._supposed:
            return self._supposed[key] or None
        return course.facts_at(self.instant)

    def in_force_at(self, arn: str, instant: datetime) -> FoundPolicy | None:
        """The policy that has an ARN at an instant; it does not count as read. None where what it says is to be found
        in its entity, and those that may have the same ARN."""
        keys = self.with_arn(arn)
        if len(keys) != 1:
            return None
        [key] = keys
        if key[1] != "policy" or key in self._supposed:
            return None
        course = self.course(key)
        found = course.policy_at(key, instant)
        return None if found is None or found.arn != arn else FoundPolicy(key, course, found)

    def policy_in_force(self, arn: str) -> PolicyInForce | None:
        found = self.in_force_at(arn, self.instant)
        if found is None:
            return None
        self.read[found.key] = found.course
        return found.policy

    def _once(self, place: tuple[str, ...], find: Callable[[], Iterable[EntityKey]]) -> list[EntityKey]:
        """What an index names does not depend on the instant: it is asked once."""
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = list(find())
        return found

    def with_arn(self, arn: str) -> list[EntityKey]:
        return self._once(("arn", arn), lambda: self.history.with_arn(arn))

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._once(("key", access_key_id), lambda: self.history.with_access_key(access_key_id))

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._once(("name", account, kind, name), lambda: self.history.with_name(account, kind, name))

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        return self._once(("kind", kind, account), lambda: self.history.of_kind(kind, account))

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

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey] | None:
        return None

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey] | None:
        return None

    def actions_told(self, service: str) -> Iterable[str] | None:
        return None

    def about(self, action: str) -> FactSource:
        return self

    def in_force(self) -> FactSource:
        return self

    def kinds(self) -> Iterable[tuple[str, str]]:
        return self.history.kinds()
