"""The coverage of an answer, found by walking over everything: slow, and obvious. Tests compare with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.vocabulary.instants import ceil_hour
from erstwhile.domain.vocabulary.slots import account_slot
from erstwhile.projections.account_records import Records
from erstwhile.projections.answer_ground import PROPAGATION
from erstwhile.projections.cautions import listing_notes, nothing_known
from erstwhile.projections.coverage import PRINCIPALS_SHOWN
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection, instant_text

_LISTINGS = (
    "SELECT e.account, max(e.occurred_at) FILTER (WHERE e.occurred_at <= %(at)s::timestamptz), "
    "min(e.occurred_at) FILTER (WHERE e.occurred_at > %(at)s::timestamptz) "
    "FROM event_tag t JOIN event e USING (position) "
    "WHERE t.tag = ANY (%(tags)s) AND t.type = 'iam.SnapshotTaken' AND t.position <= %(known)s GROUP BY e.account"
)


def _records(connection: Connection, known_at: int) -> Iterator[Records]:
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
        yield Records.of(account, first, last, records, late, gaps)


def missing_documents(directory: Directory) -> list[str]:
    """Managed policies in use whose document is unknown, and the reason."""
    used: set[tuple[str, str]] = set()
    for entity in directory.of_kind("user", "group", "role"):
        used |= {(arn, entity.account) for arn in entity.attached_policies}
        if entity.boundary is not None:
            used.add((entity.boundary, entity.account))
    return sorted({found.why for each in used if (found := managed(directory, *each)).document is None})


def _uncovered(directory: Directory) -> list[Entity]:
    return sorted((e for e in directory.of_kind("user", "role") if not e.is_covered), key=lambda each: each.key)


def uncovered_principals(directory: Directory) -> list[str]:
    """Principals that records show, but whose policies no source has shown."""
    return sorted(f"{e.account}:{e.kind}/{e.name}" for e in _uncovered(directory))


def coverage_of(connection: Connection, directory: Directory, as_of: datetime, accounts: list[str]) -> dict[str, Any]:
    """The coverage of an answer about an instant: the records around it, the missing ones, and cautions in words."""
    notes: list[str] = []
    known = [each for each in _records(connection, directory.position) if each.account in accounts]
    for each in known:
        notes += each.notes(as_of, directory.mode(each.account))
    notes += nothing_known(directory)
    modes = {account: directory.mode(account) for account in accounts}
    arguments = {
        "at": instant_text(as_of), "known": directory.position, "tags": [account_slot(each).text for each in accounts],
    }  # fmt: skip
    listings = connection.execute(_LISTINGS, arguments).fetchall()
    notes += listing_notes(listings, as_of, modes, {each.account for each in known})
    second = as_of.replace(microsecond=0)
    rows = connection.execute(
        "SELECT max(occurred_at) FROM audit WHERE account = ANY (%s) AND outcome = 'success' "
        "AND event_type <> 'iam.SignedIn' AND source = 'cloudtrail' AND position <= %s "
        "AND occurred_at > %s::timestamptz AND occurred_at < %s::timestamptz",
        (accounts, directory.position, instant_text(as_of - PROPAGATION), instant_text(second + timedelta(seconds=1))),
    ).fetchone()
    changed = rows[0] if rows else None
    if changed is not None and changed >= second:
        notes.append("access changed within this second; CloudTrail tells no order within a second")
    elif changed is not None:
        seconds = int((as_of - changed).total_seconds())
        notes.append(f"access changed {seconds} s before; AWS may not have let it come into force yet")
    apart = set_apart(connection, directory.position, accounts)
    if apart["count"]:
        some = ", ".join(str(each["position"]) for each in apart["events"])
        notes.append(f"{apart['count']} events cannot be applied and are left out, the last at {some}; see status")
    missing = missing_documents(directory)
    hidden = [each for each in _uncovered(directory) if each.account in accounts]
    return {
        "accounts": [each.as_json for each in known],
        "missing_documents": missing,
        "principals_never_covered": sorted(f"{e.account}:{e.kind}/{e.name}" for e in hidden[:PRINCIPALS_SHOWN]),
        "principals_never_covered_in_all": len(hidden),
        "notes": notes,
    }
