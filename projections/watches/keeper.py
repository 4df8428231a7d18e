"""Brings the answers of watches up to where history is, with a notice of what became different. Each step is one
transaction; one process at a time does it.

Where many events came at once, they are taken together: a question is decided about once for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import LiteralString, NamedTuple

from erstwhile.domain.history.watching.answers import whole_answer
from erstwhile.domain.history.watching.differences import Difference, Gain, notices
from erstwhile.domain.history.watching.keeping import Keeping
from erstwhile.domain.history.watching.watch import Asked, Watch, asked_of, is_same_question, watches_of
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.projections.beginning import KnownBeginning
from erstwhile.projections.boot import Columns
from erstwhile.projections.history import NAME as HISTORY
from erstwhile.projections.history import REBUILT
from erstwhile.projections.projector import set_checkpoint
from erstwhile.projections.sql import Connection, with_infinity
from erstwhile.projections.watches.changed_facts import changed_facts
from erstwhile.projections.watches.kept import KeptRows
from erstwhile.projections.watches.notices import add

NAME = "watches"
MADE_FROM = "watches.made_from"
"""The row of table `checkpoint` that says from which making of history the answers are."""
TOGETHER = 100_000
"""Log positions that are taken together."""
_LOCK: LiteralString = "hashtext('erstwhile.watches')"
_STATE: LiteralString = (
    "SELECT (SELECT position FROM checkpoint WHERE projection = %s), (SELECT position FROM checkpoint WHERE "
    "projection = %s), (SELECT position FROM checkpoint WHERE projection = %s), (SELECT position FROM checkpoint WHERE "
    "projection = %s), EXISTS (SELECT FROM fact WHERE account = %s AND kind = 'watch')"
)
_ASKED = (HISTORY, REBUILT, NAME, MADE_FROM, OWN)


class _State(NamedTuple):
    """How far history is and when it was made anew; the same of the answers; whether there ever was a watch."""

    history: int
    rebuilt: int
    position: int
    made_from: int
    is_any: bool


class HistoryMadeAnew(Exception):
    """history was made anew in the middle of a step, which is to be done again"""


class WatchKeeper:
    """Has one connection. Any thread may use it, one at a time."""

    def __init__(self, connect: Callable[[], Connection], columns: Columns) -> None:
        self._connect = connect
        self._columns = columns
        self._connection: Connection | None = None
        self._busy = threading.Lock()
        self._beginning = KnownBeginning()
        self._keeping: tuple[int, Keeping] | None = None
        """What the last step has read, and the position to which it came."""

    def close(self) -> None:
        with self._busy:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._keeping = None

    def catch_up(self, waiting: bool = True) -> int | None:
        """Goes to where history is; returns that position. While another process does the same, it waits for that, or
        returns None."""
        with self._busy:
            try:
                while True:
                    done = self._step(waiting)
                    if done is None or done[0] >= done[1]:
                        return None if done is None else done[0]
            except HistoryMadeAnew:
                self._keeping = None
                return self._again(waiting)
            except BaseException:
                if self._connection is not None:
                    self._connection.close()
                self._connection = self._keeping = None
                raise

    def _again(self, waiting: bool) -> int | None:
        done = self._step(waiting)
        return None if done is None else done[0]

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = with_infinity(self._connect())
            self._connection.execute("SET statement_timeout = 0")
        return self._connection

    def _step(self, waiting: bool) -> tuple[int, int] | None:
        """One transaction; returns how far the answers are then, and how far history is."""
        connection = self._opened()
        state = _state(connection)
        if not state.is_any or (state.position == state.history and state.made_from == state.rebuilt):
            return state.history, state.history
        with connection.transaction():
            if waiting:
                connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            else:
                row = connection.execute(f"SELECT pg_try_advisory_xact_lock({_LOCK})").fetchone()
                if row is None or not row[0]:
                    return None
            state = _state(connection)
            if state.position and state.made_from != state.rebuilt:
                self._compare_with_history_made_anew(connection, state.position)
            position = self._go(connection, state)
            set_checkpoint(connection, NAME, position)
            set_checkpoint(connection, MADE_FROM, state.rebuilt)
            if _state(connection).rebuilt != state.rebuilt:
                raise HistoryMadeAnew
        return position, state.history

    def _go(self, connection: Connection, state: _State) -> int:
        """A part of the way; returns the position to which the answers are kept up then."""
        after, upto = state.position, state.history
        changes = _turns(connection, after, upto)
        if after or not changes:
            upto = min(upto, after + TOGETHER)
        else:
            # Before the first watch there is nothing to keep.
            after = changes[0] - 1
            upto = min(upto, after + TOGETHER)
        turning = [each for each in changes if each <= upto]
        for begin, end in pairwise([after, *turning, *([upto] if upto not in turning else [])]):
            self._keep_up(connection, begin, end)
            if end in turning:
                self._turn(connection, end)
        return upto

    def _keep_up(self, connection: Connection, after: int, upto: int) -> None:
        """The answers of the watches that there are, from one position to another between which none comes or goes."""
        before = self._columns(after)
        keeping = self._kept_before(after)
        if keeping is None:
            keeping = Keeping(asked_of(watches_of(before).values()))
        if keeping.asked:
            later, kept = self._columns(upto), KeptRows(connection)
            steps = keeping.step(before, later, changed_facts(connection, before, later), kept)
            kept.write(step.difference for step in steps)
            self._notice(connection, upto, ((step.difference.asked, gain) for step in steps for gain in step.gains))
        self._keeping = upto, keeping

    def _kept_before(self, position: int) -> Keeping | None:
        if self._keeping is None or self._keeping[0] != position:
            return None
        return self._keeping[1]

    def _turn(self, connection: Connection, position: int) -> None:
        """The event at a position adds, changes or removes watches."""
        history = self._columns(position)
        earlier, now = watches_of(self._columns(position - 1)), watches_of(history)
        kept = KeptRows(connection)
        anew = [each for each in now.values() if not _is_kept(earlier.get(each.id), each)]
        kept.forget({*(each.id for each in anew), *(earlier.keys() - now.keys())})
        for asked in asked_of(anew):
            kept.put(asked, whole_answer(history, asked))
        self._keeping = None

    def _compare_with_history_made_anew(self, connection: Connection, position: int) -> None:
        """History was made anew: what was kept is compared with all that it says now."""
        history, kept = self._columns(position), KeptRows(connection)
        found = []
        for asked in asked_of(watches_of(history).values()):
            earlier, answer = kept.answer(asked), whole_answer(history, asked)
            for key in dict.fromkeys((*earlier, *answer)):
                if earlier.get(key) != answer.get(key):
                    found.append(Difference(asked, earlier.get(key), answer.get(key)))
        kept.write(found)
        self._notice(connection, position, ((each.asked, gain) for each in found for gain in each.gains((), 0)))
        self._keeping = None

    def _notice(self, connection: Connection, position: int, found: Iterable[tuple[Asked, Gain]]) -> None:
        """Adds the notices of what became different. That a principal's policies are not known of a time of which
        nothing at all is known, is no news."""
        gains = list(found)
        if gains:
            first = self._beginning.at(connection, position)
            told = [(asked, gain) for asked, gain in gains if first is None or gain.end > first]
            add(connection, notices(told), position)

    def rebuild(self) -> int:
        """Makes all answers anew at the position that they have come to, or where history is; returns it. Notices stay
        as they are, and none is added."""
        with self._busy:
            connection = self._opened()
            with connection.transaction():
                connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
                state = _state(connection)
                position = state.position or state.history
                history, kept = self._columns(position), KeptRows(connection)
                connection.execute("DELETE FROM watch_period")
                for asked in asked_of(watches_of(history).values()):
                    kept.put(asked, whole_answer(history, asked))
                set_checkpoint(connection, NAME, position)
                set_checkpoint(connection, MADE_FROM, state.rebuilt)
            self._keeping = None
            return position


def _turns(connection: Connection, after: int, upto: int) -> list[int]:
    """The log positions in (after, upto] at which watches were added, changed or removed."""
    rows = connection.execute(
        "SELECT DISTINCT recorded_from FROM fact WHERE account = %s AND kind = 'watch' AND recorded_from > %s "
        "AND recorded_from <= %s ORDER BY 1",
        (OWN, after, upto),
    ).fetchall()
    return [row[0] for row in rows]


def kept_up_to(connection: Connection) -> int:
    """The log position to which the answers are kept up; where history is, if there never was a watch."""
    state = _state(connection)
    return state.position if state.is_any else state.history


def _state(connection: Connection) -> _State:
    [row] = connection.execute(_STATE, _ASKED, prepare=True).fetchall()
    return _State(row[0] or 0, row[1] or 0, row[2] or 0, row[3] or 0, row[4])


def _is_kept(earlier: Watch | None, now: Watch) -> bool:
    """Whether the answer that is kept is that of the watch as it is now."""
    return earlier is not None and is_same_question(earlier, now)
