"""The records of calls, read block by block, as many as an answer has time for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erstwhile.domain.incident.calls import Call
from erstwhile.domain.observed.text import read_json
from erstwhile.projections.evidence_blocks import some_records
from erstwhile.projections.sql import Connection

MOST_BLOCKS = 300
"""Blocks of evidence that are inflated; one takes a few milliseconds."""
_AT_ONCE = 20
_PACKED = "SELECT block_id, packed FROM evidence_block WHERE block_id = ANY (%s)"


class Records:
    """Keeps the records that were read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[str, dict[str, Any]] = {}
        self._blocks = 0

    def __call__(self, evidence: str) -> dict[str, Any] | None:
        """The record of a call that was read."""
        return self._read.get(evidence)

    def read(self, calls: Iterable[Call], most: int = MOST_BLOCKS) -> None:
        """Reads the records of these calls, the first ones first, until the blocks of all questions are `most`."""
        by_block: dict[int, list[Call]] = {}
        for call in calls:
            if call.block and call.evidence not in self._read:
                by_block.setdefault(call.block, []).append(call)
        wanted = list(by_block)[: max(0, most - self._blocks)]
        self._blocks += len(wanted)
        for place in range(0, len(wanted), _AT_ONCE):
            some = wanted[place : place + _AT_ONCE]
            for block, packed in self._connection.execute(_PACKED, (some,), binary=True).fetchall():
                calls_of_block = by_block[block]
                lines = some_records(bytes(packed), (call.line for call in calls_of_block))
                for call in calls_of_block:
                    if call.line in lines:
                        self._read[call.evidence] = read_json(lines[call.line])
