"""History: one row for each fact, with the time during which it held and the time since when it is known. Table
`fact`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

import orjson

from erstwhile.domain.directory.facts import Change, EntityKey, Fact, Interval, Value, is_kept
from erstwhile.domain.replay import Replacement
from erstwhile.domain.vocabulary.slots import Slot
from erstwhile.projections.copy_writer import NULL, CopyWriter, json_text
from erstwhile.projections.sql import Connection, instant_text

NAME = "history"
REBUILT = "history.rebuilt"
"""The row of table `checkpoint` that holds the number of the transaction that last made the rows anew."""
TABLES = ("fact", "fold_clock")
BELIEVED = 9223372036854775807
"""recorded_to of rows that are not corrected."""

_TEXTS = ("account", "kind", "entity", "attribute", "item", "value")
_REST = ("valid_from", "valid_to", "opened_by", "closed_by", "recorded_from", "recorded_to")
_FactKey = tuple[str, str, str, str, str]
_SAME: LiteralString = (
    # Compare whole rows: a row of zero duration may begin where a row that still holds begins.
    "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], "
    "%s::timestamptz[], %s::bigint[], %s::bigint[]) AS k (account, kind, entity, attribute, item, value, "
    "valid_from, valid_to, opened_by, closed_by) WHERE (fact.account, fact.kind, fact.entity, fact.attribute, "
    "fact.item, fact.value, fact.valid_from, fact.valid_to, fact.opened_by) = (k.account, k.kind, k.entity, "
    "k.attribute, k.item, k.value::jsonb, k.valid_from, k.valid_to, k.opened_by) "
    f"AND fact.closed_by IS NOT DISTINCT FROM k.closed_by AND fact.recorded_to = {BELIEVED}"
)


class HistoryWriter:
    """Turns changes and replacements into rows; `flush` writes them in the caller's transaction.

    A row that opens and closes between two flushes is written once. A rebuild flushes open rows only at its end, so it
    writes every row once. `before_reading` is called before rows that were written are read.
    """

    def __init__(
        self,
        connection: Connection,
        before_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._before_reading = before_reading
        self._unwritten: dict[_FactKey, tuple[Value, datetime, int]] = {}
        self._closed: list[tuple[_FactKey, int]] = []
        self._rows = CopyWriter(connection, "fact", _TEXTS, _REST)
        self._clocks: dict[str, datetime] = {}

    def change(self, change: Change) -> None:
        """Records that a fact began, changed or ended, after all earlier changes of it."""
        key, position, before = change[:5], change.position, change.before
        if before is not None:
            was_written = self._unwritten.pop(key, None) is None
            if was_written:
                self._closed.append((key, position))
            self._ending_lines(key, before, change, not was_written)
        if change.after is not None:
            self._unwritten[key] = (change.after, change.at, position)

    def ended(self, change: Change) -> None:
        """Records that a fact ended or changed whose beginning was not recorded here; see `still_open`."""
        before = change.before
        assert before is not None
        self._ending_lines(change[:5], before, change, True)

    def still_open(self, facts: Iterable[tuple[str, str, str, str, str, Fact]]) -> None:
        """Records the open facts whose beginning was not recorded here."""
        for *key, fact in facts:
            self._open_line(key, fact.value, fact.since, fact.opened_by)
        self._rows.flush()

    def _ending_lines(self, key: Sequence[str], fact: Fact, change: Change, with_belief: bool) -> None:
        """Records that a fact held until an instant; with `with_belief` also that, from the fact's event to
        its end, history showed it as still open."""
        opened, until = fact.opened_by, change.position
        texts, since = _texts(key, fact.value), instant_text(fact.since)
        if with_belief and opened != until:
            self._rows.add(texts, f"{since}\tinfinity\t{opened}\t{NULL}\t{opened}\t{until}")
        if is_kept(change.attribute, fact.since, change.at):
            self._rows.add(texts, f"{since}\t{instant_text(change.at)}\t{opened}\t{until}\t{until}\t{BELIEVED}")

    def replace(self, replacement: Replacement) -> None:
        """After a component's replay: closes rows that are no longer right and inserts the corrected ones."""
        self.flush()
        self._before_reading()
        wanted = {_content(row): row for row in replacement.intervals}
        held: dict[tuple[Any, ...], int] = {}
        for *believed, recorded_from in self._believed(replacement.stale | {row[:3] for row in replacement.intervals}):
            held[(*believed[:5], _json(believed[5]), *believed[6:])] = recorded_from
        position = replacement.position
        never_known: list[tuple[Any, ...]] = []
        corrected: list[tuple[Any, ...]] = []
        for content, recorded_from in held.items():
            if content not in wanted:
                gone = (*content[:5], content[5].decode(), *map(instant_text, content[6:8]), *content[8:])
                (never_known if recorded_from == position else corrected).append(gone)
        # Rows of the same event were not known at any position.
        self._change("DELETE FROM fact USING", never_known)
        self._change("UPDATE fact SET recorded_to = %s FROM", corrected, position)
        for content, row in wanted.items():
            if content not in held:
                self._interval_line(row, position)
        self.flush()

    def clock(self, slots: Iterable[Slot], at: datetime) -> None:
        """Records that the slots have had an event of this instant."""
        for slot in slots:
            text = slot.text
            if text not in self._clocks or self._clocks[text] < at:
                self._clocks[text] = at

    def flush(self, everything: bool = True) -> None:
        """Writes pending rows; with `everything`, the rows that are still open too."""
        if self._closed:
            self._before_reading()
            columns: list[list[Any]] = [list(column) for column in zip(*(key for key, _ in self._closed), strict=True)]
            self._connection.execute(
                "UPDATE fact SET recorded_to = k.position FROM unnest(%s::text[], %s::text[], %s::text[], "
                "%s::text[], %s::text[], %s::bigint[]) AS k (account, kind, entity, attribute, item, position) "
                "WHERE (fact.account, fact.kind, fact.entity, fact.attribute, fact.item) = "
                "(k.account, k.kind, k.entity, k.attribute, k.item) "
                f"AND fact.valid_to = 'infinity' AND fact.recorded_to = {BELIEVED}",
                [*columns, [position for _, position in self._closed]],
                prepare=True,
            )
            self._closed.clear()
        if everything:
            for key, (value, since, position) in self._unwritten.items():
                self._open_line(key, value, since, position)
            self._unwritten.clear()
        self._rows.flush()
        if self._clocks and everything:
            self._before_reading()
            self._connection.execute(
                "INSERT INTO fold_clock (slot, occurred_at) SELECT * FROM unnest(%s::text[], %s::timestamptz[]) "
                "ON CONFLICT (slot) DO UPDATE SET occurred_at = greatest(fold_clock.occurred_at, excluded.occurred_at)",
                (list(self._clocks), [instant_text(at) for at in self._clocks.values()]),
                prepare=True,
            )
            self._clocks.clear()

    def _open_line(self, key: Sequence[str], value: Value, since: datetime, opened_by: int) -> None:
        """Adds an open row that nothing has corrected: most rows of a rebuild are of this kind."""
        span = f"{instant_text(since)}\tinfinity\t{opened_by}\t{NULL}\t{opened_by}\t{BELIEVED}"
        self._rows.add(_texts(key, value), span)

    def _interval_line(self, row: Interval, recorded_from: int) -> None:
        closed_by = NULL if row.closed_by is None else row.closed_by
        span = f"{instant_text(row.valid_from)}\t{instant_text(row.valid_to)}\t{row.opened_by}\t{closed_by}"
        self._rows.add(_texts(row[:5], row.value), f"{span}\t{recorded_from}\t{BELIEVED}")

    def _believed(self, entities: Iterable[EntityKey]) -> list[tuple[Any, ...]]:
        keys = list(entities)
        if not keys:
            return []
        accounts, kinds, ids = (list(column) for column in zip(*keys, strict=True))
        return self._connection.execute(
            "SELECT f.account, f.kind, f.entity, f.attribute, f.item, f.value, f.valid_from, f.valid_to, "
            "f.opened_by, f.closed_by, f.recorded_from "
            "FROM fact f JOIN unnest(%s::text[], %s::text[], %s::text[]) AS k (account, kind, entity) "
            f"USING (account, kind, entity) WHERE f.recorded_to = {BELIEVED}",
            (accounts, kinds, ids),
            prepare=True,
        ).fetchall()

    def _change(self, how: LiteralString, rows: list[tuple[Any, ...]], *arguments: int) -> None:
        """Changes the rows of these contents that are believed."""
        if not rows:
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._connection.execute(f"{how} {_SAME}", [*arguments, *columns], prepare=True)


def _json(value: Value) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _content(row: Interval) -> tuple[Any, ...]:
    """The content of a row; a row by another event corrects it even if the value is equal."""
    return (*row[:5], _json(row.value), *row[6:])


def _texts(key: Sequence[str], value: Value) -> tuple[str, ...]:
    """The columns of a row that identify the fact, and its value."""
    return (*key, json_text(value) if value else "{}")
