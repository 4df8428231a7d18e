"""Lists the entities of a kind, and the access keys, that existed at an instant, in pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from erstwhile.domain.directory.attributes import VANISHED
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.cursors import cursor_of, place_of
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant
from erstwhile.projections.entities import arn_of, begun, partitions_of
from erstwhile.projections.filters import Page
from erstwhile.projections.sql import Connection, instant_text, with_infinity
from erstwhile.projections.vanished import vanished

KINDS = {
    "users": "user", "roles": "role", "groups": "group", "policies": "policy", "keys": "access_key",
    "resources": "resource",
}  # fmt: skip
"""Listing → the kind of its entities; `access_key` is an attribute of users and roots."""
_THEN = (
    "valid_from <= %(at)s::timestamptz AND valid_to > %(at)s::timestamptz "
    "AND recorded_from <= %(known)s AND recorded_to > %(known)s"
)
_WHOSE = "CASE WHEN %(account)s = '' THEN account <> %(aws)s ELSE account = %(account)s END"
_NAME = "left(lower(value->>'name'), 200)"
_ENTITIES = (
    "SELECT account, kind, entity, attribute, item, value, valid_from, opened_by, "
    f"CASE WHEN valid_to < 'infinity' THEN closed_by END, {_NAME} FROM fact "
    f"WHERE attribute = 'entity' AND kind = %(kind)s AND {_THEN} AND {_WHOSE} "
    f"AND ({_NAME}, account, entity) > (%(name)s, %(after)s, %(id)s) ORDER BY {_NAME}, account, entity LIMIT %(limit)s"
)
_KEYS = (
    "SELECT item, account, kind, entity, value, valid_from, (SELECT h.value FROM fact h "
    "WHERE (h.account, h.kind, h.entity) = (fact.account, fact.kind, fact.entity) AND h.attribute = 'entity' "
    "AND h.valid_from <= %(at)s::timestamptz AND h.valid_to > %(at)s::timestamptz "
    "AND h.recorded_from <= %(known)s AND h.recorded_to > %(known)s) FROM fact "
    f"WHERE attribute = 'access_key' AND {_THEN} AND {_WHOSE} "
    "AND (item, account, entity) > (%(name)s, %(after)s, %(id)s) ORDER BY item, account, entity LIMIT %(limit)s"
)


def list_page(
    connection: Connection,
    listing: str,
    as_of: datetime,
    known_at: int,
    account: str = "",
    limit: int = 50,
    cursor: str = "",
) -> Page:
    """A page of one of the `KINDS`, in the order of names (of keys: their ids), of one account or of all. AWS's own
    policies are listed for the account `aws` alone. Raises MalformedCursor."""
    name, after, unique_id = place_of(f"list {listing}", cursor, 3) if cursor else ("", "", "")
    with_infinity(connection)
    arguments = {
        "kind": KINDS[listing], "at": instant_text(as_of), "known": known_at, "account": account, "aws": AWS_MANAGED,
        "name": name, "after": after, "id": unique_id, "limit": limit + 1,
    }  # fmt: skip
    rows = connection.execute(_KEYS if listing == "keys" else _ENTITIES, arguments).fetchall()
    shown = rows[:limit]
    next_cursor = ""
    if len(rows) > limit:
        last = shown[-1]
        place = (last[0], last[1], last[3]) if listing == "keys" else (last[9], last[0], last[2])
        next_cursor = cursor_of(f"list {listing}", *place)
    at = 1 if listing == "keys" else 0
    partitions = partitions_of(connection, {row[at] for row in shown}, known_at)
    if listing == "keys":
        return Page([_key(row, partitions) for row in shown], next_cursor)
    unsure = _unsure(connection, shown, as_of, known_at)
    return Page([_entity(row, partitions, unsure) for row in shown], next_cursor)


def _unsure(
    connection: Connection, rows: list[tuple[Any, ...]], as_of: datetime, known_at: int
) -> dict[EntityKey, dict[str, str]]:
    """Those that may have been deleted before the instant: between which two instants they were."""
    found = vanished(connection, [row[:9] for row in rows], as_of, known_at)
    return {(account, kind, entity): fact.value for account, kind, entity, what, _, fact in found if what == VANISHED}


def _entity(
    row: tuple[Any, ...], partitions: dict[str, str], unsure: dict[EntityKey, dict[str, str]]
) -> dict[str, Any]:
    account, kind, unique_id, _, _, value, since, *_ = row
    found = {
        "kind": kind,
        "account": account,
        "name": str(value.get("name") or ""),
        "arn": arn_of(account, kind, unique_id, value, partitions.get(account, "aws")),
        "unique_id": unique_id,
        "since": _since(begun(value, None if since == BEFORE else since)) or value.get("created_at") or None,
    }
    if (account, kind, unique_id) in unsure:
        found["vanished"] = unsure[account, kind, unique_id]
    return found


def _key(row: tuple[Any, ...], partitions: dict[str, str]) -> dict[str, Any]:
    item, account, kind, unique_id, value, since, holder = row
    return {
        "kind": "access_key",
        "account": account,
        "name": item,
        "arn": arn_of(account, kind, unique_id, holder or {}, partitions.get(account, "aws")),
        "unique_id": unique_id,
        "since": value.get("made") or _since(None if since == BEFORE else since),
        "status": value.get("status", ""),
    }


def _since(instant: datetime | None) -> str | None:
    return None if instant is None or instant == FOREVER else format_instant(instant)
