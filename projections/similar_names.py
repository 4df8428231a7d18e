"""Users and roles whose names may be meant by one that nobody has: those beside it in the order of names, those that
differ from it at its beginning, and those that it begins with. What this reads does not grow with a company."""

from __future__ import annotations

import string
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from erstwhile.projections.entities import INDEXED, PRINCIPALS, arn_of, partitions_of
from erstwhile.projections.sql import Connection, instant_text, with_infinity

NEAR = 100
"""Names of a kind that are read on each side: of a company with fewer, all are."""
_SHORTEST = 3
"""Characters of a name that another one begins with."""
_LETTERS = string.ascii_lowercase + string.digits
_NAME = "left(lower(value->>'name'), 200)"
_FOUND = (
    f"SELECT {_NAME}, account, kind, entity, value FROM fact WHERE attribute = 'entity' "
    "AND valid_from <= %(at)s::timestamptz AND valid_to > %(at)s::timestamptz "
    "AND recorded_from <= %(known)s AND recorded_to > %(known)s AND "
)
_PLACE = f"{_NAME}, account, entity"
_FROM = f"{_FOUND} kind = %(kind)s AND {_NAME} >= %(name)s ORDER BY {_PLACE} LIMIT %(near)s"
_BEFORE = (
    f"{_FOUND} kind = %(kind)s AND {_NAME} < %(name)s ORDER BY {_NAME} DESC, account DESC, entity DESC LIMIT %(near)s"
)
_EXACTLY = f"{_FOUND} kind = %(kind)s AND {_NAME} = ANY (%(names)s) ORDER BY {_PLACE} LIMIT %(near)s"


class NamedArn(NamedTuple):
    name: str
    """In lower case, as far as its index has it."""
    arn: str


def names_beside(connection: Connection, name: str, as_of: datetime | None, known_at: int) -> list[NamedArn]:
    """Those of an instant (None: now) that a name may mean, in the order of names; most of them mean another."""
    with_infinity(connection)
    lowered = name.lower()[:INDEXED]
    arguments = {
        "at": "now" if as_of is None else instant_text(as_of), "known": known_at, "name": lowered, "near": NEAR,
        "names": _altered(lowered),
    }  # fmt: skip
    rows: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for kind in PRINCIPALS:
        for query in (_FROM, _BEFORE, _EXACTLY):
            for *place, value in connection.execute(query, {**arguments, "kind": kind}).fetchall():
                rows[tuple(place)] = value
    partitions = partitions_of(connection, {account for _, account, _, _ in rows}, known_at)
    return [
        NamedArn(
            named,
            arn_of(account, kind, unique_id, rows[named, account, kind, unique_id], partitions.get(account, "aws")),
        )
        for named, account, kind, unique_id in sorted(rows)
        if named
    ]


def _altered(name: str) -> Sequence[str]:
    """What the order of names has far away: with another first character, or one more or less, or the first two the
    other way round; and what the name begins with."""
    rest = name[1:]
    found = [rest, name[1:2] + name[:1] + name[2:], *(letter + rest for letter in _LETTERS)]
    found += [letter + name for letter in _LETTERS]
    return [*found, *(name[:end] for end in range(_SHORTEST, len(name)))]
