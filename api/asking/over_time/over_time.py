"""The questions about intervals of time. Each is a pure function of a history; here are its words and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import moment, parse_known_at, parse_position
from erstwhile.api.asking.over_time.lasting import add_to_what_can, add_to_who_can
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_differences import differences_json
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.over_time.told_provenance import provenance_json
from erstwhile.api.asking.over_time.whom import Subject, find_any, find_named, find_over
from erstwhile.api.asking.over_time.window import AskedWindow, asked_window
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import bad_request
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.effect import effect_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.provenance import provenance
from erstwhile.domain.history.timeline import question_of, spans_of
from erstwhile.domain.history.windows import TICK, Window
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.projections.coverage import times_without_records
from erstwhile.projections.happenings import TrailHappenings
from erstwhile.projections.sql import Connection

_NO_ACCESS = "the event changed no fact on which access depends, or it only showed what was there before all records"


class WindowWords(msgspec.Struct, frozen=True, kw_only=True):
    """A window as its caller wrote it."""

    begin: str | None = None
    end: str | None = None
    known_at: str | None = None


class _Ground(msgspec.Struct, frozen=True):
    """What a question over a window stands on."""

    connection: Connection
    history: FactHistory
    window: AskedWindow
    telling: Telling

    def last_directory(self) -> Directory:
        """The Directory at the end of the window."""
        return directory_at(self.history, self.window.end - TICK)


class OverTime:
    """Any thread may ask. What a question returns may be read until the end of its block; `stop` ends it before."""

    def __init__(self, history: History, names: Names) -> None:
        self._history = history
        self._names = names

    @contextmanager
    def timeline(
        self,
        principal: str,
        action: str,
        resource: str,
        words: WindowWords,
        stop: Stop,
        *,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> Iterator[Pieces]:
        """The decision about a question over a window: intervals, and what changed it between them. Raises Problem."""
        require_action(action)
        with self._ground(words, stop) as ground:
            directory = ground.last_directory()
            require_existing(directory, self._names, action)
            asked = require_resource(directory, self._names, resource, resource_account)
            subject = find_over(ground.connection, ground.history, principal, ground.window)
            question = question_of(
                ground.history, subject.asked, action, asked.resource, context=context,
                resource_account=asked.account,
            )  # fmt: skip
            gaps = self._gaps(ground, directory, subject)
            spans = spans_of(question, ground.window.begin, ground.window.end, gaps)
            head = {"principal": subject.principal, "unique_id": subject.unique_id, "action": action,
                    "resource": asked.resource}  # fmt: skip
            yield Pieces(
                _head(ground, head), "spans", ground.telling.spans(spans),
                lambda: {"notes": [*ground.window.notes, *asked.notes]},
            )  # fmt: skip

    @contextmanager
    def moments(self, what: str, words: WindowWords, stop: Stop) -> Iterator[Pieces]:
        """Each change of all that concerns a principal, group, policy, resource or account. Raises Problem."""
        with self._ground(words, stop) as ground:
            subject = find_any(ground.connection, ground.history, what, ground.window)
            steps = moments(ground.history, subject.asked, ground.window.begin, ground.window.end)
            head = {"of": subject.principal, "unique_id": subject.unique_id}
            yield Pieces(
                _head(ground, head), "steps", ground.telling.steps(steps), lambda: {"notes": list(ground.window.notes)}
            )

    @contextmanager
    def diff(
        self,
        words: WindowWords,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
        resource: str | None = None,
    ) -> Iterator[Pieces]:
        """What a principal, those of an account, or everybody may at the end of a window and not at its begin, and the
        other way round; on one resource, or on all. Raises Problem, TooMuch."""
        with self._ground(words, stop) as ground:
            asked, only = None, ""
            if principal is not None:
                named = find_named(ground.connection, ground.history, principal, ground.window)
                asked, only = named.principal, named.unique_id
            if account is not None:
                require_account(ground.last_directory(), account)
            on = None if resource is None else require_resource(ground.last_directory(), self._names, resource, None)
            found = diff(
                ground.history, ground.window.begin, ground.window.end, principal=asked, account=account,
                resource=None if on is None else on.resource,
            )  # fmt: skip
            items = differences_json(ground.telling.events, found)
            head = {"principal": asked, "account": account, "resource": None if on is None else on.resource}
            tail = {"unclear": list(found.unclear), "decided": found.decided, "notes": list(ground.window.notes)}
            yield Pieces(
                _head(ground, head), "differences", (each for each in items if only in ("", each["unique_id"])),
                lambda: tail,
            )  # fmt: skip

    @contextmanager
    def effect(self, position: str, known_at: str | None, stop: Stop) -> Iterator[Pieces]:
        """Whose access one event changed, and to what. Raises Problem, TooMuch."""
        with self._history.connection() as connection:
            at = parse_position(connection, "the position", position)
            known = parse_known_at(connection, known_at)
            if known is None:
                known = EventLog.within(connection).head()
            if at > known:
                raise bad_request("beyond_known", f"the event {position} was recorded after known_at, which is {known}")
            self._history.wait_for(connection, known)
            history = stoppable(self._history.facts(known), stop)
            telling = Telling(history, ToldEvents(connection))
            telling.events.read([at])
            found = effect_of(history, at)
            head = {
                "position": at, "known_at": known, "revision": known, "event": telling.events.get(at),
                "changes": telling.changes(found.changes),
            }  # fmt: skip
            difference = found.difference
            tail: dict[str, Any] = {"unclear": [], "decided": 0, "notes": [_NO_ACCESS]}
            if difference is not None:
                tail = {"unclear": list(difference.unclear), "decided": difference.decided, "notes": []}
            items = iter(()) if difference is None else differences_json(telling.events, difference)
            yield Pieces(head, "differences", items, lambda: tail)

    def add_lasting(
        self,
        answer: dict[str, Any],
        stop: Stop,
        action: str = "",
        resource: str = "",
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """An answer to who-can or what-can, with since when and until when each of its lines has been so."""
        at = parse_instant(answer["as_of"])
        history = stoppable(self._history.facts(answer["known_at"]), stop)
        if "permissions" in answer:
            add_to_what_can(history, answer["known_at"], answer, at)
            return answer
        asked = require_resource(directory_at(history, at), self._names, resource, resource_account)
        with self._history.connection() as connection:
            telling = Telling(history, ToldEvents(connection))
            notes = add_to_who_can(
                telling, history, answer, at, action, asked.resource, asked.account, context
            )  # fmt: skip
        answer["coverage"]["notes"] += notes
        return answer

    def provenance(
        self,
        principal: str,
        action: str,
        resource: str,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """How a decision came about: the chain of grants, with the right of each actor. Raises Problem."""
        require_action(action)
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at)
            self._history.wait_for(connection, when.known_at)
            history = stoppable(self._history.facts(when.known_at), stop)
            directory = directory_at(history, when.as_of)
            require_existing(directory, self._names, action)
            asked = require_resource(directory, self._names, resource, resource_account)
            arn = find_subject(connection, directory, principal, when)
            found = provenance(
                history, TrailHappenings(connection), arn, action, asked.resource, when.as_of, context=context,
                resource_account=asked.account,
            )  # fmt: skip
            told = provenance_json(Telling(history, ToldEvents(connection)), found)
        return {
            "as_of": format_instant(when.as_of), "known_at": when.known_at, "revision": when.known_at, **told,
            "notes": list(asked.notes),
        }  # fmt: skip

    def _gaps(self, ground: _Ground, directory: Directory, subject: Subject) -> list[Window]:
        """The times without records of the principal's account, as far as it is observed here."""
        if directory.mode(subject.account) != "observed":
            return []
        return times_without_records(ground.connection, subject.account, ground.window.known_at, self._history.coverage)

    @contextmanager
    def _ground(self, words: WindowWords, stop: Stop) -> Iterator[_Ground]:
        with self._history.connection() as connection:
            window = asked_window(connection, words.begin, words.end, words.known_at)
            self._history.wait_for(connection, window.known_at)
            history = stoppable(self._history.facts(window.known_at), stop)
            yield _Ground(connection, history, window, Telling(history, ToldEvents(connection)))


def _head(ground: _Ground, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {**ground.window.json(), "revision": ground.window.known_at, **asked}
