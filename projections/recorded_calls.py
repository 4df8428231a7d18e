"""Reads recorded calls that succeeded, as calls that can be decided about again."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.what_if.calls import PassedCalls, RecordedCall, Wanted
from erstwhile.domain.what_if.recorded_call import acted_in, call_of, calls_of, keys_of_address
from erstwhile.projections.activity_months import activity_months
from erstwhile.projections.ahead import Ahead
from erstwhile.projections.evidence_rows import Row, with_records
from erstwhile.projections.sql import Connection

_MOST_CALLERS = 100_000
"""Callers with what they did and from where, of which it is kept whether their calls are wanted."""
_MOST_PASSED = 50_000
"""Calls that are not wanted, said together."""
_AT_ONCE = 20_000
_FEW = 5_000
"""Rows of a slice of time after which the next one may be longer."""
_SHORTEST, _FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1), timedelta(days=31)
_ROWS = (
    "SELECT r.occurred_at, r.record_id, r.account, r.action, r.principal, r.session, r.access_key, r.source_ip, "
    "r.block_id, r.line "
    "FROM activity r JOIN evidence_block b USING (block_id) "
    "WHERE r.day >= %(first_day)s AND r.day <= %(last_day)s "
    "AND r.occurred_at >= %(begin)s AND r.occurred_at < %(end)s AND r.error_code = '' AND b.position <= %(known)s "
    "AND (%(account)s = '' OR r.account = %(account)s) AND (%(principal)s = '' OR r.principal = %(principal)s) "
    "AND (%(record)s = '' OR (r.occurred_at, r.record_id) > (%(at)s, %(record)s)) "
    "ORDER BY r.occurred_at, r.record_id LIMIT %(limit)s"
)


def recorded_calls(
    connection: Connection,
    begin: datetime,
    end: datetime,
    known_at: int,
    *,
    account: str = "",
    principal: str = "",
    wanted: Wanted | None = None,
) -> Generator[RecordedCall | PassedCalls]:
    """The calls in [begin, end) that imports up to a log position brought, of one account or principal (a user's or
    role's ARN) or of all, in the order of time. `key`: ACCOUNT/RECORD. Of calls that are not `wanted`, the records are
    not read, and it is only said whose they were, later than in their turn. Memory does not grow with their number.

    Until it ends or is closed, the connection is its own: rows are read while earlier ones are looked at."""
    asked = {"account": account, "principal": principal, "known": known_at}
    passing = _Passing(wanted) if wanted is not None else None
    with Ahead(_slices(connection, begin, end, asked)) as slices:
        while (rows := slices.take()) is not None:
            wanted_rows = rows if passing is None else passing.wanted(rows)
            for row, raw in with_records(connection, wanted_rows, slices.go_on):
                if raw is None or (passing is not None and passing.is_passed(row, raw)):
                    continue
                call = call_of(read_json(raw), row[2], f"{row[2]}/{row[1]}")
                if call is not None:
                    yield call
            if passing is not None and passing.is_full:
                yield from passing.passed()
    if passing is not None:
        yield from passing.passed()


class _Caller(NamedTuple):
    """By whom calls were made, as their records name the caller; '' where the record has to be read. `instants`: of the
    calls that are not wanted."""

    named: str
    is_wanted: bool
    instants: list[datetime]


class _Passing:
    """The calls that are not wanted, until enough of them are together."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._silent: Bounded[tuple[str, ...], _Caller] = Bounded(_MOST_CALLERS)
        self._known: Bounded[tuple[str, ...], _Caller] = Bounded(_MOST_CALLERS)
        self._speaks: dict[str, bool] = {}
        """Whether calls of an operation may be wanted."""
        self._words: dict[str, tuple[bytes, ...] | None] = {}
        self._passed: dict[str, list[datetime]] = {}
        self._count = 0

    def wanted(self, rows: Sequence[Row]) -> list[Row]:
        """The rows whose calls may be wanted; the others are noted."""
        found = []
        silent, known, speaks = self._silent.entries, self._known.entries, self._speaks
        for row in rows:
            action = row[3]
            if action not in speaks:
                speaks[action] = self._wanted.speaks_of(action_of_call(action))
            if speaks[action]:
                caller = known.get(row[3:8]) or self._known.keep(row[3:8], self._find(*row[3:8]))
            else:
                caller = silent.get(row[4:7]) or self._silent.keep(row[4:7], self._of_silent(*row[4:7]))
            if caller.is_wanted:
                found.append(row)
            else:
                caller.instants.append(row[0])
        self._count += len(rows) - len(found)
        return found

    def _of_silent(self, caller: str, session: str, access_key: str) -> _Caller:
        named = _principal(caller, session, access_key)
        return _Caller(named, not named, self._instants(named))

    def _find(self, action: str, caller: str, session: str, access_key: str, address: str) -> _Caller:
        named = _principal(caller, session, access_key)
        context = keys_of_address(address)
        is_wanted = not named or self._wanted.may_concern(named, action_of_call(action), context)
        return _Caller(named, is_wanted, self._instants(named))

    def _instants(self, named: str) -> list[datetime]:
        """Where the calls of a caller are noted."""
        found = self._passed.get(named)
        if found is None:
            found = self._passed[named] = []
        return found

    def is_passed(self, row: Row, raw: bytes) -> bool:
        """Whether a call is not wanted, by what its record says of its resources; notes it then."""
        caller = self._known.entries.get(row[3:8])
        if caller is None or not caller.named:
            return False
        action = row[3]
        if action not in self._words:
            self._words[action] = self._wanted.words_of(action_of_call(action))
        words = self._words[action]
        if words is None or b"\\" in raw or any(word in raw for word in words):
            acted = acted_in(raw, action, caller.named, row[2], row[7])
            if acted is None or self._wanted.bears_on(
                caller.named, action_of_call(action), acted.resources, acted.context
            ):
                return False
        caller.instants.append(row[0])
        self._count += 1
        return True

    @property
    def is_full(self) -> bool:
        return self._count >= _MOST_PASSED

    def passed(self) -> list[PassedCalls]:
        """Those since this was asked last."""
        found = [PassedCalls(principal, list(instants)) for principal, instants in self._passed.items() if instants]
        if len(self._passed) > _MOST_CALLERS:
            self._passed.clear()
            self._silent.clear()
            self._known.clear()
        for instants in self._passed.values():
            instants.clear()
        self._count = 0
        return found


def needed_calls(
    connection: Connection, begin: datetime, end: datetime, known_at: int, principal: str
) -> Iterator[RecordedCall]:
    """What the successful calls of a user or role (by its ARN) in [begin, end) needed, as `calls_of` says, in the order
    of time, from imports up to a log position."""
    asked = {"account": "", "principal": principal, "known": known_at}
    for rows in _slices(connection, begin, end, asked):
        for row, raw in with_records(connection, rows):
            if raw is not None:
                yield from calls_of(read_json(raw), row[2], f"{row[2]}/{row[1]}")


def _principal(caller: str, session: str, access_key: str) -> str:
    """The ARN by which a call's record names its caller, as its row tells; '' where the record has to be read."""
    if session:
        if ":assumed-role/" in caller:
            return caller
        before, is_role, path = caller.partition(":role/")
        partition = before.partition(":")[2].partition(":")[0]
        name = path.rsplit("/", 1)[-1]
        return f"arn:{partition}:sts::{account_in(caller)}:assumed-role/{name}/{session}" if is_role else ""
    # Only users and roots have keys that last.
    return caller if access_key.startswith("AKIA") and (":user/" in caller or caller.endswith(":root")) else ""


def _slices(connection: Connection, begin: datetime, end: datetime, asked: dict[str, Any]) -> Iterator[list[Row]]:
    """Month by month, as long a slice of time at once as has about `_AT_ONCE` rows."""
    length = _FIRST
    for first_day, after_last in activity_months(connection):
        at = max(begin, datetime.combine(first_day, time(), UTC))
        until = min(end, datetime.combine(after_last, time(), UTC))
        while at < until:
            to = min(at + length, until)
            found = yield from _slice(connection, at, to, asked)
            if found > _AT_ONCE:
                length = max(_SHORTEST, length / 2)
            elif found < _FEW:
                length = min(_LONGEST, length * 2)
            at = to


def _slice(
    connection: Connection, begin: datetime, end: datetime, asked: dict[str, Any]
) -> Generator[list[Row], None, int]:
    """Returns how many there were."""
    arguments = asked | {
        "begin": begin, "end": end, "first_day": begin.date(), "last_day": end.date(), "at": begin, "record": "",
        "limit": _AT_ONCE,
    }  # fmt: skip
    count = 0
    while True:
        rows = connection.execute(_ROWS, arguments).fetchall()
        if rows:
            yield rows
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return count
        arguments |= {"at": rows[-1][0], "record": rows[-1][1]}
