"""An inclusion proof with its checkpoint, to be verified offline (C2SP tlog-proof)."""

from __future__ import annotations

import base64
import binascii

import msgspec

from erstwhile.domain.ledger.checkpoints import LARGEST
from erstwhile.domain.ledger.notes import MalformedNote, Note, parse_note
from erstwhile.domain.vocabulary.numbers import parse_number

_HEADER = "c2sp.org/tlog-proof@v1"
_LONGEST = 63
"""Hashes of a proof."""


class Receipt(msgspec.Struct, frozen=True):
    """Leaf `index` is in the tree of the checkpoint."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        hashes = "".join(base64.b64encode(each).decode() + "\n" for each in self.proof)
        return f"{_HEADER}\nindex {self.index}\n{hashes}\n{self.checkpoint}"


def parse_receipt(data: bytes) -> Receipt:
    """Extra data, which nothing vouches for, is passed over. Raises MalformedNote."""
    before, between, checkpoint = data.partition(b"\n\n")
    try:
        header, *lines = before.decode("ascii").split("\n")
    except UnicodeDecodeError:
        header, lines = "", []
    if header != _HEADER or not between:
        raise MalformedNote(f"a receipt begins with a line {_HEADER}")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    word, _, number = lines[0].partition(" ") if lines else ("", "", "")
    index = parse_number(number, 0, LARGEST)
    if word != "index" or index is None or str(index) != number:
        raise MalformedNote("a receipt's second line is “index” and a whole number")
    return Receipt(index, tuple(_hash(line) for line in _few(lines[1:])), parse_note(checkpoint))


def _few(lines: list[str]) -> list[str]:
    if len(lines) > _LONGEST:
        raise MalformedNote(f"a proof has at most {_LONGEST} hashes, this one has {len(lines)}")
    return lines


def _hash(line: str) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote(f"{line[:60]!r} is no hash of a proof: expected base64") from None
