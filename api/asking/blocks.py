"""JSON of an answer, in blocks: lists of many megabytes are joined once and sent as they are.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

_TOGETHER = 4_096
"""Texts that are joined to a block: some hundred kilobytes, memory that the next block takes again."""


class Blocks:
    """A member of an answer as JSON. The answer is written by `written`, and no dictionary of it by others."""

    __slots__ = ("blocks",)

    def __init__(self, blocks: Sequence[bytes]) -> None:
        self.blocks = blocks

    def whole(self) -> bytes:
        return b"".join(self.blocks)


def in_blocks(texts: npt.NDArray[np.object_]) -> Blocks:
    """Many small texts, one after the other."""
    return Blocks([b"".join(texts[at : at + _TOGETHER].tolist()) for at in range(0, len(texts), _TOGETHER)])


def listed(texts: Sequence[bytes], opening: bytes = b"[", closing: bytes = b"]") -> Blocks:
    """Many texts with commas between."""
    blocks = []
    for at in range(0, len(texts), _TOGETHER):
        blocks += [b"," if at else opening, b",".join(texts[at : at + _TOGETHER])]
    return Blocks([*blocks, closing] if blocks else [opening + closing])


def written(answer: dict[str, Any]) -> list[bytes]:
    """An answer as JSON, whose members may be `Blocks`."""
    if not any(isinstance(each, Blocks) for each in answer.values()):
        return [orjson.dumps(answer)]
    found = []
    opening = b"{"
    for name, value in answer.items():
        is_written = isinstance(value, Blocks)
        found.append(opening + orjson.dumps(name) + b":" + (b"" if is_written else orjson.dumps(value)))
        if is_written:
            found += value.blocks
        opening = b","
    found.append(b"}")
    return found
