"""The content hash of an answer of many lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.domain.reports.report import canonical


def sealed(pieces: Pieces) -> Pieces:
    """The same answer with one member more in its tail: `content_hash`, the SHA-256 of the answer's lines as canonical
    JSON (RFC 8785), each ended by a newline: its head, each item, and the rest of its tail. The tail must be asked for
    after the last item."""
    digest = hashlib.sha256()

    def taken(part: dict[str, Any]) -> dict[str, Any]:
        digest.update(canonical(part))
        digest.update(b"\n")
        return part

    def items() -> Iterator[dict[str, Any]]:
        taken(pieces.head)
        yield from map(taken, pieces.items)

    def tail() -> dict[str, Any]:
        return {**taken(pieces.tail()), "content_hash": digest.hexdigest()}

    return Pieces(pieces.head, pieces.name, items(), tail)
