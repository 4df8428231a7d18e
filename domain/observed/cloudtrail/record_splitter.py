"""Splits a file into its records without parsing it as a whole: for files with an unreadable part, and for files much
bigger than CloudTrail's own. Slower than parsing the whole file, but needs little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TRAIL = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_ARRAY = re.compile(rb"\s*\[")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[][{},]', re.DOTALL)
_SPACE = b" \t\r\n,"
_DEPTH = 100_000
"""Levels of nesting at which the splitter stops: only a file made to do harm nests so deep."""
_SMALL = 64 * 1024
_DENSE = 12
"""Average bytes for each comma below which a file is not a list of records: records have about thirty."""


def begins_as_trail(data: bytes) -> bool:
    """Whether the data begins like a file that CloudTrail delivers: `{"Records": [`."""
    return _TRAIL.match(data) is not None


def begins_as_array(data: bytes) -> bool:
    return _ARRAY.match(data) is not None


def is_dense(data: bytes) -> bool:
    """Whether the data may hold so many JSON values that parsing it as a whole would take too much memory."""
    return len(data) > _SMALL and data.count(b",") * _DENSE > len(data)


def split_records(data: bytes) -> Iterator[bytes]:
    """Yields each element of the list at the beginning of the data, unchanged. If an element does not end, or nests too
    deep, the rest of the data is yielded as one element."""
    begin = _TRAIL.match(data) or _ARRAY.match(data)
    if begin is None:
        return
    depth, start = 0, begin.end()
    for token in _TOKEN.finditer(data, start):
        mark = data[token.start()]
        if mark in b"{[":
            depth += 1
            if depth > _DEPTH:
                break
        elif mark in b"}]":
            depth -= 1
        elif mark != 44 or depth:  # a string, or a comma within an element
            continue
        if (depth == 0 and mark == 44) or depth < 0:
            element = data[start : token.start()].strip()
            start = token.end()
            if element:
                yield element
            if depth < 0:
                return
    rest = data[start:].strip(_SPACE)
    if rest:
        yield rest
