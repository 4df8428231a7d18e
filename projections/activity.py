"""Reads the activity: every recorded call, with its targets."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from erstwhile.domain.observed.cloudtrail.targets import targets_of
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.evidence_blocks import inflate, record_at
from erstwhile.projections.filters import (
    CALL_OUTCOMES,
    Filters,
    Page,
    Where,
    decode_cursor,
    encode_cursor,
    like,
    one_of,
)
from erstwhile.projections.sql import Connection, instant_text

ERASED = "erased"
"""Who made a recorded call, from where and with which key, where that was forgotten."""
LOOKED_AT = 20_000
"""Records that are searched for a target for one page; the next page continues after them."""
_AT_ONCE = 1_000
_NEAR = (1_000, 64_000)
"""Calls that are looked at in the order of time, one after the other, before all others are looked at together."""
_BLOCKS = 32
_PACKED = "SELECT packed FROM evidence_block WHERE block_id = %s"
_LISTING = "activity"
"""The name of this listing in its cursors."""
_NAMES = ("record_id", "occurred_at", "account", "action", "principal", "session", "access_key", "source_ip",
          "user_agent", "error_code")  # fmt: skip


def activity_page(
    connection: Connection, filters: Filters, limit: int = 50, cursor: str = "", oldest_first: bool = False
) -> Page:
    """Returns a page of recorded calls, including calls that changed no access. A page may have fewer entries than
    `limit` even if there are more pages. Raises MalformedCursor, MalformedFilter."""
    where, kept = _where(filters), EvidenceLines(connection)
    entries: list[dict[str, Any]] = []
    looked_at = 0
    while True:
        wanted = _AT_ONCE if filters.target else limit + 1
        rows = _rows(connection, where, cursor, oldest_first, wanted)
        for place, row in enumerate(rows):
            looked_at += 1
            targets = kept.targets(row[-2], row[-1])
            if filters.target and not _matches(filters.target, targets):
                continue
            entries.append(dict(zip(_NAMES, row[:-2], strict=True)) | {
                "occurred_at": format_instant(row[1]), "resources": targets,
            })  # fmt: skip
            if len(entries) == limit:
                more = place + 1 < len(rows) or (filters.target and len(rows) == wanted)
                return Page(entries, _cursor(row) if more else "")
        if len(rows) < wanted:
            return Page(entries, "")
        cursor = _cursor(rows[-1])
        if looked_at >= LOOKED_AT:
            return Page(entries, cursor)


def _cursor(row: tuple[Any, ...]) -> str:
    return encode_cursor(_LISTING, row[1], row[0])


def _where(filters: Filters) -> Where:
    where = Where(filters)
    if filters.actor:
        where.add("r.principal ILIKE %(actor)s OR r.access_key ILIKE %(actor)s", actor=like(filters.actor))
    if filters.outcome:
        wanted = one_of(filters.outcome, CALL_OUTCOMES, "the outcome of a call")
        where.add("(r.error_code = '') = ANY (%(successes)s)", successes=[each == "success" for each in wanted])
    if filters.text:
        where.add(
            "concat_ws(' ', r.principal, r.action, r.user_agent, r.error_code) ILIKE %(text)s", text=like(filters.text)
        )
    if filters.known_at is not None:
        where.add(
            "r.block_id IN (SELECT b.block_id FROM evidence_block b WHERE b.position <= %(known)s)",
            known=filters.known_at,
        )
    return where


def _rows(connection: Connection, where: Where, cursor: str, oldest_first: bool, limit: int) -> list[tuple[Any, ...]]:
    """The next rows. The nearest calls are looked at in the order of time, some thousands of them; if too few of these
    pass, all others at once, in any order."""
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    arguments: dict[str, Any] = {**where.arguments}
    after = ""
    if cursor:
        at, tie = decode_cursor(_LISTING, cursor)
        # The first of these conditions is that of an index.
        after = f" AND r.occurred_at {beyond}= %(at)s::timestamptz"
        after += f" AND (r.occurred_at, r.record_id) {beyond} (%(at)s::timestamptz, %(tie)s)"
        arguments |= {"at": at, "tie": tie}
    select = (
        "SELECT r.record_id, r.occurred_at, r.account, r.action, r.principal, r.session, r.access_key, r.source_ip, "
        "r.user_agent, r.error_code, r.block_id, r.line FROM activity r WHERE "
    )
    in_time = f"ORDER BY r.occurred_at {order}, r.record_id {order} LIMIT %(limit)s"
    rows: list[tuple[Any, ...]] = []
    from_here = after
    for near in _NEAR:
        end = connection.execute(
            f"SELECT r.occurred_at FROM activity r WHERE {where.in_time}{from_here} "
            f"ORDER BY r.occurred_at {order} LIMIT 1 OFFSET {near}",
            arguments,
        ).fetchone()
        within = "" if end is None else f" AND r.occurred_at {'<' if oldest_first else '>'}= %(end)s::timestamptz"
        arguments |= {"limit": limit - len(rows), "end": None if end is None else instant_text(end[0])}
        rows += connection.execute(f"{select}{where.sql}{from_here}{within} {in_time}", arguments).fetchall()
        if end is None or len(rows) == limit:
            return rows
        arguments |= {"here": arguments["end"]}
        from_here = f" AND r.occurred_at {beyond} %(here)s::timestamptz"
    arguments |= {"limit": limit - len(rows)}
    in_any = f"ORDER BY ROW(r.occurred_at, r.record_id) {order} LIMIT %(limit)s"
    return rows + connection.execute(f"{select}{where.sql}{from_here} {in_any}", arguments).fetchall()


def _matches(wanted: str, targets: list[str]) -> bool:
    parts = [part for part in wanted.lower().split("*") if part]
    return any(_holds(parts, target.lower()) for target in targets)


def _holds(parts: list[str], text: str) -> bool:
    """Whether the text contains the parts in this order."""
    place = 0
    for part in parts:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


class EvidenceLines:
    """Records of the evidence, with a cache of the last blocks that were decompressed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._blocks: OrderedDict[int, list[bytes]] = OrderedDict()

    def targets(self, block: int, line: int) -> list[str]:
        """The targets of the record at a place; [] where the record was deleted."""
        raw = self.line(block, line)
        return targets_of(read_json(raw)) if raw is not None else []

    def line(self, block: int, line: int) -> bytes | None:
        """The record at a place, as JSON; None where it was deleted."""
        lines = self._blocks.get(block)
        if lines is None:
            row = self._connection.execute(_PACKED, (block,), binary=True).fetchone()
            lines = inflate(bytes(row[0])) if row is not None else []
            self._blocks[block] = lines
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(block)
        return record_at(lines, line)
