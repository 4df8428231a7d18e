"""Coverage: what is known and what is not. Every answer contains the part about its accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, ceil_hour, format_instant
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.cautions import listing_notes, nothing_known
from erstwhile.projections.projector import READ_MODELS
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection, instant_text

PROPAGATION = timedelta(seconds=10)
"""How long a change may take to take effect everywhere in AWS; a cautious estimate, because AWS promises no time."""

_GAPS_SHOWN = 20


class _Records(NamedTuple):
    """The records of an account: first and last instant, number, number of late records, and gaps."""

    account: str
    first: datetime
    last: datetime
    records: int
    late: int
    gaps: list[tuple[datetime, datetime]]

    def as_json(self) -> dict[str, Any]:
        shown = self.gaps[:_GAPS_SHOWN]
        return {
            "account": self.account,
            "first_record": format_instant(self.first),
            "last_record": format_instant(self.last),
            "records": self.records,
            "late_records": self.late,
            "gaps": [{"from": format_instant(begin), "to": format_instant(end)} for begin, end in shown],
            "gaps_in_all": len(self.gaps),
        }

    def notes(self, as_of: datetime, mode: str | None) -> Iterator[str]:
        """Cautions about an instant for which records are missing."""
        if as_of > self.last and mode == "observed":
            last = format_instant(self.last)
            yield f"no records of {self.account} after {last}: changes since are not known"
        if as_of < self.first:
            first = format_instant(self.first)
            yield f"no records of {self.account} before {first}: the past before is not known"
        for begin, end in self.gaps:
            if begin <= as_of < end:
                yield f"no records of {self.account} from {format_instant(begin)} to {format_instant(end)}"


def _records(connection: Connection, known_at: int) -> Iterator[_Records]:
    totals = connection.execute(
        "SELECT account, min(first_at), max(last_at), sum(records)::bigint, sum(late_records)::bigint "
        "FROM account_coverage WHERE position <= %s GROUP BY account ORDER BY account",
        (known_at,),
    ).fetchall()
    for account, first, last, records, late in totals:
        hours = connection.execute(
            "SELECT day_hour, lead(day_hour) OVER (ORDER BY day_hour) FROM (SELECT DISTINCT day_hour "
            "FROM account_coverage WHERE account = %s AND position <= %s) AS hours ORDER BY day_hour",
            (account, known_at),
        ).fetchall()
        gaps = [
            (ceil_hour(here), after) for here, after in hours if after is not None and after - here > timedelta(hours=1)
        ]
        yield _Records(account, first, last, records, late, gaps)


def account_coverage(connection: Connection, known_at: int) -> list[dict[str, Any]]:
    """Returns for each account: first and last record, number of records, late records, and the hours without any."""
    return [each.as_json() for each in _records(connection, known_at)]


def times_without_records(connection: Connection, account: str, known_at: int) -> list[tuple[datetime, datetime]]:
    """When no record tells of an account: before the first, in the gaps between, and after the last."""
    for each in _records(connection, known_at):
        if each.account == account:
            return [(BEFORE, each.first), *each.gaps, (each.last + timedelta(microseconds=1), FOREVER)]
    return [(BEFORE, FOREVER)]


def projection_lag(connection: Connection) -> dict[str, dict[str, int]]:
    """Read model → number of events by which it is behind the log."""
    top = EventLog.within(connection).head()
    return {name: {"position": at, "lag": top - at} for name in READ_MODELS for at in (checkpoint(connection, name),)}


def missing_documents(directory: Directory) -> list[str]:
    """Managed policies in use whose document is unknown, and the reason."""
    used: set[tuple[str, str]] = set()
    for entity in directory.of_kind("user", "group", "role"):
        used |= {(arn, entity.account) for arn in entity.attached_policies}
        if entity.boundary is not None:
            used.add((entity.boundary, entity.account))
    return sorted({found.why for each in used if (found := managed(directory, *each)).document is None})


def catalogue(connection: Connection) -> dict[str, Any]:
    """The number of known versions of AWS-managed policies, and the date of the last one."""
    [(versions, last)] = connection.execute(
        "SELECT count(*), max(occurred_at) FROM event WHERE account = %s AND type = 'iam.PolicyVersionCreated'",
        (AWS_MANAGED,),
    ).fetchall()
    return {"versions": versions, "last_version": format_instant(last) if last else None}


def uncovered_principals(directory: Directory) -> list[str]:
    """Principals that records show, but whose policies no source has shown."""
    return sorted(f"{e.account}:{e.kind}/{e.name}" for e in directory.of_kind("user", "role") if not e.is_covered)


def coverage_of(
    connection: Connection, directory: Directory, as_of: datetime, accounts: list[str] | None = None
) -> dict[str, Any]:
    """The coverage of an answer about an instant: the records around it, the missing ones, and cautions in words."""
    notes: list[str] = []
    wanted = accounts if accounts is not None else directory.accounts()
    known = [each for each in _records(connection, directory.position) if each.account in wanted]
    for each in known:
        notes += each.notes(as_of, directory.mode(each.account))
    notes += nothing_known(directory)
    notes += listing_notes(connection, directory, as_of, wanted, {each.account for each in known})
    second = as_of.replace(microsecond=0)
    rows = connection.execute(
        "SELECT max(occurred_at) FROM audit WHERE account = ANY (%s) AND outcome = 'success' "
        "AND event_type <> 'iam.SignedIn' AND source = 'cloudtrail' AND position <= %s "
        "AND occurred_at > %s::timestamptz AND occurred_at < %s::timestamptz",
        (wanted, directory.position, instant_text(as_of - PROPAGATION), instant_text(second + timedelta(seconds=1))),
    ).fetchone()
    changed = rows[0] if rows else None
    if changed is not None and changed >= second:
        notes.append("access changed within this second; CloudTrail tells no order within a second")
    elif changed is not None:
        seconds = int((as_of - changed).total_seconds())
        notes.append(f"access changed {seconds} s before; AWS may not have let it come into force yet")
    apart = set_apart(connection, directory.position, wanted)
    if apart["count"]:
        some = ", ".join(str(each["position"]) for each in apart["events"])
        notes.append(f"{apart['count']} events cannot be applied and are left out, the last at {some}; see status")
    missing = missing_documents(directory)
    hidden = [name for name in uncovered_principals(directory) if name.split(":")[0] in wanted]
    return {
        "accounts": [each.as_json() for each in known],
        "missing_documents": missing,
        "principals_never_covered": hidden,
        "notes": notes,
    }
