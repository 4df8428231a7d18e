"""Some events of the log with all that proves them, as streams of lines: what a bundle is written from.

All of it is read in one transaction of the caller's, with cursors of the server: memory is needed for a batch of rows,
however many events are selected.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, LiteralString

import msgspec
import orjson
from psycopg.sql import SQL, Composed

from erstwhile.domain.ledger.ranges import Node
from erstwhile.domain.ledger.some_leaves import aligned_subtrees, gaps
from erstwhile.domain.ledger.tiles import MissingTile, TileNodes, tiles_of
from erstwhile.projections.evidence_blocks import inflate, record_at
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import COLUMNS, canonical_row
from erstwhile.projections.ledger.proving import NotProven
from erstwhile.projections.sql import Connection, instant_text

_TOGETHER = 2_000
"""Rows that are fetched together."""
_GAPS = 500
"""Selected leaves, with the parts of the tree before them, whose tiles are read together."""
_RECORD: LiteralString = (
    "SELECT DISTINCT ON (e.position, a.account, a.record_id) a.account, a.record_id, a.block_id, a.line "
    "FROM event e JOIN activity a ON a.account = split_part(e.data->>'evidence', '/', 1) "
    "AND a.record_id = substr(e.data->>'evidence', strpos(e.data->>'evidence', '/') + 1) "
    "WHERE strpos(e.data->>'evidence', '/') > 0 AND {where} ORDER BY e.position, a.account, a.record_id"
)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: those up to a position, of these further ones that say something. Instants are of when it happened:
    [since, until). `slots`: stored texts of slots; `actors`: ARNs, `%` for any characters; an event is selected for
    either. `positions`: these alone."""

    known_at: int
    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    positions: tuple[int, ...] | None = None

    def where(self) -> tuple[LiteralString, dict[str, Any]]:
        clauses: list[LiteralString] = ["e.position <= %(known_at)s"]
        arguments: dict[str, Any] = {"known_at": self.known_at}
        if self.since is not None:
            clauses.append("e.occurred_at >= %(since)s::timestamptz")
            arguments["since"] = instant_text(self.since)
        if self.until is not None:
            clauses.append("e.occurred_at < %(until)s::timestamptz")
            arguments["until"] = instant_text(self.until)
        if self.accounts:
            clauses.append("e.account = ANY (%(accounts)s)")
            arguments["accounts"] = list(self.accounts)
        if self.slots or self.actors:
            clauses.append(
                "(e.position IN (SELECT t.position FROM event_tag t WHERE t.tag = ANY (%(slots)s)) "
                "OR e.data->'actor'->>'arn' LIKE ANY (%(actors)s))"
            )
            arguments |= {"slots": list(self.slots), "actors": list(self.actors)}
        if self.positions is not None:
            clauses.append("e.position = ANY (%(positions)s)")
            arguments["positions"] = list(self.positions)
        return " AND ".join(clauses), arguments


def event_lines(connection: Connection, selection: Selection) -> Iterator[bytes]:
    """The canonical JSON of each event, in order, in a transaction for which `use_utc` was called."""
    for row in _rows(connection, selection, f"SELECT {COLUMNS} FROM event e WHERE {{where}} ORDER BY position"):
        yield canonical_row(row)[1]


def detail_lines(connection: Connection, selection: Selection) -> Iterator[bytes]:
    """Address, agent and session of the events that have some, with the salt of their hash."""
    query: LiteralString = (
        "SELECT e.position, encode(d.salt, 'hex'), d.details FROM event e JOIN event_details d USING (position) "
        "WHERE {where} ORDER BY e.position"
    )
    for position, salt, details in _rows(connection, selection, query):
        yield orjson.dumps({"position": position, "salt": salt, "details": details})


def tree_lines(connection: Connection, selection: Selection, size: int) -> Iterator[bytes]:
    """The tree of `size` events, left to right: a line for the leaf of each selected event, and one for each part of
    the tree without any. Raises NotProven where the stored tree lacks what is needed."""
    rows = _rows(connection, selection, "SELECT e.position FROM event e WHERE {where} ORDER BY e.position")
    between = gaps((position - 1 for (position,) in rows), size)
    while some := list(islice(between, _GAPS)):
        parts: list[tuple[Node, bool]] = []
        for begin, end, index in some:
            parts += [(node, False) for node in aligned_subtrees(begin, end)]
            if index is not None:
                parts.append(((0, index), True))
        held = TileNodes(tiles.read(connection, tiles_of(node for node, _ in parts)))
        for node, is_selected in parts:
            try:
                yield _part(node, held(*node).hex(), is_selected)
            except MissingTile as error:
                raise NotProven(f"{error}: `erstwhile verify` says more") from None


def _part(node: Node, found: str, is_selected: bool) -> bytes:
    if is_selected:
        return orjson.dumps({"position": node[1] + 1, "leaf": found})
    return orjson.dumps({"level": node[0], "index": node[1], "hash": found})


def evidence_lines(connection: Connection, selection: Selection) -> Iterator[bytes]:
    """The records that the events rest on, without their secrets, each once where its events are neighbours."""
    block, lines = 0, list[bytes]()
    last = ("", "")
    for account, record_id, block_id, line in _rows(connection, selection, _RECORD):
        if (account, record_id) == last:
            continue
        last = (account, record_id)
        if block_id != block:
            row = connection.execute("SELECT packed FROM evidence_block WHERE block_id = %s", (block_id,)).fetchone()
            block, lines = block_id, inflate(bytes(row[0])) if row is not None else []
        record = record_at(lines, line)
        if record is not None:
            yield orjson.dumps({"evidence": f"{account}/{record_id}", "record": orjson.Fragment(record)})


def _rows(connection: Connection, selection: Selection, query: LiteralString) -> Iterator[tuple[Any, ...]]:
    """Of a query with `{where}`; a cursor of the server, which another query may be made beside."""
    where, arguments = selection.where()
    whole: Composed = SQL(query).format(where=SQL(where))
    with connection.cursor("selected", binary=True) as cursor:
        cursor.itersize = _TOGETHER
        cursor.execute(whole, arguments)
        yield from cursor
