"""Single decisions, of now and of then, as AuthZEN answers them.

`Decisions.decide` answers POST /access/v1/evaluation from memory (`make bench-http`): what can be written once is
kept as bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.api.asking.answers import decision_json, is_plain, nearest_json
from erstwhile.api.asking.moments import moment
from erstwhile.api.asking.present import Present
from erstwhile.api.asking.principal_finder import Absence, absence
from erstwhile.api.asking.written_decisions import WrittenDecisions
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize, why_not
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import format_instant

_BRIEF = {True: b'{"decision":true}', False: b'{"decision":false}'}


class Decisions:
    """Decides on the present, and on what history tells of the past."""

    def __init__(self, present: Present) -> None:
        self._present = present
        self._current = present.current
        self._written = WrittenDecisions()
        self._revision = (-1, b"")

    def decide(self, request: Request, brief: bool = False) -> tuple[bool, bytes]:
        """One decision of now, from memory: whether it is allowed, and AuthZEN's answer as JSON.

        `brief`: without a context where that would say no more than the decision does. The request's context should
        have the present's `clock()`. Raises UnknownPrincipal, MalformedArn.
        """
        decision, position = self._current.decide(request)
        age = self._present.last_age
        if age is not None:
            end = f',"revision":{position},"as_of":null,"age":{age}}}}}'.encode()
            return decision.allowed, self._written.of(decision) + end
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
        with self._present.directory(as_of, known_at) as (directory, clock):
            request = make(directory, clock)
            decision = authorize(directory, request)
            answer = decision_json(decision)
            if explain and not decision.allowed:
                answer["nearest"] = nearest_json(why_not(directory, request))
            instant = None if directory.as_of is None else format_instant(directory.as_of)
            return answer | {"revision": directory.position, "as_of": instant}

    def absence(self, principal: str, as_of: str | None = None, known_at: str | None = None) -> Absence:
        """When a principal existed that does not exist at a moment, or similar names. Reads the database.

        Raises Problem.
        """
        history = self._present.history
        with history.connection() as connection:
            when = moment(connection, as_of, known_at)
            if not as_of and not known_at:
                history.wait_for(connection, when.known_at)
                return absence(connection, history.past.present(when.known_at), principal, when.known_at)
            return absence(connection, history.at(connection, when), principal, when.known_at)
