"""The recorded calls and the events of a window, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from erstwhile.domain.reports.asked import ChangeMade, RecordedCall
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.filters import Filters
from erstwhile.projections.sql import Connection, instant_text
from erstwhile.projections.trail import audit_page

_AT_ONCE = 1_000
_ROOT = (
    "SELECT a.occurred_at, a.record_id, a.account, a.principal, a.action, a.access_key, a.session, a.source_ip, "
    "a.user_agent, a.error_code FROM activity a JOIN evidence_block b USING (block_id) "
    "WHERE a.principal = %(root)s AND a.account = %(account)s AND a.occurred_at >= %(begin)s::timestamptz "
    "AND a.occurred_at < %(end)s::timestamptz AND b.position <= %(known)s "
    "AND (%(record)s = '' OR (a.occurred_at, a.record_id) > (%(at)s::timestamptz, %(record)s)) "
    "ORDER BY a.occurred_at, a.record_id LIMIT %(limit)s"
)


class ReportCalls:
    """`Calls` as known at one log position. Memory does not grow with their number."""

    def __init__(self, connection: Connection, known_at: int) -> None:
        self._connection = connection
        self._known_at = known_at

    def by_root(self, account: str, arn: str, begin: datetime, end: datetime) -> Iterator[RecordedCall]:
        asked: dict[str, Any] = {
            "root": arn, "account": account, "begin": instant_text(begin), "end": instant_text(end),
            "known": self._known_at, "record": "", "at": instant_text(begin), "limit": _AT_ONCE,
        }  # fmt: skip
        while True:
            rows = self._connection.execute(_ROOT, asked).fetchall()
            for row in rows:
                yield RecordedCall(
                    at=row[0].astimezone(UTC), record_id=row[1], account=row[2], principal=row[3], action=row[4],
                    access_key=row[5], session=row[6], source_ip=row[7], user_agent=row[8], error_code=row[9],
                )  # fmt: skip
            if len(rows) < _AT_ONCE:
                return
            asked |= {"at": instant_text(rows[-1][0].astimezone(UTC)), "record": rows[-1][1]}

    def changes(self, account: str, begin: datetime, end: datetime) -> Iterator[ChangeMade]:
        filters = Filters(account=account, since=begin, until=end, known_at=self._known_at)
        cursor = ""
        while True:
            page = audit_page(self._connection, filters, _AT_ONCE, cursor, oldest_first=True)
            yield from map(_change, page.entries)
            cursor = page.next_cursor
            if not cursor:
                return


def _change(entry: dict[str, Any]) -> ChangeMade:
    actor = entry["actor"]
    return ChangeMade(
        position=entry["position"], at=parse_instant(entry["occurred_at"]), account=entry["account"],
        event=entry["event"], action=entry["action"], actor=actor["arn"], access_key=actor["access_key"],
        session=entry["session"], source_ip=entry["source_ip"], user_agent=entry["user_agent"], mfa=actor["mfa"],
        is_forgotten=entry["details_forgotten"], targets=tuple(entry["targets"] or ()), outcome=entry["outcome"],
        error_code=entry["error_code"], source=entry["source"], evidence=entry["evidence"],
    )  # fmt: skip
