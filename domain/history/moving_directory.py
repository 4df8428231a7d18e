"""The Directory of one instant after another, with the engine that decides over it: of what was read, only what changed
between is read anew.

Serves the rows "guardrail: …" of `make bench-incident`.
"""

from __future__ import annotations

import heapq
from collections.abc import Container
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.moving_view import MovingView
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.courses import course_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import ALWAYS, TICK, Window
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

MOST = 50_000
"""Entities that are kept."""


class WatchedFacts(ReadFacts):
    """Knows of each entity that was read when it changes next."""

    def __init__(
        self,
        history: FactHistory,
        alike: ReadFacts | None = None,
        but: Container[EntityKey] = frozenset(),
        window: Window = ALWAYS,
    ) -> None:
        """`alike`: facts of a history with the same intervals, `but` those of some entities: these need not be read
        twice. `window`: no other instants are turned to."""
        super().__init__(history)
        self._alike = alike
        self._but = but
        self._window = window
        self._waiting: list[tuple[datetime, EntityKey]] = []
        self._watched: set[EntityKey] = set()

    def course(self, key: EntityKey) -> Course:
        if self._alike is not None and key not in self._but:
            return self._alike.course(key)
        found = self._courses.get(key)
        if found is None:
            found = self._courses[key] = course_of(key[1], self.history.intervals_within(key, *self._window))
        return found

    def facts_of(self, key: EntityKey) -> Facts | None:
        if key not in self._watched:
            self._watched.add(key)
            self._wait(key, self.instant)
        return super().facts_of(key)

    def _wait(self, key: EntityKey, instant: datetime) -> None:
        following = self.course(key).next_of_all(instant)
        if following < FOREVER:
            heapq.heappush(self._waiting, (following, key))

    def go_to(self, instant: datetime) -> list[EntityKey]:
        """Turns to an instant that is not earlier; returns what changed on the way of what was read."""
        self.turn_to(instant)
        changed: dict[EntityKey, None] = {}
        while self._waiting and self._waiting[0][0] <= instant:
            _, key = heapq.heappop(self._waiting)
            changed[key] = None
            self._wait(key, instant)
        return list(changed)

    @property
    def is_full(self) -> bool:
        """Whether so much was read that it is better to begin anew."""
        return len(self._watched) >= MOST


class MovingDirectory:
    """Over one history; instants may come in any order, and are best asked about in that of time."""

    def __init__(
        self,
        history: FactHistory,
        alike: MovingDirectory | None = None,
        but: Container[EntityKey] = frozenset(),
        window: Window = ALWAYS,
    ) -> None:
        """`alike`: that of a history with the same intervals, `but` those of some entities. `window`: no instant before
        or after it is asked about."""
        self._history = history
        self._alike = alike
        self._but = but
        self._window = window
        self._facts: WatchedFacts | None = None
        self._view: MovingView | None = None
        self.turns = 0
        """How often something changed that was read."""
        self._was_disputed = False

    @property
    def is_disputed(self) -> bool:
        """Whether what it says may depend on what was asked before: two entities had one name."""
        return self._was_disputed or (self._view is not None and self._view.is_disputed)

    @property
    def facts(self) -> WatchedFacts:
        """What was read, at the instant that was asked about last."""
        if self._facts is None or self._facts.is_full:
            self._was_disputed = self.is_disputed
            alike = None if self._alike is None else self._alike.facts
            self._facts = WatchedFacts(self._history, alike, self._but, self._window)
            self._view = None
        return self._facts

    @property
    def now(self) -> Directory:
        """The Directory that was asked for last."""
        assert self._view is not None
        return self._view

    def at(self, instant: datetime) -> Directory:
        """The Directory of an instant, until the next one is asked for. Policies may find its clock at an earlier
        instant."""
        # Before all records, the clock shows an instant all the same.
        instant = max(instant, BEFORE + TICK)
        facts, view = self.facts, self._view
        self._was_disputed = self.is_disputed
        if view is None or instant < facts.instant:
            self._facts = None
            facts = self.facts
            facts.turn_to(instant)
            view = self._view = MovingView(facts, self._history.known_at, instant)
            self.turns += 1
            return view
        changed = facts.go_to(instant)
        view.as_of = instant
        for key in changed:
            view.again(key)
        self.turns += bool(changed)
        return view
