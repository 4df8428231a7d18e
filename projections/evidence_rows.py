"""Rows of recorded calls with their records, which are read a few blocks at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from erstwhile.projections.evidence_blocks import some_records
from erstwhile.projections.sql import Connection

Row = tuple[Any, ...]
"""Ends with the block and the line of its record."""
_AT_ONCE = 16
"""Blocks that are read by one query: some hundred kilobytes each, once they are inflated."""
_PACKED = "SELECT block_id, packed FROM evidence_block WHERE block_id = ANY (%s)"


def with_records(connection: Connection, rows: Sequence[Row]) -> Iterator[tuple[Row, bytes | None]]:
    """Each row with its record, as JSON; None where that was deleted. Rows of one block mostly stand together."""
    wanted: dict[int, list[int]] = {}
    for row in rows:
        wanted.setdefault(row[-2], []).append(row[-1])
    waiting = list(wanted)
    read: dict[int, dict[int, bytes]] = {}
    left = {block: len(lines) for block, lines in wanted.items()}
    for row in rows:
        block = row[-2]
        if block not in read:
            # Blocks wait in the order in which rows come to them: this one is the next.
            some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            read |= {each: {} for each in some}
            for number, packed in connection.execute(_PACKED, (some,), binary=True).fetchall():
                read[number] = some_records(bytes(packed), wanted[number])
        yield row, read[block].get(row[-1])
        left[block] -= 1
        if not left[block]:
            del read[block]
