"""Reads parts of a record by the JSON type that they should have. A part of another type counts as empty, never as an
error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

_NOTHING: dict[str, Any] = {}


def as_object(value: Any) -> dict[str, Any]:
    """The value if it is an object; else an empty object (for `"HIDDEN_DUE_TO_SECURITY_REASONS"`, null)."""
    return value if isinstance(value, dict) else _NOTHING


def as_text(value: Any) -> str:
    """The value if it is a string; '' for null; any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yields the elements of a list that are objects; nothing where the value is not a list."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
