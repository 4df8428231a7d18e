"""Numbers for what is compared again and again."""

from __future__ import annotations

from collections.abc import Hashable


class Numbers:
    """Equal for what is equal."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))
