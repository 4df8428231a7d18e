"""Finds when a principal existed, for questions about an instant at which it does not exist."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.sql import Connection, with_infinity

_SHOWN = 5
_FACTS = (
    "SELECT f.account, f.kind, f.entity, f.value, f.valid_from, f.valid_to FROM fact f "
    "WHERE f.attribute = 'entity' AND f.kind IN ('user', 'role') "
    "AND f.recorded_from <= %(known)s AND f.recorded_to > %(known)s AND ({}) ORDER BY f.entity, f.valid_from"
)
_BY_ARN = "f.value->>'arn' = %(words)s OR (f.account = %(account)s AND lower(f.value->>'name') = %(name)s)"
_BY_WORD = (
    "lower(f.value->>'name') = %(name)s OR f.entity = %(words)s OR EXISTS (SELECT FROM fact k "
    "WHERE k.account = f.account AND k.kind = f.kind AND k.entity = f.entity AND k.attribute = 'access_key' "
    "AND k.item = %(words)s AND k.recorded_from <= %(known)s AND k.recorded_to > %(known)s)"
)


class Life(msgspec.Struct, frozen=True):
    """The time during which a principal existed; None stands for "since before all records" and "until now"."""

    arn: str
    unique_id: str
    begin: datetime | None
    end: datetime | None

    @property
    def moment(self) -> datetime:
        """An instant at which a question about the principal makes sense: the last one of its life, else the first."""
        if self.end is not None:
            return self.end - timedelta(microseconds=1)
        assert self.begin is not None, "one that was always there and is there still is found at every instant"
        return self.begin


def lives_of(connection: Connection, words: str, known_at: int) -> list[Life]:
    """The lifetimes of all principals that had an ARN (of a session: its role), a name (`ada`, `user/ada`), a unique id
    or an access key, as known at a position of the log; the latest first."""
    with_infinity(connection)
    parts = words.split(":", 5)
    arguments = {
        "known": known_at, "words": words, "account": parts[4] if len(parts) == 6 else "",
        "name": _name(words).lower(),
    }  # fmt: skip
    rows = connection.execute(_FACTS.format(_BY_ARN if len(parts) == 6 else _BY_WORD), arguments).fetchall()
    found: list[Life] = []
    last: tuple[str, str, str] | None = None
    for account, kind, entity, value, begin, end in rows:
        begin, end = (None if begin == BEFORE else begin), (None if end == FOREVER else end)
        arn = value.get("arn") or f"{account}:{kind}/{value['name']}"
        if last == (account, kind, entity) and found[-1].end == begin:
            begin = found.pop().begin  # the entity was described anew: its life continued
        last = (account, kind, entity)
        found.append(Life(arn, entity, begin, end))
    found = [each for each in found if each.begin is not None or each.end is not None]
    return sorted(found, key=lambda each: (each.end is None, each.end or each.begin), reverse=True)[:_SHOWN]


def _name(words: str) -> str:
    if ":assumed-role/" in words:
        return words.partition(":assumed-role/")[2].split("/")[0]
    return words.rsplit("/", 1)[-1]
