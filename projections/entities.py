"""Finds entities by what people call them, at any time of their lives: a name, an ARN, a unique id, an access key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, parse_instant
from erstwhile.projections.sql import Connection, with_infinity

INDEXED = 200
"""Characters of a name that its index has."""
_KNOWN = "recorded_from <= %(known)s AND recorded_to > %(known)s"
_NAMED = (
    "SELECT DISTINCT account, kind, entity FROM fact WHERE attribute = 'entity' AND kind = ANY (%(kinds)s) "
    "AND left(lower(value->>'name'), 200) = %(start)s AND lower(value->>'name') = %(name)s "
    f"AND (%(account)s = '' OR account = %(account)s) AND {_KNOWN}"
)
_OF_ID = (
    "SELECT DISTINCT account, kind, entity FROM fact WHERE attribute = 'entity' AND entity = ANY (%(ids)s) "
    f"AND kind = ANY (%(kinds)s) AND {_KNOWN}"
)
_OF_KEY = (
    "SELECT DISTINCT account, kind, entity FROM fact "
    f"WHERE attribute = 'access_key' AND item = %(item)s AND kind = ANY (%(kinds)s) AND {_KNOWN}"
)
_OF_INLINE = (
    "SELECT DISTINCT account, kind, entity, item FROM fact WHERE attribute = 'inline' "
    f"AND left(lower(item), 200) = %(start)s AND lower(item) = %(name)s AND {_KNOWN}"
)
_KEY = "unnest(%(accounts)s::text[], %(kinds)s::text[], %(ids)s::text[]) AS k (account, kind, entity)"
_SPANS = (
    "SELECT f.account, f.kind, f.entity, f.value, f.valid_from, f.valid_to "
    f"FROM {_KEY} JOIN fact f USING (account, kind, entity) "
    "WHERE f.attribute = %(attribute)s AND f.item = %(item)s "
    "AND f.recorded_from <= %(known)s AND f.recorded_to > %(known)s ORDER BY f.account, f.kind, f.entity, f.valid_from"
)
_PARTITIONS = (
    "SELECT account, value->>'partition' FROM fact WHERE account = ANY (%(accounts)s) AND kind = 'account' "
    f"AND attribute = 'mode' AND {_KNOWN}"
)
PRINCIPALS = ("user", "role")
NAMED_KINDS = ("user", "role", "group", "policy", "instance-profile", "resource")


class Life(msgspec.Struct, frozen=True):
    """The time during which an entity existed, or had something; None stands for "since before all records" and "until
    now"."""

    account: str
    kind: str
    unique_id: str
    arn: str
    """The last one of that time."""
    begin: datetime | None
    end: datetime | None

    @property
    def key(self) -> EntityKey:
        return self.account, self.kind, self.unique_id


def named(
    connection: Connection, name: str, known_at: int, kinds: Sequence[str] = NAMED_KINDS, account: str = ""
) -> list[EntityKey]:
    """The entities that ever had a name, regardless of case, in an account or in any."""
    lowered = name.lower()
    arguments = {
        "kinds": list(kinds), "start": lowered[:INDEXED], "name": lowered, "account": account, "known": known_at,
    }  # fmt: skip
    return _keys(connection, _NAMED, arguments)


def of_unique_id(
    connection: Connection, unique_id: str, known_at: int, kinds: Sequence[str] = NAMED_KINDS
) -> list[EntityKey]:
    """The entities of a unique id, in any case of its letters."""
    ids = list(dict.fromkeys((unique_id, unique_id.upper())))
    return _keys(connection, _OF_ID, {"ids": ids, "kinds": list(kinds), "known": known_at})


def of_access_key(
    connection: Connection, access_key: str, known_at: int, kinds: Sequence[str] = PRINCIPALS
) -> list[EntityKey]:
    """The entities that a listing or a call named as holders of an access key."""
    return _keys(connection, _OF_KEY, {"item": access_key, "kinds": list(kinds), "known": known_at})


def with_inline_policy(connection: Connection, name: str, known_at: int) -> list[tuple[EntityKey, str]]:
    """The entities that ever had an inline policy of a name, regardless of case; with the name as it was written."""
    lowered = name.lower()
    arguments = {"start": lowered[:INDEXED], "name": lowered, "known": known_at}
    rows = connection.execute(_OF_INLINE, arguments).fetchall()
    return [((account, kind, entity), item) for account, kind, entity, item in sorted(rows)]


def _keys(connection: Connection, query: str, arguments: dict[str, Any]) -> list[EntityKey]:
    return sorted((account, kind, entity) for account, kind, entity in connection.execute(query, arguments).fetchall())


def lives(
    connection: Connection, keys: Iterable[EntityKey], known_at: int, attribute: str = "entity", item: str = ""
) -> list[Life]:
    """When entities existed (or had an item of another attribute), as known at a log position: by entity, the earliest
    life first. Facts that follow one another are one life: an entity may be described anew."""
    wanted = list(keys)
    if not wanted:
        return []
    with_infinity(connection)
    accounts, kinds, ids = (list(column) for column in zip(*wanted, strict=True))
    rows = connection.execute(
        _SPANS,
        {
            "accounts": accounts, "kinds": kinds, "ids": ids, "known": known_at, "attribute": attribute, "item": item,
        },
    ).fetchall()  # fmt: skip
    partitions = partitions_of(connection, accounts, known_at)
    found: list[Life] = []
    for account, kind, entity, value, since, until in rows:
        begin, end = (None if since == BEFORE else since), (None if until == FOREVER else until)
        if found and found[-1].key == (account, kind, entity) and found[-1].end == begin and begin is not None:
            begin = found.pop().begin
        arn = arn_of(account, kind, entity, value, partitions.get(account, "aws")) if attribute == "entity" else ""
        found.append(Life(account, kind, entity, arn, begin, end))
    return found


def begun(value: dict[str, Any], since: datetime | None) -> datetime | None:
    """Since when an entity exists, by its description and the begin of that; None for "since before all records"."""
    text = value.get("begun")
    if not text:
        return since
    return None if text == "-infinity" else parse_instant(text)


def arn_of(account: str, kind: str, unique_id: str, value: dict[str, Any], partition: str) -> str:
    """The ARN by which questions name an entity (`Directory.arn_of`)."""
    arn, name = str(value.get("arn") or ""), str(value.get("name") or "")
    if kind not in NAMED_KINDS or kind == "resource":
        return arn
    if name and arn.endswith(f"/{name}") and f"::{account}:{kind}/" in arn:
        return arn
    return entity_arn(account, kind, str(value.get("path") or "/") if name else "/", name or unique_id, partition)


def partitions_of(connection: Connection, accounts: Iterable[str], known_at: int) -> dict[str, str]:
    """Account → partition, where it is known."""
    rows = connection.execute(_PARTITIONS, {"accounts": sorted(set(accounts)), "known": known_at}).fetchall()
    return {account: partition for account, partition in rows if partition}
