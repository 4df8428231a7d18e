"""Elements that are one text or a list of texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.uses import Use


def texts(value: Any) -> list[str | None]:
    """The strings of an element; None for what is no string."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else None for item in items]


def either(statement: dict[str, Any], place: str, use: Use, one: str, other: str, missing: str) -> Iterator[Problem]:
    """Exactly one of two elements must be there, and not empty."""
    given = [member for member in (one, other) if member in statement]
    if len(given) == 2:
        yield problem(use, "both", place, f"has both {one} and {other}")
    elif not given:
        yield problem(use, missing, place, f"must have {one} or {other}")
    elif not texts(statement[given[0]]):
        yield problem(use, missing, f"{place}.{given[0]}", "must not be empty")
