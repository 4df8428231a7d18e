"""Which changes have no say in a decision about an action and a resource: those of policies that do not speak of them,
and of tags that no statement reads.

Most of what happens to a principal, its groups and policies leaves one decision as it is. A timeline passes over such
changes without deciding anew."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.course import WORDS_OF_CLOCK, Course
from erstwhile.domain.history.fact_history import may_have_words
from erstwhile.domain.history.line_course import LineCourse
from erstwhile.domain.history.organizations_over import OrganizationsOver
from erstwhile.domain.history.policy_states import OF_POLICIES, Told, told_of
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.sources import SHOWN, managed
from erstwhile.domain.policy.language.part import KnownStatements, speaks_of

_HOLDERS = ("user", "role", "group")
_POLICIES = ("policy", SHOWN)


class Known(Protocol):
    """What is known of an answer."""

    @property
    def effect(self) -> str:
        """The decision's."""

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys (lower case) that the statements about the action read."""

    @property
    def accounts(self) -> frozenset[str]:
        """Those whose guardrails have a say."""


class Relevance:
    """Of one action (lower case) and resource, over the facts that were read of one history."""

    def __init__(self, facts: ReadFacts, action: str, resource: str) -> None:
        self._facts = facts
        self._action = action
        self._resource = resource
        self._silent: dict[str, bool] = {}
        """By document."""
        self.has_met_clock = False
        """Whether a document of a change that was looked at may compare the clock with something."""
        self._organizations = OrganizationsOver(facts, action, resource)

    def passes_over(
        self, key: EntityKey, course: Course, instant: datetime, answer: Known
    ) -> dict[EntityKey, Course] | None:
        """None where what changed of an entity at an instant may have a say in an answer. Else what has to be watched
        from now on, for it may have a say later: policies and groups that the entity got or lost."""
        watched: dict[EntityKey, Course] = {}
        turn = course.turn(instant) if isinstance(course, LineCourse) else None
        if turn is not None:
            is_same = turn.before == turn.after or all(self.is_silent(each.document, each.known) for each in turn)
            return watched if is_same else None
        if not course.goes_on(instant):
            return None  # the first or last that is known of it
        if key[1] == "organization":
            accounts, organizations = answer.accounts, self._organizations
            is_silent = organizations.are_beside(key, course, instant, accounts) or (
                answer.effect == "implicit_deny" and organizations.say_the_same(key, course, instant, accounts)
            )
            return watched if is_silent else None
        if key[1] in _POLICIES and course.attributes_turning(instant) <= OF_POLICIES:
            return watched if self._says_the_same(key, course, instant) else None
        before: dict[tuple[str, str], Interval] = {}
        after: dict[tuple[str, str], Interval] = {}
        for each in course.touching(instant):
            (before if each.valid_to == instant else after)[each.attribute, each.item] = each
        changed = {**before, **after}
        if key[1] in _POLICIES and not OF_POLICIES.isdisjoint(attribute for attribute, _ in changed):
            if not self._says_the_same(key, course, instant):
                return None
            changed = {place: row for place, row in changed.items() if place[0] not in OF_POLICIES}
        for attribute, item in changed:
            was, now = before.get((attribute, item)), after.get((attribute, item))
            if attribute == a.TAG:
                if _is_read(item, answer.keys):
                    return None
            elif not self._is_change_silent(key, instant, attribute, item, was, now, watched):
                return None
        return watched

    def _is_change_silent(
        self,
        key: EntityKey,
        instant: datetime,
        attribute: str,
        item: str,
        was: Interval | None,
        now: Interval | None,
        watched: dict[EntityKey, Course],
    ) -> bool:
        if attribute == a.ENTITY:
            return was is not None and now is not None and _told(was) == _told(now)
        if key[1] not in _HOLDERS:
            return False
        if attribute == a.INLINE:
            return all(each is None or self.is_silent(each.value.get("document")) for each in (was, now))
        if attribute in (a.ATTACHED, a.MEMBER_OF):
            for each, at in ((was, instant - TICK), (now, instant)):
                if each is not None and not self._is_link_silent(key, attribute, item, at, watched):
                    return False
            return True
        return False

    def is_silent(self, document: str | None, known: KnownStatements | None = None) -> bool:
        """Whether a policy about principals is known, and does not speak of the action on the resource. `known`: its
        statements, where these are."""
        if document is None:
            return False
        found = self._silent.get(document)
        if found is None:
            found = self._silent[document] = not speaks_of(document, self._action, self._resource, known)
            self.has_met_clock |= may_have_words({"document": document}, WORDS_OF_CLOCK)
        return found

    def _says_the_same(self, key: EntityKey, course: Course, instant: datetime) -> bool:
        """Whether a managed policy is called the same, and says the same of the action, before an instant and from it
        on."""
        was, now = (course.policy_state(key, at) for at in (instant - TICK, instant))
        if was is now:
            return True
        if was.told != now.told:
            return False
        return was.managed == now.managed or all(self.is_silent(each.managed.document) for each in (was, now))

    def _is_link_silent(
        self, key: EntityKey, attribute: str, item: str, at: datetime, watched: dict[EntityKey, Course]
    ) -> bool:
        """Whether nothing that an attachment or membership gives at an instant speaks of the action."""
        if attribute == a.ATTACHED:
            return self._is_policy_silent(key[0], item, at, watched)
        group = self._entity((key[0], "group", item), at, watched)
        return (
            group is not None
            and group.exists
            and group.is_covered
            and group.vanished is None
            and all(self.is_silent(fact.value.get("document")) for fact in group.inline_policies.values())
            and all(self._is_policy_silent(key[0], arn, at, watched) for arn in group.attached_policies)
        )

    def _is_policy_silent(self, account: str, arn: str, at: datetime, watched: dict[EntityKey, Course]) -> bool:
        """Whether it is known what a managed policy says at an instant to those of an account, and not about the
        action."""
        found = self._facts.in_force_at(arn, at)
        if found is not None:
            watched[found.key] = found.course
            return self.is_silent(found.policy.document, found.policy.known)
        self._facts.turn_to(at)
        document = managed(DirectoryView(self._facts, 0, at), arn, account).document
        watched |= self._facts.read
        return self.is_silent(document)

    def _entity(self, key: EntityKey, at: datetime, watched: dict[EntityKey, Course]) -> Entity | None:
        """An entity of an instant; it is watched from now on. None where nothing is known of it."""
        course = watched[key] = self._facts.course(key)
        facts = course.facts_at(at)
        if facts is None:
            return None
        entity = Entity(*key)
        entity.facts = facts
        return entity


def _is_read(tag: str, keys: frozenset[str]) -> bool:
    """Whether a condition key may have the value of a tag: `aws:PrincipalTag/team`, `subject:team`, …"""
    name = tag.lower()
    return any(key.endswith((f"/{name}", f":{name}")) for key in keys)


def _told(row: Interval) -> Told | None:
    entity = Entity(*row[:3])
    entity.facts[a.ENTITY] = {"": Fact(row.value, row.valid_from, row.opened_by)}
    return told_of(entity)
