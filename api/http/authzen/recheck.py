"""Decisions that were served, asked again of the log as it was: each must come out equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import orjson

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import moment
from erstwhile.api.http.authzen.bodies import moments, read_evaluation, request_of
from erstwhile.api.problems import Problem
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.known_keys import clock_keys
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.projections.decision_rows import DecisionFilters, Logged, page
from erstwhile.projections.sql import Connection

_PAGE = 500


class Unequal(msgspec.Struct, frozen=True):
    """A decision that comes out otherwise. `now`: its effect when it is asked again."""

    logged: Logged
    now: str


class Rechecked(msgspec.Struct):
    """`masked`: decisions that cannot be asked again, since values of their questions were not recorded; `errors`:
    items of batches that could not be decided."""

    equal: int = 0
    masked: int = 0
    errors: int = 0
    unequal: list[Unequal] = []


def recheck(
    history: History, names: Names, filters: DecisionFilters, most: int, progress: Callable[[int], None] | None = None
) -> Rechecked:
    """The newest `most` decisions that the filters let through. A decision of now is asked of the present at its
    revision, with the clock of then; one about another instant of that instant, as known at its revision. Raises
    Problem where a revision is not reached."""
    found = Rechecked()
    with history.connection() as connection:
        for number, logged in enumerate(_logged(connection, filters, most), 1):
            if logged.masked:
                found.masked += 1
            elif logged.effect == "error":
                found.errors += 1
            else:
                now = _effect(connection, history, names, logged)
                if now == logged.effect:
                    found.equal += 1
                else:
                    found.unequal.append(Unequal(logged, now))
            if progress is not None:
                progress(number)
    return found


def _logged(connection: Connection, filters: DecisionFilters, most: int) -> Iterator[Logged]:
    cursor, left = "", most
    while left > 0:
        rows, cursor = page(connection, filters, min(_PAGE, left), cursor)
        yield from rows
        left -= len(rows)
        if not cursor:
            return


def _effect(connection: Connection, history: History, names: Names, logged: Logged) -> str:
    try:
        asked = read_evaluation(logged.question)
        as_of, known_at = moments(asked.context or {})
        if as_of or known_at:
            directory = history.at(connection, moment(connection, as_of, known_at or str(logged.revision)))
            clock: ContextValues = {}
        else:
            directory = history.present(logged.revision)
            clock = clock_keys(logged.decided_at)
        return authorize(directory, request_of(names, directory, asked, clock)).effect
    except UnknownPrincipal:
        return "implicit_deny"
    except (MalformedArn, Problem, msgspec.DecodeError) as error:
        return f"error: {error}"


def rechecked_json(found: Rechecked) -> dict[str, object]:
    return {
        "equal": found.equal, "unequal": len(found.unequal), "masked": found.masked, "errors": found.errors,
        "differences": [
            {"id": each.logged.id, "question": orjson.Fragment(each.logged.question), "then": each.logged.effect,
             "now": each.now} for each in found.unequal
        ],
    }  # fmt: skip
