"""An answer of many lines: as one object, or line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.blocks import Blocks


class Pieces(msgspec.Struct, frozen=True):
    """`head` is known at once, `items` come one by one, `tail` is asked for after the last of them. `name`: the
    member of the whole answer that has the items."""

    head: dict[str, Any]
    name: str
    items: Iterator[dict[str, Any]]
    tail: Callable[[], dict[str, Any]]
    written: Callable[[], Blocks] | None = None
    """Makes JSON of all items at once, where that is sooner than one by one."""

    def whole(self) -> dict[str, Any]:
        """The answer as one object."""
        return {**self.head, self.name: list(self.items), **self.tail()}

    def to_write(self) -> dict[str, Any]:
        """The answer as one object, for `blocks.written` alone: each item is written as it comes, since all of them at
        once take many times as much memory as their text."""
        written = self._written() if self.written is None else self.written()
        return {**self.head, self.name: written, **self.tail()}

    def _written(self) -> Blocks:
        written = bytearray(b"[")
        for item in self.items:
            written += orjson.dumps(item)
            written += b","
        return Blocks([bytes(written.removesuffix(b",") + b"]")])

    def lines(self) -> Iterator[dict[str, Any]]:
        """The answer as objects, one a line: the head, each item, and the tail. `line` says which one it is."""
        yield {"line": "head", **self.head}
        for item in self.items:
            yield {"line": self.name, **item}
        yield {"line": "tail", **self.tail()}
