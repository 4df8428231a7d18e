"""An answer of many lines: as one object, or line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import orjson


class Pieces(msgspec.Struct, frozen=True):
    """`head` is known at once, `items` come one by one, `tail` is asked for after the last of them. `name`: the
    member of the whole answer that has the items."""

    head: dict[str, Any]
    name: str
    items: Iterator[dict[str, Any]]
    tail: Callable[[], dict[str, Any]]
    written: Callable[[], orjson.Fragment] | None = None
    """Makes JSON of all items at once, where that is sooner than one by one."""

    def whole(self) -> dict[str, Any]:
        """The answer as one object."""
        return {**self.head, self.name: list(self.items), **self.tail()}

    def to_write(self) -> dict[str, Any]:
        """The answer as one object, for `orjson.dumps` alone."""
        if self.written is None:
            return self.whole()
        return {**self.head, self.name: self.written(), **self.tail()}

    def lines(self) -> Iterator[dict[str, Any]]:
        """The answer as objects, one a line: the head, each item, and the tail. `line` says which one it is."""
        yield {"line": "head", **self.head}
        for item in self.items:
            yield {"line": self.name, **item}
        yield {"line": "tail", **self.tail()}
