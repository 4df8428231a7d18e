"""What is made of something that never changes, and kept as long as that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")
Own = TypeVar("Own", bound="MadeOnce")


class MadeOnce:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._made_once: dict[Callable[[Any], object], object] = {}

    def once(self: Own, make: Callable[[Own], Made]) -> Made:
        """What a function makes of it, which it is asked for once. That must not keep what it was made of: both would
        wait for the collector of cycles."""
        found = self._made_once.get(make)
        if found is None:
            found = self._made_once.setdefault(make, make(self))
        return cast(Made, found)
