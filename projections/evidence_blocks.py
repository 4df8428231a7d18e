"""The records inside an evidence block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def some_records(packed: bytes, wanted: Iterable[int]) -> dict[int, bytes]:
    """The records at some lines of a block, as `record_at` gives them, without those that are not there. A block has
    hundreds of lines, and mostly few of them are wanted.

    Serves the rows "busy users' keys" of `make bench-incident`."""
    data = zstandard.ZstdDecompressor().decompress(packed)
    found: dict[int, bytes] = {}
    begin = number = 0
    for line in sorted(set(wanted)):
        while number < line and (end := data.find(b"\n", begin)) >= 0:
            begin, number = end + 1, number + 1
        if number < line:
            break
        end = data.find(b"\n", begin)
        record = data[begin : end if end >= 0 else len(data)]
        if record:
            found[line] = record
    return found
