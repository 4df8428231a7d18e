"""Coverage: what is known and what is not. Every answer contains the part about its accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant
from erstwhile.projections.account_records import KnownRecords, Records, accounts_with_records
from erstwhile.projections.answer_ground import AnswerGround, answer_ground
from erstwhile.projections.boot import Columns, checkpoint
from erstwhile.projections.cautions import listing_notes, nothing_known
from erstwhile.projections.columns.uncovered import uncovered
from erstwhile.projections.listings import KnownListings
from erstwhile.projections.projector import READ_MODELS
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection, instant_text
from erstwhile.projections.unseen_documents import UnseenDocuments

PRINCIPALS_SHOWN = 20
"""Principals whose policies no source has shown, that an answer names."""
_AT = (
    "{0}.valid_from <= %(at)s::timestamptz AND {0}.valid_to > %(at)s::timestamptz "
    "AND {0}.recorded_from <= %(known)s AND {0}.recorded_to > %(known)s"
)
_UNCOVERED = (
    "SELECT c.account || ':' || c.kind || '/' || coalesce((SELECT e.value->>'name' FROM fact e "
    "WHERE e.account = c.account AND e.kind = c.kind AND e.entity = c.entity AND e.attribute = 'entity' "
    f"AND {_AT.format('e')}), '') FROM fact c WHERE c.attribute = 'coverage' AND c.kind IN ('user', 'role') "
    f"AND {_AT.format('c')} AND c.account <> %(aws)s"
)


class KnownCoverage:
    """What a process keeps for the coverage of its answers. Any thread may use it."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.records = KnownRecords()
        self.listings = KnownListings()
        self.documents = UnseenDocuments()

    def read(self, connection: Connection, known_at: int) -> None:
        """Reads what is kept, as known at a log position: else the first question does."""
        self.records.of(connection, accounts_with_records(connection), known_at)
        self.listings.around(connection, (), BEFORE, known_at)
        self.documents.at(self.columns(known_at), BEFORE)


def account_coverage(connection: Connection, known_at: int, known: KnownCoverage | None = None) -> list[dict[str, Any]]:
    """Returns for each account: first and last record, number of records, late records, and the hours without any."""
    records = known.records if known is not None else KnownRecords()
    return [each.as_json for each in records.of(connection, accounts_with_records(connection), known_at)]


def times_without_records(
    connection: Connection, account: str, known_at: int, known: KnownCoverage | None = None
) -> list[tuple[datetime, datetime]]:
    """When no record tells of an account: before the first, in the gaps between, and after the last."""
    records = known.records if known is not None else KnownRecords()
    for each in records.of(connection, [account], known_at):
        return [(BEFORE, each.first), *each.gaps, (each.last + timedelta(microseconds=1), FOREVER)]
    return [(BEFORE, FOREVER)]


def projection_lag(connection: Connection) -> dict[str, dict[str, int]]:
    """Read model → number of events by which it is behind the log."""
    top = EventLog.within(connection).head()
    return {name: {"position": at, "lag": top - at} for name in READ_MODELS for at in (checkpoint(connection, name),)}


def missing_documents(as_of: datetime, known_at: int, known: KnownCoverage) -> list[str]:
    """Managed policies in use whose document is unknown, and the reason."""
    return known.documents.at(known.columns(known_at), as_of)


def catalogue(connection: Connection) -> dict[str, Any]:
    """The number of known versions of AWS-managed policies, and the date of the last one."""
    [(versions, last)] = connection.execute(
        "SELECT count(*), max(occurred_at) FROM event WHERE account = %s AND type = 'iam.PolicyVersionCreated'",
        (AWS_MANAGED,),
    ).fetchall()
    return {"versions": versions, "last_version": format_instant(last) if last else None}


def uncovered_principals(connection: Connection, as_of: datetime, known_at: int) -> list[str]:
    """Principals that records show, but whose policies no source has shown."""
    arguments = {"at": instant_text(as_of), "known": known_at, "aws": AWS_MANAGED}
    rows = connection.execute(_UNCOVERED, arguments).fetchall()
    return sorted(name for (name,) in rows)


def coverage_of(
    connection: Connection,
    directory: Directory,
    as_of: datetime,
    accounts: list[str],
    known: KnownCoverage,
    looked: Callable[[], AnswerGround] | None = None,
) -> dict[str, Any]:
    """The coverage of an answer about an instant and some accounts: the records around it, the missing ones, and
    cautions in words. `looked`: waits for the ground of this answer, where that was asked for already."""
    known_at = directory.position
    recorded = known.records.of(connection, accounts, known_at)
    notes = cautions(connection, directory, as_of, accounts, known, recorded)
    history = known.columns(known_at)
    hidden = uncovered(history, as_of, accounts, PRINCIPALS_SHOWN)
    missing = known.documents.at(history, as_of)
    ground = looked() if looked is not None else answer_ground(connection, accounts, as_of, known_at)
    if ground.changed is not None and ground.changed >= as_of.replace(microsecond=0):
        notes.append("access changed within this second; CloudTrail tells no order within a second")
    elif ground.changed is not None:
        seconds = int((as_of - ground.changed).total_seconds())
        notes.append(f"access changed {seconds} s before; AWS may not have let it come into force yet")
    if ground.are_apart:
        notes += _left_out(set_apart(connection, known_at, accounts))
    return {
        "accounts": [each.as_json for each in recorded],
        "missing_documents": missing,
        "principals_never_covered": hidden.first,
        "principals_never_covered_in_all": hidden.in_all,
        "notes": notes,
    }


def cautions(
    connection: Connection,
    directory: Directory,
    as_of: datetime,
    accounts: Collection[str],
    known: KnownCoverage,
    recorded: Sequence[Records] | None = None,
) -> list[str]:
    """What is not known of accounts at an instant, in words: records that are missing around it, or a listing.
    `recorded`: the records of these accounts, where they were read already."""
    modes = {account: directory.mode(account) for account in accounts}
    if recorded is None:
        recorded = known.records.of(connection, accounts, directory.position)
    notes: list[str] = []
    for each in recorded:
        notes += each.notes(as_of, modes[each.account])
    notes += nothing_known(directory) if not any(modes.values()) else []  # an account is known: no need to list them
    around = known.listings.around(connection, modes, as_of, directory.position)
    return notes + listing_notes(around, as_of, modes, {each.account for each in recorded})


def _left_out(apart: dict[str, Any]) -> Iterator[str]:
    if apart["count"]:
        some = ", ".join(str(each["position"]) for each in apart["events"])
        yield f"{apart['count']} events cannot be applied and are left out, the last at {some}; see status"
