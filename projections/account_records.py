"""Which hours of which account have records. What is known of an account is counted once, and kept up from then on:
the rows of its hours grow with its years and its imports, and each answer needs their sum."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

_GAPS_SHOWN = 20
_PAST_KEPT = 256
_HOUR = "(extract(epoch FROM day_hour) / 3600)::bigint"
_TOTALS = (
    "SELECT account, min(first_at), max(last_at), sum(records)::bigint, sum(late_records)::bigint, max(position) "
    "FROM account_coverage WHERE account = ANY (%(accounts)s) AND position <= %(known)s GROUP BY account"
)
_RUNS = (
    "SELECT account, min(hour), max(hour) FROM (SELECT account, hour, "
    "hour - row_number() OVER (PARTITION BY account ORDER BY hour) AS run FROM "
    f"(SELECT DISTINCT account, {_HOUR} AS hour FROM account_coverage "
    "WHERE account = ANY (%(accounts)s) AND position <= %(known)s) AS hours) AS numbered "
    "GROUP BY account, run ORDER BY account, min(hour)"
)
_SINCE = (
    f"SELECT account, first_at, last_at, records, late_records, position, {_HOUR} FROM account_coverage "
    "WHERE position > %s AND position <= %s ORDER BY position"
)


class Records(NamedTuple):
    """The records of an account: first and last instant, number, number of late records, and gaps."""

    account: str
    first: datetime
    last: datetime
    records: int
    late: int
    gaps: list[tuple[datetime, datetime]]
    """In order."""
    as_json: dict[str, Any]
    """The same, as each answer tells it; nobody may change it."""

    @classmethod
    def of(
        cls, account: str, first: datetime, last: datetime, records: int, late: int,
        gaps: list[tuple[datetime, datetime]],
    ) -> Records:  # fmt: skip
        shown = gaps[:_GAPS_SHOWN]
        told = {
            "account": account,
            "first_record": format_instant(first),
            "last_record": format_instant(last),
            "records": records,
            "late_records": late,
            "gaps": [{"from": format_instant(begin), "to": format_instant(end)} for begin, end in shown],
            "gaps_in_all": len(gaps),
        }
        return cls(account, first, last, records, late, gaps, told)

    def notes(self, as_of: datetime, mode: str | None) -> Iterator[str]:
        """Cautions about an instant for which records are missing."""
        if as_of > self.last and mode == "observed":
            last = format_instant(self.last)
            yield f"no records of {self.account} after {last}: changes since are not known"
        if as_of < self.first:
            first = format_instant(self.first)
            yield f"no records of {self.account} before {first}: the past before is not known"
        place = bisect_right(self.gaps, as_of, key=lambda gap: gap[0])
        if place and as_of < self.gaps[place - 1][1]:
            begin, end = self.gaps[place - 1]
            yield f"no records of {self.account} from {format_instant(begin)} to {format_instant(end)}"


class _Sum:
    """The sum of an account's rows. Its hours are runs without a gap: the first and last hour of each, in order."""

    def __init__(self, account: str, first: datetime, last: datetime, records: int, late: int, position: int) -> None:
        self._account = account
        self._first, self._last, self._records, self._late = first, last, records, late
        self.position = position
        """Of the last import that has rows of the account."""
        self.begins: list[int] = []
        self.ends: list[int] = []
        self._summed: Records | None = None

    def add(self, first: datetime, last: datetime, records: int, late: int, position: int, hour: int) -> None:
        self._first, self._last = min(self._first, first), max(self._last, last)
        self._records += records
        self._late += late
        self.position = position
        self._summed = None
        self._add_hour(hour)

    def _add_hour(self, hour: int) -> None:
        place = bisect_right(self.begins, hour)
        if place and hour <= self.ends[place - 1]:
            return
        follows = place > 0 and self.ends[place - 1] == hour - 1
        precedes = place < len(self.begins) and self.begins[place] == hour + 1
        if follows and precedes:
            self.ends[place - 1] = self.ends[place]
            del self.begins[place], self.ends[place]
        elif follows:
            self.ends[place - 1] = hour
        elif precedes:
            self.begins[place] = hour
        else:
            self.begins.insert(place, hour)
            self.ends.insert(place, hour)

    def summed(self) -> Records:
        if self._summed is None:
            gaps = [
                (_instant(end + 1), _instant(begin)) for end, begin in zip(self.ends, self.begins[1:], strict=False)
            ]
            self._summed = Records.of(self._account, self._first, self._last, self._records, self._late, gaps)
        return self._summed


class KnownRecords:
    """Keeps the sums of the accounts that were asked about, as known at the last position of these questions. Any
    thread may ask."""

    def __init__(self) -> None:
        self._position = 0
        self._sums: dict[str, _Sum | None] = {}
        self._past: Bounded[tuple[str, int], Records | None] = Bounded(_PAST_KEPT)
        self._lock = Lock()

    def of(self, connection: Connection, accounts: Iterable[str], known_at: int) -> list[Records]:
        """The records of these accounts as known at a log position, in the order of the accounts; those without records
        are left out."""
        wanted = sorted(set(accounts))
        with self._lock:
            self._follow(connection, known_at)
            missing = [account for account in wanted if account not in self._sums]
            if missing:
                self._sums |= dict.fromkeys(missing) | _summed(connection, missing, self._position)
            found = []
            for account in wanted:
                total = self._sums[account]
                records = None if total is None else total.summed()
                if total is not None and total.position > known_at:
                    records = self._as_known(connection, account, known_at)
                if records is not None:
                    found.append(records)
            return found

    def _follow(self, connection: Connection, known_at: int) -> None:
        if known_at <= self._position:
            return
        if self._sums:
            for account, first, last, records, late, position, hour in connection.execute(
                _SINCE, (self._position, known_at)
            ).fetchall():
                total = self._sums.get(account)
                if account in self._sums and total is None:
                    total = self._sums[account] = _Sum(account, first, last, 0, 0, position)
                if total is not None:
                    total.add(first, last, records, late, position, hour)
        self._position = known_at

    def _as_known(self, connection: Connection, account: str, known_at: int) -> Records | None:
        """As known before the last import of the account."""
        key = (account, known_at)
        if key not in self._past:
            earlier = _summed(connection, [account], known_at).get(account)
            self._past.keep(key, None if earlier is None else earlier.summed())
        return self._past.get(key)


def accounts_with_records(connection: Connection) -> list[str]:
    """The accounts that have records. Reads one row of each."""
    rows = connection.execute(
        "WITH RECURSIVE account AS ((SELECT account AS name FROM account_coverage ORDER BY account LIMIT 1) UNION ALL "
        "SELECT (SELECT c.account FROM account_coverage c WHERE c.account > name ORDER BY c.account LIMIT 1) "
        "FROM account WHERE name IS NOT NULL) SELECT name FROM account WHERE name IS NOT NULL"
    ).fetchall()
    return [name for (name,) in rows]


def _summed(connection: Connection, accounts: list[str], known_at: int) -> dict[str, _Sum]:
    arguments = {"accounts": accounts, "known": known_at}
    found = {row[0]: _Sum(*row) for row in connection.execute(_TOTALS, arguments).fetchall()}
    for account, begin, end in connection.execute(_RUNS, arguments).fetchall():
        found[account].begins.append(begin)
        found[account].ends.append(end)
    return found


def _instant(hour: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=hour)
