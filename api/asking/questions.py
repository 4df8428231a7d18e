"""The questions: who can, what can, on which resources, can it; and what is known at all.

Each is answered from history, as of any moment, with the events that made it so and what is known around it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import orjson

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.answers import (
    decision_json,
    expanded_json,
    nearest_json,
    what_can_json,
    which_resources_json,
)
from erstwhile.api.asking.blocks import written
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, Overtaken, moment
from erstwhile.api.asking.principal_finder import account_of, find_subject
from erstwhile.api.asking.under_way import UnderWay, under_way
from erstwhile.api.asking.written_holders import written_holders
from erstwhile.api.asking.written_lines import LaterKnown
from erstwhile.api.keeping.retention import gone_before
from erstwhile.api.problems import Problem, not_found
from erstwhile.domain.directory.account_modes import is_there
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.evaluation.one_question import decide_once
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts, TooMuch
from erstwhile.domain.questions.as_policy import as_policy
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.what_can_by_action import expanded
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import WhoCanFound, find_who_can
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections import coverage
from erstwhile.projections.answer_ground import logged_events
from erstwhile.projections.cautions import first_listed, first_listings, listed_later
from erstwhile.projections.clock import clock_state
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import successful_calls

_SHOWN = 10
"""Accounts that an error names."""


class Questions:
    """Any thread may ask. `as_of` and `known_at` are as their callers wrote them (`moments`)."""

    def __init__(self, history: History, names: Names) -> None:
        self._history = history
        self._names = names

    def who_can(
        self,
        action: str,
        resource: str,
        as_of: str | None = None,
        known_at: str | None = None,
        account: str | None = None,
        resource_account: str | None = None,
        context: ContextDict | None = None,
        as_json: bool = False,
    ) -> dict[str, Any]:
        """Who can do it: three lists, the statements that their lines name, the events that made it so, and the
        coverage. With `as_json`, long members are JSON that is written already. Raises Problem."""
        require_action(action)
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at, heard=self._history.heard())
            directory = self._history.at(connection, when)
            require_account(directory, account)
            require_existing(directory, self._names, action)
            asked = require_resource(directory, self._names, resource, resource_account)
            question = Asked(
                action=action, resource_account=asked.account, context=context or {}, mode="discover"
            )  # fmt: skip
            with under_way(self._history, connection, directory, when, [account] if account else None) as making:
                found = find_who_can(directory, question, asked.resource, account)
                later = self._later_known(connection, directory, when, action, found)
                holders = written_holders(found, later)
                notes = (*asked.notes, *found.rest.notes)
                answer = self.finish(making, {**holders.members}, notes, holders.positions)
        if as_json:
            return answer
        plain: dict[str, Any] = orjson.loads(b"".join(written(answer)))
        return plain

    def _later_known(
        self, connection: Connection, directory: Directory, when: Moment, action: str, found: WhoCanFound
    ) -> LaterKnown:
        """Of those whose policies are not known: when these were listed later, and whether the principal did it."""
        who = () if found.unseen is None else tuple([each for each in found.unseen.who.each() if each])
        unseen = {each.arn: each.key for each in who}
        others = [each.principal for each in found.rest.unknown]
        if not unseen and not others:
            return LaterKnown({}, {})
        listed = first_listings(connection, unseen, when.as_of, directory.position)
        if others:
            listed |= first_listed(connection, directory, others, when.as_of)
        calls = successful_calls(connection, [*unseen, *others], action, when.as_of, when.known_at)
        return LaterKnown(listed, calls, who)

    def what_can(
        self,
        principal: str,
        as_of: str | None = None,
        known_at: str | None = None,
        expand: bool = False,
        as_one_policy: bool = False,
    ) -> dict[str, Any]:
        """What a principal can do: its statements, with the events that gave them to it; with `expand` every action,
        with the resources that denies and limits leave of it; with `as_one_policy` all of its policies within its
        limits, as one document. Raises Problem."""
        with self._about(principal, as_of, known_at) as (making, arn):
            directory = making.directory
            answer = what_can_json(what_can(directory, arn))
            if expand:
                answer["expanded"] = _expanded(directory, arn)
            if as_one_policy:
                answer["policy"] = _as_one_policy(directory, arn)
            return self.finish(making, answer, listed_later(making.connection, directory, arn, making.when.as_of))

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
        with self._about(principal, as_of, known_at) as (making, arn):
            directory = making.directory
            require_existing(directory, self._names, action)
            found = which_resources(directory, arn, action, resource_account=resource_account, context=context)
            return self.finish(making, which_resources_json(found))

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
        asked = (principal, action, resource, as_of, known_at, resource_account, context or {})
        return self._history.from_seen_head(lambda supposed: self._can(*asked, supposed), as_of, known_at)

    def _can(
        self,
        principal: str,
        action: str,
        resource: str,
        as_of: str | None,
        known_at: str | None,
        resource_account: str | None,
        context: ContextValues,
        supposed: int,
    ) -> dict[str, Any]:
        with self._about(principal, as_of, known_at, supposed) as (making, arn):
            directory = making.directory
            require_existing(directory, self._names, action)
            asked = require_resource(directory, self._names, resource, resource_account)
            request = Request(
                principal=arn, action=action, resource=asked.resource, resource_account=asked.account,
                context=context, mode="discover",
            )  # fmt: skip
            decision, near = decide_once(directory, request)
            answer = {"principal": arn, "action": action, "resource": asked.resource, **decision_json(decision)}
            if not decision.allowed:
                answer["nearest"] = nearest_json(near)
            notes = listed_later(making.connection, directory, arn, making.when.as_of)
            return self.finish(making, answer, (*asked.notes, *notes))

    @contextmanager
    def _about(
        self, principal: str, as_of: str | None, known_at: str | None, supposed: int = 0
    ) -> Iterator[tuple[UnderWay, str]]:
        """An answer about a principal at a moment, and the ARN that is meant there. Raises Problem. `supposed`: the
        log's head; `finish` raises Overtaken where it is another."""
        history = self._history
        asks_later = supposed and history.followed is not None
        with history.connection_when_asked() if asks_later else history.connection() as connection:
            when = moment(connection, as_of, known_at, supposed)
            directory = self._history.deciding(connection, when)
            arn = find_subject(connection, directory, principal, when)
            with under_way(self._history, connection, directory, when, _accounts(directory, arn)) as making:
                yield making, arn

    def finish(
        self,
        making: UnderWay,
        answer: dict[str, Any],
        notes: tuple[str, ...] = (),
        events_at: Collection[int] | None = None,
    ) -> dict[str, Any]:
        """The answer, with the moment, the events that made it so, and what is known of the accounts. `events_at`: the
        positions of events that it tells of in `events`; None where it tells of them beside what they made. Raises
        Overtaken where the moment's position was supposed, and the log had gone on when the question came."""
        connection, directory, when, accounts, looked = making
        columns = self._history.past.history(when.known_at).granting
        granting = self._history.granting.of(answer, events_at or (), columns)
        with logged_events(connection, granting.missing) as events:
            known = coverage.coverage_of(connection, directory, when.as_of, accounts, self._history.coverage, looked)
            head = looked().head
            self._history.seen_head = head
            if when.is_supposed and head != when.known_at:
                raise Overtaken
            self._history.granting.add(granting, events())
        granting.tell()
        if events_at is not None:
            answer["events"] = granting.by_position()
        return {
            "as_of": format_instant(when.as_of),
            "known_at": when.known_at,
            "revision": when.known_at,
            **answer,
            "coverage": known | {"notes": [*notes, *known["notes"]]},
        }

    def status(self) -> dict[str, Any]:
        """What is known: accounts and their records, read models and their lag, documents that are missing."""
        with self._history.connection() as connection:
            when = moment(connection, None, None)
            directory = self._history.at(connection, when)
            counts = self._history.past.counts(when.as_of, when.known_at)
            known = self._history.coverage
            return {
                "position": when.known_at,
                "accounts": [
                    {"account": each, "mode": directory.mode(each), "entities": _of_account(counts, each)}
                    for each in directory.accounts()
                ],
                "records": coverage.account_coverage(connection, when.known_at, known),
                "read_models": coverage.projection_lag(connection),
                "clock": clock_state(connection),
                "gone_before": gone_before(connection),
                "set_apart": set_apart(connection, when.known_at),
                "managed_policies": coverage.catalogue(connection),
                "missing_documents": coverage.missing_documents(when.as_of, when.known_at, known),
                "principals_never_covered": coverage.uncovered_principals(connection, when.as_of, when.known_at),
            }


