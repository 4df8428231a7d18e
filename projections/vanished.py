"""Finds principals that vanished: no record shows their deletion, but a snapshot lacks them or has another principal
under their name. The deletion was between the last sign of the principal and the snapshot.

The last sign is looked up for each question, because a later import may contain a later sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from erstwhile.domain.directory.attributes import VANISHED
from erstwhile.domain.directory.facts import EntityKey, Fact, Value
from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.slots import id_slot, name_slot
from erstwhile.projections.sql import Connection, instant_text

KINDS = ("user", "role", "group")
"""The kinds of entities that this module finds."""
_ENDED_BY = (
    "SELECT position, type IN ('iam.SnapshotTaken', 'iam.UserDeleted', 'iam.RoleDeleted', 'iam.GroupDeleted'), "
    "occurred_at FROM event WHERE position = ANY (%s) "
    "AND (type IN ('iam.SnapshotTaken', 'iam.EntityListed') OR data ? 'between')"
)
_GO_ON = (
    "SELECT f.account, f.kind, f.entity FROM fact f "
    "JOIN unnest(%(accounts)s::text[], %(kinds)s::text[], %(ids)s::text[], %(ends)s::timestamptz[]) "
    "AS k (account, kind, entity, at) USING (account, kind, entity) "
    "WHERE f.attribute = 'entity' AND f.valid_from = k.at AND f.valid_to > k.at "
    "AND f.recorded_from <= %(known)s AND f.recorded_to > %(known)s"
)
"""Entities that a snapshot described anew at the instant, so that they continued to exist."""
_SIGN = (
    "SELECT e.occurred_at FROM event_tag t JOIN event e USING (position) "
    "WHERE t.tag = ANY (ARRAY[k.name_tag, k.id_tag]) AND t.type {} 'iam.PrincipalSeen' AND t.position <= %(known)s "
    "AND e.account = k.account AND e.occurred_at >= k.since AND e.occurred_at < k.until "
    "ORDER BY e.occurred_at {} LIMIT 1"
)
_LAST_SIGNS = (
    "SELECT greatest(s.at, (SELECT a.occurred_at FROM activity a JOIN evidence_block b USING (block_id) "
    "WHERE a.principal = k.arn AND a.account = k.account AND a.occurred_at < k.until "
    "AND a.occurred_at > coalesce(s.at, k.since) AND a.day <= (k.until AT TIME ZONE 'UTC')::date "
    "AND a.day >= (coalesce(s.at, k.since) AT TIME ZONE 'UTC')::date "
    "AND b.position <= %(known)s ORDER BY a.occurred_at DESC LIMIT 1)) "
    "FROM unnest(%(accounts)s::text[], %(arns)s::text[], %(names)s::text[], %(ids)s::text[], "
    "%(begins)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY "
    "AS k (account, arn, name_tag, id_tag, since, until, number), "
    # Which later sightings the log contains depends on the order of imports; it always contains the first one.
    f"LATERAL (SELECT greatest(({_SIGN.format('<>', 'DESC')}), ({_SIGN.format('=', 'ASC')})) AS at) AS s "
    "ORDER BY k.number"
)
FactRow = tuple[str, str, str, str, str, Fact]


class Ended(NamedTuple):
    """A principal whose row of history ends: what the row says, and the interval that its last sign lies in."""

    key: EntityKey
    value: Value
    since: datetime
    until: datetime


def ended_by_listings(connection: Connection, positions: list[int]) -> list[tuple[int, bool, datetime]]:
    """The events at these positions that are listings, or follow from one: the position, whether it is sure that the
    entity ended then (otherwise it was described anew, or another took its name), and the instant."""
    return connection.execute(_ENDED_BY, (positions,)).fetchall()


def last_signs(connection: Connection, gone: list[Ended], known_at: int) -> list[datetime | None]:
    """The instant of the last event or call that shows that each existed, as known at a log position."""
    if not gone:
        return []
    rows = connection.execute(
        _LAST_SIGNS,
        {
            "accounts": [each.key[0] for each in gone],
            "arns": [_arn(each) for each in gone],
            "names": [name_slot(each.key[0], each.key[1], each.value["name"]).stored for each in gone],
            "ids": [id_slot(each.key[1], each.key[2]).stored for each in gone],
            "begins": [instant_text(each.since) for each in gone],
            "ends": [instant_text(each.until) for each in gone],
            "known": known_at,
        },
    )
    return [row[0] for row in rows]


def vanished_value(after: datetime, until: datetime) -> Value:
    return {"after": format_instant(after), "until": format_instant(until)}


def _arn(ended: Ended) -> str:
    (account, kind, _), value = ended.key, ended.value
    return str(value.get("arn") or entity_arn(account, kind, str(value.get("path") or "/"), str(value["name"])))


class _Gone(NamedTuple):
    row: tuple[Any, ...]
    position: int
    surely: bool
    until: datetime

    @property
    def key(self) -> EntityKey:
        account, kind, entity = self.row[:3]
        return account, kind, entity


def vanished(
    connection: Connection, rows: Iterable[tuple[Any, ...]], as_of: datetime, known_at: int
) -> Iterator[FactRow]:
    """The `vanished` facts of principals that a later snapshot lacks and that gave no sign between `as_of` and that
    snapshot: it is unknown whether they still existed at `as_of`. `rows` are the facts at `as_of`; the ninth column is
    the position of the event that ended an entity or described it anew, if any."""
    changed: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[8] is not None and row[1] in KINDS:
            changed.setdefault(row[8], []).append(row)
    if not changed:
        return
    ended = [
        _Gone(row, position, surely, until)
        for position, surely, until in ended_by_listings(connection, sorted(changed))
        for row in changed[position]
    ]
    described = _going_on(connection, [each for each in ended if not each.surely], known_at)
    gone = [each for each in ended if each.surely or each.key not in described]
    asked = [Ended(each.key, each.row[5], each.row[6], each.until) for each in gone]
    for each, after in zip(gone, last_signs(connection, asked, known_at), strict=True):
        if after is not None and after < as_of:
            yield *each.key, VANISHED, "", Fact(vanished_value(after, each.until), as_of, each.position)


def _going_on(connection: Connection, changed: list[_Gone], known_at: int) -> set[EntityKey]:
    if not changed:
        return set()
    accounts, kinds, ids = (list(column) for column in zip(*(each.key for each in changed), strict=True))
    rows = connection.execute(
        _GO_ON,
        {
            "accounts": accounts,
            "kinds": kinds,
            "ids": ids,
            "ends": [instant_text(each.until) for each in changed],
            "known": known_at,
        },
    )
    return {(account, kind, entity) for account, kind, entity in rows}
