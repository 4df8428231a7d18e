"""The decision log, as it is told."""

from __future__ import annotations

from typing import Any

import msgspec


class ServedDecision(msgspec.Struct, frozen=True):
    """A decision that was served. `question`, `answer`: as AuthZEN has them; `masked`: whether values of the question
    were not recorded; `revision`: the log position that it rests on; `latency_us`: microseconds."""

    id: int
    decided_at: str
    asked_by: str
    subject: str
    action: str
    resource: str
    effect: str
    question: dict[str, Any]
    answer: dict[str, Any]
    masked: bool
    revision: int
    latency_us: int


class DecisionPage(msgspec.Struct, frozen=True):
    """Newest first; `next_cursor`: '' on the last page."""

    entries: list[ServedDecision]
    next_cursor: str
