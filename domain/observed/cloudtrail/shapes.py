"""Parts of a record by the shape that they should have: a part of another shape is an empty one, never an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

_NOTHING: dict[str, Any] = {}


def as_object(value: Any) -> dict[str, Any]:
    """The object, or an empty one where something else stands (`"HIDDEN_DUE_TO_SECURITY_REASONS"`, null)."""
    return value if isinstance(value, dict) else _NOTHING


def as_text(value: Any) -> str:
    """The text; what is no text is written as JSON, null as ''."""
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
