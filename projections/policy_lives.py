"""The rows of managed policies, without their documents, and whether a policy's document was known all its life."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, SINCE_1970, instant_of
from erstwhile.projections.sql import Connection

POLICIES = (
    "(kind IN ('policy', 'aws-policy') OR kind = 'account' AND attribute = 'mode' "
    "OR kind = 'resource' AND entity LIKE '%%:policy/%%')"
)
"""Rows that say what a managed policy's ARN means. An index of migrations/0009.answers.sql has the same words."""


def finite_in_micros(column: str) -> str:
    """SQL: an instant that is not infinite as `vocabulary.micros` has it."""
    return f"((extract(epoch FROM {column}) * 1000000)::bigint - {SINCE_1970})"


def in_micros(column: str) -> str:
    """SQL: any instant likewise."""
    return (
        f"CASE WHEN isfinite({column}) THEN {finite_in_micros(column)} "
        f"WHEN {column} > '2000-01-01' THEN {NEVER} ELSE {ALWAYS} END"
    )


_COLUMNS = (
    "SELECT account, kind, entity, attribute, item, "
    "CASE attribute WHEN 'version' THEN CASE WHEN value->>'document' IS NULL THEN NULL ELSE '' END "
    "WHEN 'default' THEN value->>'version' ELSE value::text END, "
    f"{in_micros('valid_from')}, {in_micros('valid_to')} FROM fact WHERE "
)
_BELIEVED = f"{POLICIES} AND recorded_from <= %(known)s AND recorded_to > %(known)s AND attribute <> 'tag'"


class Row(NamedTuple):
    """A fact of a policy. `text`: '' for a version whose document is known, None where it is not; the version of a
    default; the value of another fact as JSON. Instants in microseconds."""

    account: str
    kind: str
    entity: str
    attribute: str
    item: str
    text: str | None
    begin: int
    end: int

    @property
    def value(self) -> Value:
        if self.attribute == attributes.VERSION:
            return {"document": self.text}
        if self.attribute == attributes.DEFAULT:
            return {"version": self.text}
        value: Value = orjson.loads(self.text or "{}")
        return value

    def interval(self) -> Interval:
        return Interval(*self[:5], self.value, instant_of(self.begin), instant_of(self.end), 0, None)


def read_rows(connection: Connection, known_at: int, keys: Collection[EntityKey] | None = None) -> list[Row]:
    """The rows as known at a log position, of some entities or of all."""
    arguments: dict[str, object] = {"known": known_at}
    which = _BELIEVED
    if keys is not None:
        if not keys:
            return []
        columns = [list(column) for column in zip(*keys, strict=True)]
        arguments |= dict(zip(("accounts", "kinds", "ids"), columns, strict=True))
        which += (
            " AND (account, kind, entity) IN (SELECT * FROM unnest(%(accounts)s::text[], %(kinds)s::text[], "
            "%(ids)s::text[]))"
        )
    return [Row(*row) for row in connection.execute(_COLUMNS + which, arguments).fetchall()]


def told_throughout(rows: Sequence[Row]) -> tuple[str, list[tuple[int, int]]] | None:
    """The ARN of a policy, and when it existed, if its default version and the document of that were known as long as
    it existed, and its name and ARN never changed; None otherwise."""
    lives: list[tuple[int, int]] = []
    defaults: list[Row] = []
    versions: dict[str, list[Row]] = {}
    arns: set[str] = set()
    for row in rows:
        if row.attribute == attributes.ENTITY:
            described = row.value
            arns.add(described.get("arn", ""))
            if not str(described.get("arn", "")).endswith(f"::{row.account}:policy{described.get('path', '/')}"
                                                          f"{described['name']}"):  # fmt: skip
                return None
            lives.append((row.begin, row.end))
        elif row.attribute == attributes.DEFAULT:
            defaults.append(row)
        elif row.attribute == attributes.VERSION and row.text is not None:
            versions.setdefault(row.item, []).append(row)
        elif row.attribute in (attributes.VERSION, attributes.GAP):
            return None
    if len(arns) != 1 or any(not _has_document(each, versions.get(each.text or "", ())) for each in defaults):
        return None
    existed = merged(lives)
    return (arns.pop(), existed) if existed == merged((each.begin, each.end) for each in defaults) else None


def _has_document(default: Row, versions: Iterable[Row]) -> bool:
    return any(each.begin <= default.begin and default.end <= each.end for each in versions)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as spans that do not touch, in order."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