def require_account(directory: Directory, account: str | None) -> None:
    """Raises Problem 404 for an account that is not known."""
    if account and not is_there(directory.mode(account)):
        known = directory.accounts()
        # An organisation may have thousands: those that look like it come first.
        shown = list(dict.fromkeys((*get_close_matches(account, known, n=3, cutoff=0.8), *known)))[:_SHOWN]
        more = f" and {len(known) - len(shown):,} others" if len(known) > len(shown) else ""
        told = f"{', '.join(shown) or 'none'}{more}"
        raise not_found("unknown_account", f"account {account} is not known; known are: {told}")


def _expanded(directory: Directory, principal: str) -> list[dict[str, Any]]:
    try:
        return expanded_json(expanded(directory, principal))
    except TooManyParts:
        raise Problem(
            422, "too_much", f"{principal} has too many policies to tell them action by action; ask about one action"
        ) from None


def _as_one_policy(directory: Directory, principal: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = orjson.loads(as_policy(directory, principal).document)
    except TooMuch as error:
        raise Problem(422, "too_much", f"the policies of {principal} cannot be one: {error}") from None
    return document


def _of_account(counts: dict[tuple[str, str], int], account: str) -> dict[str, int]:
    return {kind: count for (held, kind), count in sorted(counts.items()) if held == account and kind != "account"}


def _accounts(directory: Directory, principal: str) -> list[str] | None:
    """Whose coverage an answer about a principal needs; None: all of them."""
    account = account_of(directory, principal)
    return [account] if directory.mode(account) is not None else None
