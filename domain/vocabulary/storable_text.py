"""Text that PostgreSQL and interoperable JSON can hold: no NUL, no lone surrogate (RFC 7493, section 2.1)."""

from __future__ import annotations

import re
from typing import Any

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text can be stored unchanged."""
    return _NOT_STORABLE.search(text) is None


def storable(text: str, most: int | None = None) -> str:
    """Returns the text, cut after `most` characters, with U+FFFD for each character that cannot be stored."""
    if most is not None and len(text) > most:
        text = text[:most]
    return _NOT_STORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """Returns the JSON value with each of its strings and keys made storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_json(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable_json(each) for key, each in value.items()}
    return value
