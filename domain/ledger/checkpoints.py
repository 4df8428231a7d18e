"""The size and root of the tree at one moment, as signed checkpoints say them (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii

import msgspec

from erstwhile.domain.ledger.hashing import SIZE
from erstwhile.domain.ledger.notes import MalformedNote
from erstwhile.domain.vocabulary.numbers import parse_number

LARGEST = (1 << 63) - 1
ORIGIN = 255
"""Bytes of an origin, at most: a cosignature says its length in one byte."""


class TreeHead(msgspec.Struct, frozen=True):
    """`origin` names the log; `extensions` are further lines, with newlines, which nobody here writes."""

    origin: str
    size: int
    root: bytes
    extensions: str = ""

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{self.extensions}"


def parse_head(text: str) -> TreeHead:
    """The text of a checkpoint's note. Raises MalformedNote."""
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        raise MalformedNote("a checkpoint has an origin, a tree size and a root hash, each on a line of its own")
    origin, size, root, *rest = lines
    if len(origin.encode()) > ORIGIN:
        raise MalformedNote(f"the checkpoint's origin has more than {ORIGIN} bytes")
    number = parse_number(size, 0, LARGEST)
    if number is None or str(number) != size:
        raise MalformedNote(f"the checkpoint's tree size is no whole number: {size[:30]!r}")
    try:
        hashed = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        hashed = b""
    if len(hashed) != SIZE:
        raise MalformedNote(f"the checkpoint's root hash is not base64 of {SIZE} bytes")
    return TreeHead(origin, number, hashed, "\n".join(rest))
