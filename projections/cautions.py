"""Cautions about accounts that are known from snapshots: how old the snapshot is, and what is known of a later time
only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection, instant_text, with_infinity

_FIRST_LISTINGS = (
    "SELECT k.account, k.kind, k.entity, min(c.valid_to) "
    "FROM unnest(%(accounts)s::text[], %(kinds)s::text[], %(ids)s::text[]) AS k (account, kind, entity) "
    "JOIN fact c USING (account, kind, entity) JOIN fact e USING (account, kind, entity) "
    "WHERE c.attribute = 'coverage' AND c.valid_from <= %(at)s::timestamptz AND c.valid_to > %(at)s::timestamptz "
    "AND c.valid_to < 'infinity' AND c.recorded_from <= %(known)s AND c.recorded_to > %(known)s "
    "AND e.attribute = 'entity' AND e.valid_from <= c.valid_to AND e.valid_to > c.valid_to "
    "AND e.recorded_from <= %(known)s AND e.recorded_to > %(known)s GROUP BY k.account, k.kind, k.entity"
)
"""Coverage facts that ended together with the principal: its end is not a snapshot of its policies."""


def nothing_known(directory: Directory) -> list[str]:
    """The caution that nothing was imported, where no account is known."""
    if directory.accounts():
        return []
    return ["nothing was imported: no account is known, and nobody's being absent here means anything"]


def listing_notes(
    listings: Iterable[tuple[str, datetime | None, datetime | None]],
    as_of: datetime,
    modes: Mapping[str, str | None],
    recorded: Collection[str],
) -> list[str]:
    """Cautions about observed accounts without records (those in `recorded` have some): the age of the last snapshot,
    or that the first snapshot is later than the question's instant. `listings`: `KnownListings.around`."""
    notes = []
    for account, last, after in listings:
        if modes[account] != "observed":
            continue
        if last is not None and account not in recorded and as_of > last:
            notes.append(
                f"{account} is known from a listing of {format_instant(last)} alone, {_age(as_of - last)} before: "
                "changes since are not known"
            )
        if last is None and after is not None:
            notes.append(
                f"known later: {account} was first listed at {format_instant(after)}; what of it was there before, and "
                "with which policies, is not known"
            )
    return sorted(notes)


def first_listed(
    connection: Connection, directory: Directory, principals: Iterable[str], as_of: datetime
) -> dict[str, str]:
    """When a snapshot first listed the policies of those principals whose policies are unknown at an instant. One query
    for all of them."""
    found = {principal: directory.with_arn(principal) for principal in principals}
    unknown = {
        principal: entity.key for principal, entity in found.items() if entity is not None and not entity.is_covered
    }
    return first_listings(connection, unknown, as_of, directory.position)


def first_listings(
    connection: Connection, unknown: Mapping[str, EntityKey], as_of: datetime, known_at: int
) -> dict[str, str]:
    """As `first_listed`, of principals whose policies are unknown at the instant, with their keys."""
    if not unknown:
        return {}
    accounts, kinds, ids = (list(column) for column in zip(*unknown.values(), strict=True))
    arguments = {
        "accounts": accounts, "kinds": kinds, "ids": ids, "at": instant_text(as_of), "known": known_at,
    }  # fmt: skip
    rows = with_infinity(connection).execute(_FIRST_LISTINGS, arguments).fetchall()
    at = {(account, kind, unique_id): listed for account, kind, unique_id, listed in rows}
    return {principal: format_instant(at[key]) for principal, key in unknown.items() if key in at}


def listed_later(connection: Connection, directory: Directory, principal: str, as_of: datetime) -> tuple[str, ...]:
    """The caution about it in words; none where the policies are known at the instant, or never became known."""
    later = first_listed(connection, directory, [principal], as_of).get(principal)
    return () if later is None else (f"known later: the policies of {principal} were first listed at {later}",)


def _age(passed: timedelta) -> str:
    for unit, seconds in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if passed.total_seconds() >= 2 * seconds:
            return f"{int(passed.total_seconds() // seconds)} {unit}"
    return f"{int(passed.total_seconds())} seconds"
