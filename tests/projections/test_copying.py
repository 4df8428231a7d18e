"""What is written by COPY comes back as it was: every control character, in every text of every table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports import store
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change, Fact, Interval
from erstwhile.domain.replay import Replacement
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.vocabulary.storable_text import is_storable
from erstwhile.projections.audit import AuditWriter
from erstwhile.projections.copy_text import array_text
from erstwhile.projections.copy_writer import bytes_field, copy_rows, json_text
from erstwhile.projections.history import HistoryWriter

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
STRANGE = [
    *(chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))),
    "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff", "\\", "\\N", "\\.", "\\t", "\\u0000", "\\\0", '"', "'", "\r\n",
    "",
]  # fmt: skip
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "fact": (
        ("account", "kind", "entity", "attribute", "item"),
        ("value", "valid_from", "valid_to", "opened_by", "closed_by", "recorded_from", "recorded_to"),
        "{}\t2026-03-03T12:00:00Z\tinfinity\t1\t\\N\t1\t2",
    ),
    "audit_change": (("account", "kind", "entity"), ("position", "changes"), "1\t[]"),
    "activity": (
        store.TEXTS,
        store.REST,
        f"2026-03-03\t2026-03-03T12:00:00Z\ta\t1\t1\t{bytes_field(bytes(range(32)))}",
    ),
}


def stored(text: str) -> str:
    return "".join("\ufffd" if each == "\0" or "\ud800" <= each <= "\udfff" else each for each in text)


@pytest.mark.parametrize("table", TABLES)
def test_every_character_in_every_text_column(database: Database, table: str) -> None:
    texts, rest, others = TABLES[table]
    with database.owner() as connection:
        store.ensure_partitions(connection, ["2026-03-03"])
        rows, expected = [], set()
        for number, strange in enumerate(STRANGE):
            for column in range(len(texts)):
                fields = [f"{number}.{column}"] * len(texts)
                fields[column] = f"{number}.{column}a{strange}b{strange}"
                rows.append((tuple(fields), others))
                expected.add(tuple(map(stored, fields)))
        copy_rows(connection, table, texts, rest, rows)
        found = connection.execute(f"SELECT {', '.join(texts)} FROM {table}").fetchall()
        assert len(found) == len(rows) and set(found) == expected


@pytest.mark.parametrize("strange", STRANGE)
def test_the_read_models_take_any_text(database: Database, strange: str) -> None:
    """In keys, in values and in the names within them; in rows that open, close and are corrected."""
    key = account, kind, entity, attribute, item = (f"a{strange}", f"k{strange}", f"e{strange}", f"t{strange}", strange)
    value: dict[str, Any] = {f"name{strange}": [f"x{strange}", {"deep": strange}]}
    begun = Change(account, kind, entity, attribute, item, None, value, AT, 7)
    with database.connect() as connection, connection.transaction():
        rows, trail = HistoryWriter(connection), AuditWriter(connection)
        rows.change(begun)
        trail.changed([begun])
        if is_storable(strange):
            # Names that the log can hold may be sought, too.
            fact = Fact(value, AT, 7)
            ended = begun._replace(before=fact, after=None, at=AT.replace(hour=13), position=8)
            rows.flush()
            rows.change(ended)
            interval = Interval(account, kind, entity, attribute, item, value, AT, FOREVER, 9, None)
            stale = frozenset([(account, kind, entity)])
            again = Replacement(frozenset(), [interval], {9: [begun]}, Directory(), 9, stale, {})
            rows.replace(again)
            trail.replace(again)
        rows.flush()
        trail.flush()
        found = connection.execute("SELECT account, kind, entity, attribute, item, value FROM fact").fetchall()
        told = connection.execute("SELECT account, kind, entity, changes->0->'after' FROM audit_change").fetchall()
    wanted = {stored(f"name{strange}"): [stored(f"x{strange}"), {"deep": stored(strange)}]}
    assert found and all(row == (*map(stored, key), wanted) for row in found)
    assert told and all(row == (*map(stored, key[:3]), wanted) for row in told)


def test_json_keeps_a_backslash_before_a_u() -> None:
    assert json_text({"a": "\\u0000"}) == '{"a":"\\\\u0000"}'
    assert json_text({"a": "\\\0"}) == '{"a":"\\\\\ufffd"}'


def test_every_character_in_an_array(database: Database) -> None:
    arrays = [*([each] for each in STRANGE), [f"a{each}b{each}" for each in STRANGE], ["NULL", "", "{}", ","], []]
    with database.owner() as connection:
        connection.execute("CREATE TEMPORARY TABLE listed (texts text[], number bigint)")
        copy_rows(
            connection, "listed", ["texts"], ["number"],
            [((array_text(each),), str(number)) for number, each in enumerate(arrays)],
        )  # fmt: skip
        found = connection.execute("SELECT texts FROM listed ORDER BY number").fetchall()
    assert [texts for (texts,) in found] == [list(map(stored, each)) for each in arrays]
