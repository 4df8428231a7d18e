"""Reads recorded calls that succeeded, as calls that can be decided about again."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.what_if.calls import PassedCalls, RecordedCall, Wanted
from erstwhile.domain.what_if.recorded_call import acted_in, call_of, calls_of, keys_of_address
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.activity_months import activity_months
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
) -> Iterator[RecordedCall | PassedCalls]:
    """The calls in [begin, end) that imports up to a log position brought, of one account or principal (a user's or
    role's ARN) or of all, in the order of time. `key`: ACCOUNT/RECORD. Of calls that are not `wanted`, the records are
    not read, and it is only said whose they were, later than in their turn. Memory does not grow with their number."""
    lines = EvidenceLines(connection)
    asked = {"account": account, "principal": principal, "known": known_at}
    passing = _Passing(wanted) if wanted is not None else None
    for row in _rows(connection, begin, end, asked):
        named = ""
        if passing is not None:
            named, is_wanted = passing.of(row[3:8])
            if not is_wanted:
                if passing.is_full_with(named, row[0]):
                    yield from passing.passed()
                continue
        raw = lines.line(row[-2], row[-1])
        if raw is None:
            continue
        if named and passing is not None and not passing.bears_on(named, raw, row):
            if passing.is_full_with(named, row[0]):
                yield from passing.passed()
            continue
        call = call_of(read_json(raw), row[2], f"{row[2]}/{row[1]}")
        if call is not None:
            yield call
    if passing is not None:
        yield from passing.passed()


class _Passing:
    """The calls that are not wanted, until enough of them are together."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._silent: Bounded[tuple[str, ...], tuple[str, bool]] = Bounded(_MOST_CALLERS)
        self._known: Bounded[tuple[str, ...], tuple[str, bool]] = Bounded(_MOST_CALLERS)
        self._speaks: dict[str, bool] = {}
        """Whether calls of an operation may be wanted."""
        self._passed: dict[str, list[datetime]] = {}
        self._count = 0

    def of(self, key: tuple[str, ...]) -> tuple[str, bool]:
        """By the columns of a row that say it: whose call it is, as its record names the caller ('' where the record
        has to be read), and whether it may be wanted."""
        speaks = self._speaks.get(key[0])
        if speaks is None:
            speaks = self._speaks[key[0]] = self._wanted.speaks_of(action_of_call(key[0]))
        if not speaks:
            found = self._silent.entries.get(key[1:4])
            if found is None:
                named = _principal(*key[1:4])
                found = self._silent.keep(key[1:4], (named, not named))
            return found
        found = self._known.entries.get(key)
        if found is None:
            found = self._known.keep(key, self._find(*key))
        return found

    def _find(self, action: str, caller: str, session: str, access_key: str, address: str) -> tuple[str, bool]:
        named = _principal(caller, session, access_key)
        context = keys_of_address(address)
        return named, not named or self._wanted.may_concern(named, action_of_call(action), context)

    def bears_on(self, principal: str, raw: bytes, row: tuple[Any, ...]) -> bool:
        """Whether a call is wanted, by what its record says of its resources."""
        acted = acted_in(raw, row[3], principal, row[2], row[7])
        if acted is None:
            return True
        return self._wanted.bears_on(principal, action_of_call(row[3]), acted.resources, acted.context)

    def is_full_with(self, principal: str, at: datetime) -> bool:
        """Notes a call; returns whether enough are together."""
        instants = self._passed.get(principal)
        if instants is None:
            instants = self._passed[principal] = []
        instants.append(at)
        self._count += 1
        return self._count >= _MOST_PASSED

    def passed(self) -> list[PassedCalls]:
        """Those since this was asked last."""
        found = [PassedCalls(principal, instants) for principal, instants in self._passed.items()]
        self._passed, self._count = {}, 0
        return found


def needed_calls(
    connection: Connection, begin: datetime, end: datetime, known_at: int, principal: str
) -> Iterator[RecordedCall]:
    """What the successful calls of a user or role (by its ARN) in [begin, end) needed, as `calls_of` says, in the order
    of time, from imports up to a log position."""
    lines = EvidenceLines(connection)
    asked = {"account": "", "principal": principal, "known": known_at}
    for _, record_id, owner, *_, block, line in _rows(connection, begin, end, asked):
        raw = lines.line(block, line)
        if raw is not None:
            yield from calls_of(read_json(raw), owner, f"{owner}/{record_id}")


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


def _rows(connection: Connection, begin: datetime, end: datetime, asked: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
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
) -> Generator[tuple[Any, ...], None, int]:
    """Returns how many there were."""
    arguments = asked | {
        "begin": begin, "end": end, "first_day": begin.date(), "last_day": end.date(), "at": begin, "record": "",
        "limit": _AT_ONCE,
    }  # fmt: skip
    count = 0
    while True:
        rows = connection.execute(_ROWS, arguments).fetchall()
        yield from rows
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return count
        arguments |= {"at": rows[-1][0], "record": rows[-1][1]}
