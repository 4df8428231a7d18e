"""The records inside an evidence block."""

from __future__ import annotations

from collections.abc import Sequence

import zstandard


def pack(records: Sequence[bytes]) -> bytes:
    """Packs redacted records, each one line of JSON, into one block; record n is line n."""
    return zstandard.ZstdCompressor(level=1).compress(b"\n".join(records))


def record_at(lines: list[bytes], line: int) -> bytes | None:
    """The record at a line of an inflated block, as JSON; None if it is not there or had to be deleted, which leaves an
    empty line."""
    return lines[line] or None if line < len(lines) else None


def inflate(packed: bytes) -> list[bytes]:
    """The lines of a block."""
    return zstandard.ZstdDecompressor().decompress(packed).split(b"\n")
