"""A spooled cell as text."""

from __future__ import annotations

from typing import Any

YES, NO, UNKNOWN = "yes", "no", "unknown"


def text_of(cell: Any, kind: str) -> str:
    """A cell in words. `kind` is that of its column."""
    if kind == "boolean":
        return UNKNOWN if cell is None else YES if cell else NO
    if cell is None:
        return ""
    if kind == "list":
        return "; ".join(cell)
    return str(cell)
