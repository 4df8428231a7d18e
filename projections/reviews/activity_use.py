"""What principals used, from the recorded calls: `UseRecords` of one database, as known at a log position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from erstwhile.domain.observed.cloudtrail.data_events import DATA_ACTIONS
from erstwhile.domain.use.used import Covered, Used
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.projections.coverage import KnownCoverage, times_without_records
from erstwhile.projections.sql import Connection

_USED = (
    "SELECT a.account, a.principal, a.action, a.error_code <> '', to_char(a.occurred_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-01'), min(a.occurred_at), max(a.occurred_at), count(*) FROM activity a "
    "WHERE a.principal = ANY (%(principals)s) AND a.occurred_at >= %(begin)s AND a.occurred_at < %(end)s "
    "AND (SELECT b.position FROM evidence_block b WHERE b.block_id = a.block_id) <= %(known)s "
    "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
)
_SERVICES = (
    "SELECT DISTINCT split_part(a.action, ':', 1) FROM activity a WHERE a.account = %(account)s "
    "AND a.occurred_at >= %(begin)s AND a.occurred_at < %(end)s AND lower(a.action) = ANY (%(actions)s) "
    "AND (SELECT b.position FROM evidence_block b WHERE b.block_id = a.block_id) <= %(known)s"
)


class ActivityUse:
    """Reads what it is asked about once."""

    def __init__(self, connection: Connection, known_at: int, coverage: KnownCoverage) -> None:
        self._connection = connection
        self._known_at = known_at
        self._coverage = coverage
        self._covered: dict[tuple[str, datetime, datetime], Covered] = {}
        self._used: dict[tuple[str, datetime, datetime], list[Used]] = {}

    def of(self, principals: Iterable[str], begin: datetime, end: datetime) -> Sequence[Used]:
        """What principals (ARNs of users and roles) used in [begin, end), a row for each action, month and outcome."""
        wanted = list(dict.fromkeys(principals))
        fresh = [each for each in wanted if (each, begin, end) not in self._used]
        if fresh:
            self._used |= {(each, begin, end): [] for each in fresh}
            asked = {"principals": fresh, "begin": begin, "end": end, "known": self._known_at}
            for account, principal, action, failed, month, first, last, calls in self._connection.execute(_USED, asked):
                self._used[principal, begin, end].append(
                    Used(
                        account=account, principal=principal, call=action, action=action, resource="", first=first,
                        last=last, calls=calls, month=month, failed=failed,
                    )
                )  # fmt: skip
        return [each for principal in wanted for each in self._used[principal, begin, end]]

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        """What records of an account cover of [begin, end)."""
        found = self._covered.get((account, begin, end))
        if found is None:
            found = self._covered[account, begin, end] = self._read_covered(account, begin, end)
        return found

    def _read_covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        missing = times_without_records(self._connection, account, self._known_at, self._coverage)
        last = missing[-1][0]
        if last == BEFORE or last <= begin:
            return Covered(account=account, begin=begin, end=end, until=None)
        until = min(last, end)
        gaps = tuple((max(start, begin), min(stop, until)) for start, stop in missing if start < until and stop > begin)
        asked = {
            "account": account, "begin": begin, "end": end, "known": self._known_at, "actions": sorted(DATA_ACTIONS),
        }  # fmt: skip
        services = {row[0] for row in self._connection.execute(_SERVICES, asked).fetchall()}
        return Covered(
            account=account, begin=begin, end=end, until=until, gaps=gaps, data_events=frozenset(services)
        )  # fmt: skip
