"""Rooms of a runtime: what it asks, made on first use, with the modules that it needs imported there.

A process that asks one question imports what that question needs. A server imports the rest once it answers
(`make_rooms`), beside all else, so that no caller waits for it.
"""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")

_making = RLock()
"""Two threads that want a room get the same."""


class room(cached_property[T]):
    """A property that is computed once for each object, whichever of its threads comes first."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        with _making:
            return super().__get__(instance, owner)


def make_rooms(of: object) -> None:
    """Makes each room of an object that was not made yet."""
    for kind in type(of).__mro__:
        for name, value in vars(kind).items():
            if isinstance(value, room):
                getattr(of, name)
