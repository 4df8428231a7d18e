"""The composition root: the database, the Directories and the projector, and the questions asked of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action, require_existing, understood
from erstwhile.api.asking.answers import (
    WrittenDecisions,
    add_granting_events,
    decision_json,
    expanded_json,
    granting_positions,
    is_plain,
    nearest_json,
    what_can_json,
    which_resources_json,
    who_can_json,
)
from erstwhile.api.asking.moments import Moment, moment, stale
from erstwhile.api.asking.principal_finder import Absence, absence, account_of, find_subject
from erstwhile.api.commanding.process_writer import Commands
from erstwhile.api.commanding.read_your_writes import ReadYourWrites
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.api.runtime.database import Database
from erstwhile.api.runtime.database_away import is_away
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import BareEvent
from erstwhile.domain.policy.authorize import authorize, why_not
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.pattern_parts import TooManyParts
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.what_can_by_action import expanded
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections import coverage
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.cautions import first_listed, listed_later
from erstwhile.projections.clock import clock_state
from erstwhile.projections.current import CurrentDirectory
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import successful_call

log = logging.getLogger("erstwhile")

PAUSE = 0.2
"""Seconds until the next round of projecting, under a flood of commands: rows are then written together."""
FLOOD = 50
"""Events of one round that make a flood."""
SILENT = 5.0
"""Seconds without an answer of the database after which decisions say how old they may be, and what needs it is told
that it is away."""
_BRIEF = {True: b'{"decision":true}', False: b'{"decision":false}'}
WAIT = 10.0
"""Seconds that a question waits for a read model to come to the position it asks for."""


class Service:
    """Questions over one database. `follow` keeps the current Directory in memory and the read models up."""

    def __init__(self, database: Database, names: Names | None = None) -> None:
        self.database = database
        self.names = names or Names()
        self.commands = Commands(database, self._publish)
        self.past = Past()
        self.current: CurrentDirectory | None = None
        self.applied: ReadYourWrites | None = None
        self._written = WrittenDecisions()
        self._revision = (-1, b"")
        self.last_age: int | None = None
        self._clock: tuple[int, ContextValues] = (0, {})
        self.projector = Projector(database.connect)
        self._pool = database.pool(size=8)
        self._stopping = threading.Event()
        self._listener = database.event_log.notifications()
        self._thread: threading.Thread | None = None
        self.projection_failure: BaseException | None = None
        self._clock_watch = ClockWatch(database.connect_writer, self.names.account)

    def follow(self) -> None:
        """Starts following the log: for a server."""
        self._catch_up()
        shared = self.database.shared_head
        told = shared.read() if shared is not None else 0
        self.current = CurrentDirectory(
            self.database.connect, self.database.event_log, own_backend=lambda: self.commands.backend
        )
        if shared is not None:
            shared.correct(told, self.current.position)
        self.applied = ReadYourWrites(self.database, self.current)
        self.current.start()
        self._thread = threading.Thread(target=self._project, name="projector", daemon=True)
        self._thread.start()

    def _publish(self, events: list[BareEvent]) -> None:
        if self.current is not None:
            self.current.offer(events)

    def _catch_up(self) -> None:
        """No start, and no later round, depends on this one: /readyz tells what failed, and the next tries again."""
        try:
            self.projector.catch_up()
            self.projection_failure = None
        except Exception as error:
            if self.projection_failure is None:
                log.exception("the read models do not follow the log")
            self.projection_failure = error

    def _watch_clock(self) -> None:
        try:
            self._clock_watch.look()
        except Exception as error:
            if not is_away(error):
                log.exception("the clock cannot be watched")

    def _project(self) -> None:
        self._listener.wait()
        while not self._stopping.is_set():
            before = self.position
            self._watch_clock()
            self._catch_up()
            if self.position - before >= FLOOD:
                # A question about them does not wait for this: it projects what it needs.
                self._stopping.wait(PAUSE)
            self._listener.wait()

    def close(self) -> None:
        self.commands.close()
        self._stopping.set()
        self._listener.close()
        if self.current is not None:
            self.current.close()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.projector.close()
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self._pool.connection() as connection:
            yield connection

    @property
    def position(self) -> int:
        """The position that the current Directory has reached."""
        return self.current.position if self.current is not None else 0

    def wait_for(self, position: int) -> None:
        """Read your own writes: waits until `position` is applied. Raises Problem."""
        with self.connection() as connection:
            top = EventLog.within(connection).head()
        if position > top:
            raise bad_request("beyond_head", f"at_least {position} is beyond the head of the log, which is {top}")
        if self.current is not None and not self.current.wait_for(position, WAIT):
            raise stale(position, self.position)

    def _wait_for_history(self, connection: Connection, position: int) -> None:
        if checkpoint(connection) < position and not self.projector.wait_for(position, WAIT):
            raise stale(position, checkpoint(connection))

    def _historical(self, connection: Connection, when: Moment, account: str | None) -> Directory:
        self._wait_for_history(connection, when.known_at)
        return self.past.directory(connection, account, when.as_of, when.known_at)

    @contextmanager
    def directory(
        self, as_of: str | None = None, known_at: str | None = None
    ) -> Iterator[tuple[Directory, ContextValues]]:
        """The Directory of a moment, and the keys of its clock. The current one stands still meanwhile.

        Raises Problem.
        """
        if self.current is not None and not as_of and not known_at:
            with self.current.read() as directory:
                yield directory, self.clock()
            return
        with self.connection() as connection:
            when = moment(connection, as_of, known_at)
            yield self._historical(connection, when, None), {}

    def clock(self) -> ContextValues:
        """The keys of the present time, to the second, as AWS has them."""
        now = int(time.time())
        second, keys = self._clock
        if second != now:
            text = format_instant(datetime.fromtimestamp(now, UTC))
            keys = {"aws:currenttime": (text,), "aws:epochtime": (str(now),)}
            self._clock = (now, keys)
            self.last_age = self.age()
        return keys

    def age(self) -> int | None:
        """Seconds for which the database has not answered, and what is in memory may have become untrue; None where it
        does. (`last_age`: as it was at this second's first `clock()`.)"""
        silent = self.current.silent_for() if self.current is not None else 0.0
        return int(silent) if silent > SILENT else None

    def decide(self, request: Request, brief: bool = False) -> tuple[bool, bytes]:
        """One decision of now, from memory: whether it is allowed, and AuthZEN's answer as JSON. For servers.

        `brief`: without a context where that would say no more than the decision does. The request's context should
        have `clock()`. Raises UnknownPrincipal, MalformedArn.
        """
        assert self.current is not None
        decision, position = self.current.decide(request)
        if self.last_age is not None:
            told = f',"revision":{position},"as_of":null,"age":{self.last_age}}}}}'.encode()
            return decision.allowed, self._written.of(decision) + told
        if brief and is_plain(decision):
            return decision.allowed, _BRIEF[decision.allowed]
        if position != self._revision[0]:
            self._revision = (position, f',"revision":{position},"as_of":null}}}}'.encode())
        return decision.effect == "allow", self._written.of(decision) + self._revision[1]

    def evaluate(
        self,
        make: Callable[[Directory, ContextValues], Request],
        as_of: str | None = None,
        known_at: str | None = None,
        explain: bool = False,
    ) -> dict[str, Any]:
        """One decision of any moment, as JSON; `make` makes the request from the Directory and its clock's keys.

        Raises Problem, UnknownPrincipal, MalformedArn.
        """
        with self.directory(as_of, known_at) as (directory, clock):
            request = make(directory, clock)
            decision = authorize(directory, request)
            found = decision_json(decision)
            if explain and not decision.allowed:
                found["nearest"] = nearest_json(why_not(directory, request))
            instant = None if directory.as_of is None else format_instant(directory.as_of)
            return found | {"revision": directory.position, "as_of": instant}

    def absence(self, principal: str, as_of: str | None = None, known_at: str | None = None) -> Absence:
        """When a principal existed that does not exist at a moment, or similar names. Reads the database. Raises
        Problem."""
        with self.connection() as connection:
            when = moment(connection, as_of, known_at)
            if self.current is not None and not as_of and not known_at:
                self._wait_for_history(connection, when.known_at)
                return absence(connection, self.current.directory, principal, when.known_at, self.current.read())
            return absence(
                connection, self._historical(connection, when, None), principal, when.known_at, nullcontext()
            )

    def who_can(
        self,
        action: str,
        resource: str,
        as_of: str | None = None,
        known_at: str | None = None,
        account: str | None = None,
        resource_account: str | None = None,
        context: ContextDict | None = None,
    ) -> dict[str, Any]:
        """Who can do it: three lists, with the events that made it so and the coverage. Raises Problem."""
        require_action(action)
        with self.connection() as connection:
            when = moment(connection, as_of, known_at)
            directory = self._historical(connection, when, None)
            self._require_account(directory, account)
            require_existing(directory, self.names, action)
            asked = understood(directory, self.names, resource, resource_account)
            found = who_can(
                directory, action, asked.resource, account=account, resource_account=asked.account, context=context
            )
            answer = who_can_json(found)
            for holder in answer["unknown"]:
                later = first_listed(connection, directory, holder["principal"], when.as_of)
                if later is not None:
                    holder["why"].append(f"known later: first listed at {later}")
                holder["successful_call"] = successful_call(
                    connection, holder["principal"], action, when.as_of, when.known_at
                )
            accounts = [account] if account else None
            return self._finish(connection, directory, when, answer, accounts, (*asked.notes, *found.notes))

    def what_can(
        self, principal: str, as_of: str | None = None, known_at: str | None = None, expand: bool = False
    ) -> dict[str, Any]:
        """What a principal can do: its statements, with the events that gave them to it; with `expand` every action,
        with the resources that denies and limits leave of it. Raises Problem."""
        with self._asked_of(principal, as_of, known_at) as (connection, directory, when, arn):
            answer = what_can_json(what_can(directory, arn))
            if expand:
                answer["expanded"] = _expanded(directory, arn)
            notes = listed_later(connection, directory, arn, when.as_of)
            return self._finish(connection, directory, when, answer, _accounts(directory, arn), notes)

    def which_resources(
        self,
        principal: str,
        action: str,
        as_of: str | None = None,
        known_at: str | None = None,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """On which resources a principal may do it: patterns, and how much of each. Raises Problem."""
        require_action(action)
        with self._asked_of(principal, as_of, known_at) as (connection, directory, when, arn):
            require_existing(directory, self.names, action)
            found = which_resources(directory, arn, action, resource_account=resource_account, context=context)
            answer = which_resources_json(found)
            return self._finish(connection, directory, when, answer, _accounts(directory, arn))

    def can(
        self,
        principal: str,
        action: str,
        resource: str,
        as_of: str | None = None,
        known_at: str | None = None,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """One decision with its reasons, the events that made it so, and what comes nearest to allowing it.

        Raises Problem.
        """
        require_action(action)
        with self._asked_of(principal, as_of, known_at) as (connection, directory, when, arn):
            require_existing(directory, self.names, action)
            asked = understood(directory, self.names, resource, resource_account)
            request = Request(
                principal=arn, action=action, resource=asked.resource, resource_account=asked.account,
                context=context or {}, mode="discover",
            )  # fmt: skip
            decision = authorize(directory, request)
            answer = {"principal": arn, "action": action, "resource": asked.resource, **decision_json(decision)}
            if not decision.allowed:
                answer["nearest"] = nearest_json(why_not(directory, request))
            notes = (*asked.notes, *listed_later(connection, directory, arn, when.as_of))
            return self._finish(connection, directory, when, answer, _accounts(directory, arn), notes)

    @contextmanager
    def _asked_of(
        self, principal: str, as_of: str | None, known_at: str | None
    ) -> Iterator[tuple[Connection, Directory, Moment, str]]:
        """The Directory of a moment, and the ARN of the principal that is meant there. Raises Problem."""
        with self.connection() as connection:
            when = moment(connection, as_of, known_at)
            directory = self._historical(connection, when, None)
            yield connection, directory, when, find_subject(connection, directory, principal, when)

    def _require_account(self, directory: Directory, account: str | None) -> None:
        if account and directory.mode(account) is None:
            known = ", ".join(directory.accounts()) or "none"
            raise not_found("unknown_account", f"account {account} is not known; known are: {known}")

    def _finish(
        self,
        connection: Connection,
        directory: Directory,
        when: Moment,
        answer: dict[str, Any],
        accounts: list[str] | None,
        notes: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        add_granting_events(answer, granting_events(connection, granting_positions(answer)))
        told = coverage.coverage_of(connection, directory, when.as_of, accounts)
        return {
            "as_of": format_instant(when.as_of),
            "known_at": when.known_at,
            "revision": when.known_at,
            **answer,
            "coverage": told | {"notes": [*notes, *told["notes"]]},
        }

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that was never heard of."""
        with self.directory() as (directory, _):
            return directory.mode(account)

    def status(self) -> dict[str, Any]:
        """What is known: accounts and their records, read models and their lag, documents that are missing."""
        with self.connection() as connection:
            when = moment(connection, None, None)
            directory = self._historical(connection, when, None)
            return {
                "position": when.known_at,
                "accounts": [
                    {"account": each, "mode": directory.mode(each), "entities": _counts(directory, each)}
                    for each in directory.accounts()
                ],
                "records": coverage.account_coverage(connection, when.known_at),
                "read_models": coverage.projection_lag(connection),
                "clock": clock_state(connection),
                "set_apart": set_apart(connection, when.known_at),
                "managed_policies": coverage.catalogue(connection),
                "missing_documents": coverage.missing_documents(directory),
                "principals_never_covered": coverage.uncovered_principals(directory),
            }


def _expanded(directory: Directory, principal: str) -> list[dict[str, Any]]:
    try:
        return expanded_json(expanded(directory, principal))
    except TooManyParts:
        raise Problem(
            422, "too_much", f"{principal} has too many policies to tell them action by action; ask about one action"
        ) from None


def _counts(directory: Directory, account: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entity in directory.entities.values():
        if entity.account == account and entity.kind != "account" and entity.account != AWS_MANAGED:
            counts[entity.kind] = counts.get(entity.kind, 0) + 1
    return counts


def _accounts(directory: Directory, principal: str) -> list[str] | None:
    """Whose coverage an answer about a principal needs; None: all of them."""
    account = account_of(directory, principal)
    return [account] if directory.mode(account) is not None else None


def granting_events(connection: Connection, positions: set[int]) -> dict[int, dict[str, Any]]:
    """Who made it so, when, by which call, on which evidence."""
    return {
        event.position: {
            "event": event.type,
            "occurred_at": format_instant(event.occurred_at),
            "action": event.envelope.action,
            "actor": event.envelope.actor.arn,
            "source": event.envelope.source,
            "evidence": event.envelope.evidence,
        }
        for event in EventLog.within(connection).read_positions(sorted(positions))
    }
