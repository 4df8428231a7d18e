"""Splitting a file into its records without reading it whole: for one of which some part cannot be read, and for one
that holds far more than a trail's file does. Slower than reading it whole, and in little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TRAIL = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_ARRAY = re.compile(rb"\s*\[")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[][{},]', re.DOTALL)
_SPACE = b" \t\r\n,"
_DEPTH = 100_000
"""Levels of nesting after which nothing more is looked for: what nests so deep was made to be so."""
_SMALL = 64 * 1024
_DENSE = 12
"""Bytes a comma, on the average, under which a file is no list of records: theirs have thirty."""


def begins_as_trail(data: bytes) -> bool:
    """Whether it begins as the files do that CloudTrail delivers."""
    return _TRAIL.match(data) is not None


def begins_as_array(data: bytes) -> bool:
    return _ARRAY.match(data) is not None


def is_dense(data: bytes) -> bool:
    """Whether it may hold so many parts that it must not be read whole."""
    return len(data) > _SMALL and data.count(b",") * _DENSE > len(data)


def split_records(data: bytes) -> Iterator[bytes]:
    """Each element of the list that the data begins with, as it stands there; what follows an element that never ends,
    or nests without end, comes as one."""
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
        elif mark != 44 or depth:  # a text, or a comma within an element
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
