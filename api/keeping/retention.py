"""Retention periods: how long evidence, activity and decisions are kept. The database applies them (the function
apply_retention): it reads periods and holds from the log, and deletes nothing earlier."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import msgspec

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.keeping.own_settings import MalformedWords, current, one_at_a_time, put
from erstwhile.domain.events import Actor
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.decision_rows import count_before, drop_before
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile.retention")

KINDS = ("evidence", "activity", "decisions")
CATEGORY, APPLIED = "retention", "retention-applied"
DECISIONS = 400
"""Days that decisions are kept where nobody decided: a year, which PCI DSS 4.0.1 10.5.1 asks of audit logs, and the
month in which an auditor looks at it. They are the one log that grows with questions, not with changes. Evidence and
activity are kept until somebody decides."""
MOST = 36_500
EVERY = 86_400.0
"""Seconds between two applications by a server."""
FIRST = 60.0
"""Seconds after its start."""


class Period(msgspec.Struct, frozen=True):
    """`days`: None for ever; `applied`: what is older than this instant is gone; `is_default`: nobody decided."""

    kind: str
    days: int | None
    is_default: bool
    applied: str = ""


class Applied(msgspec.Struct, frozen=True):
    """How many rows (of evidence: blocks of records) are gone, of what is older than `before`."""

    kind: str
    before: datetime
    deleted: int


def require_kind(kind: str) -> str:
    """Raises MalformedWords."""
    if kind not in KINDS:
        raise MalformedWords(f"{kind[:40]!r} has no retention period; {', '.join(KINDS)} have one")
    return kind


def set_period(connection: Connection, kind: str, days: int | None, caller: Provenance) -> None:
    """`days` None: for ever. Raises MalformedWords."""
    require_kind(kind)
    if days is not None and not 1 <= days <= MOST:
        raise MalformedWords(f"a period has 1 to {MOST:,} days, not {days}")
    with connection.transaction():
        one_at_a_time(connection)
        put(connection, CATEGORY, kind, {"days": str(days)} if days is not None else {}, caller)


def periods(connection: Connection) -> list[Period]:
    decided, applied = current(connection, CATEGORY), current(connection, APPLIED)
    return [_period(kind, decided.get(kind), applied.get(kind, {}).get("before", "")) for kind in KINDS]


def gone_before(connection: Connection) -> dict[str, str]:
    """Evidence, activity, decisions → before which instant they were deleted, where they were."""
    return {kind: attributes["before"] for kind, attributes in current(connection, APPLIED).items()}


def _period(kind: str, decided: dict[str, str] | None, applied: str) -> Period:
    if decided is None:
        return Period(kind, DECISIONS if kind == "decisions" else None, True, applied)
    return Period(kind, int(decided["days"]) if "days" in decided else None, False, applied)


def apply(connection: Connection, caller: Provenance) -> list[Applied]:
    """Deletes what is older than its period and not held, and records that as events; of each kind in one transaction.
    With the service's rights."""
    connection.execute("SET statement_timeout = 0")
    found = []
    for kind in KINDS:
        with connection.transaction():
            one_at_a_time(connection)
            [(before, deleted)] = connection.execute(
                "SELECT before, deleted FROM apply_retention(%s, %s)", (kind, DECISIONS)
            ).fetchall()
            if deleted:
                told = {"before": format_instant(before), "deleted": str(deleted)}
                put(connection, APPLIED, kind, told, caller)
                found.append(Applied(kind, before, deleted))
    return found


def prune(connection: Connection, day: date, caller: Provenance) -> int:
    """Drops the days of decisions before this one, and records that as an event; returns how many days. With the
    owner's rights."""
    connection.execute("SET statement_timeout = 0")
    with connection.transaction():
        one_at_a_time(connection)
        # In the order in which a writer takes them, who needs a new day.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('erstwhile.partition'))")
        connection.execute("LOCK TABLE decision IN SHARE ROW EXCLUSIVE MODE")
        deleted = count_before(connection, day)
        dropped = drop_before(connection, day)
        if deleted:
            before = format_instant(datetime.combine(day, time.min, UTC))
            put(connection, APPLIED, "decisions", {"before": before, "deleted": str(deleted)}, caller)
    return dropped


class RetentionThread(Rounds):
    """Of a server: applies the periods each day."""

    words = "retention periods are not applied"

    def __init__(self, connect: Callable[[], Connection]) -> None:
        super().__init__("retention", log, first=FIRST)
        self._connect = connect

    def _round(self) -> float:
        with self._connect() as connection:
            found = apply(connection, Provenance(Actor(type="Server"), action="erstwhile:ApplyRetention"))
        for each in found:
            log.warning("%s %s older than %s are deleted", each.deleted, each.kind, format_instant(each.before))
        return EVERY

    def _after(self, error: Exception) -> float:
        return FIRST
