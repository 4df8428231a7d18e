"""Reads recorded calls that succeeded, as calls that can be decided about again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.what_if.counterfactual import PassedCall, RecordedCall
from erstwhile.domain.what_if.recorded_call import call_of, calls_of, keys_of_address
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.activity_months import activity_months
from erstwhile.projections.sql import Connection

Wanted = Callable[[str, str, ContextValues], bool]
"""(principal, action, some condition keys) → whether the record of such a call is to be read."""
_AT_ONCE = 5_000
_FEW = 1_000
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
) -> Iterator[RecordedCall | PassedCall]:
    """The calls in [begin, end) that imports up to a log position brought, of one account or principal (a user's or
    role's ARN) or of all, in the order of time. `key`: ACCOUNT/RECORD. Of a call that is not `wanted`, the record is
    not read. Memory does not grow with their number."""
    lines = EvidenceLines(connection)
    asked = {"account": account, "principal": principal, "known": known_at}
    for row in _rows(connection, begin, end, asked):
        at, record_id, owner, action, caller, session, access_key, address, block, line = row
        if wanted is not None:
            named = _principal(caller, session, access_key)
            if named and not wanted(named, action_of_call(action), keys_of_address(address)):
                yield PassedCall(at.astimezone(UTC), named)
                continue
        raw = lines.line(block, line)
        call = call_of(read_json(raw), owner, f"{owner}/{record_id}") if raw is not None else None
        if call is not None:
            yield call


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
