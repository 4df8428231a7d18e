"""Rows of recorded calls with their records, which are read many blocks at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from erstwhile.projections.evidence_blocks import some_records
from erstwhile.projections.sql import Connection

Row = tuple[Any, ...]
"""Ends with the block and the line of its record."""
_AT_ONCE = 64
"""Blocks that are read by one query: some hundred kilobytes each, packed."""
_PACKED = "SELECT block_id, packed FROM evidence_block WHERE block_id = ANY (%s)"


def with_records(
    connection: Connection, rows: Sequence[Row], when_read: Callable[[], None] = lambda: None
) -> Iterator[tuple[Row, bytes | None]]:
    """Each row with its record, as JSON; None where that was deleted. Rows of one block mostly stand together.
    `when_read` is called once the connection is needed no more."""
    wanted: dict[int, list[int]] = {}
    for row in rows:
        wanted.setdefault(row[-2], []).append(row[-1])
    waiting = list(wanted)
    packed: dict[int, bytes] = {}
    inflated: dict[int, dict[int, bytes]] = {}
    if not waiting:
        when_read()
    for row in rows:
        block, line = row[-2:]
        if waiting and block not in packed:
            # Blocks wait in the order in which rows come to them: this one is the next.
            some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            packed |= dict.fromkeys(some, b"")
            packed |= connection.execute(_PACKED, (some,), binary=True).fetchall()
            if not waiting:
                when_read()
        lines = inflated.get(block)
        if lines is None:
            held = packed[block]
            lines = inflated[block] = some_records(bytes(held), wanted[block]) if held else {}
            packed[block] = b""
        yield row, lines.get(line)
