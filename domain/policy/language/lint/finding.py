"""What a check found, and where."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["error", "security_warning", "warning", "suggestion"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`error`: IAM refuses the document. `security_warning`: it grants more than is safe. `warning`: it does not do
    what it seems to. `suggestion`: it says less with more words. `place` is where: `Statement[0].Action[1]`."""

    severity: Severity
    code: str
    place: str
    message: str


def as_list(value: Any) -> list[Any]:
    """An element that may be one value or a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def placed(place: str, value: Any) -> list[tuple[str, str]]:
    """(place, text) of each string of an element."""
    if isinstance(value, str):
        return [(place, value)]
    return [(f"{place}[{index}]", each) for index, each in enumerate(as_list(value)) if isinstance(each, str)]
