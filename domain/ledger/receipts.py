"""An inclusion proof with its checkpoint, to be verified offline (C2SP tlog-proof)."""

from __future__ import annotations

import base64
import binascii

import msgspec

from erstwhile.domain.ledger.checkpoints import LARGEST, parse_head
from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.leaves import entry_of
from erstwhile.domain.ledger.notes import MalformedNote, Note, parse_note
from erstwhile.domain.ledger.verify_proofs import verifies_inclusion
from erstwhile.domain.vocabulary.numbers import parse_number

_HEADER = "c2sp.org/tlog-proof@v1"
_LONGEST = 63
"""Hashes of a proof."""


class Receipt(msgspec.Struct, frozen=True):
    """Leaf `index` is in the tree of the checkpoint. `extra`: the canonical JSON of the event, from which the leaf is
    made; nothing vouches for it until that leaf is proven."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def __str__(self) -> str:
        hashes = "".join(base64.b64encode(each).decode() + "\n" for each in self.proof)
        extra = f"extra {base64.b64encode(self.extra).decode()}\n" if self.extra else ""
        return f"{_HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"

    def proves(self, canonical: bytes) -> bool:
        """Whether it is the event with this canonical JSON that is in the tree. Raises MalformedNote for a note that is
        no checkpoint. Who signed the checkpoint, `verified` says."""
        head = parse_head(self.checkpoint.text)
        return verifies_inclusion(leaf_hash(entry_of(canonical)), self.index, head.size, self.proof, head.root)


def parse_receipt(data: bytes) -> Receipt:
    """Raises MalformedNote."""
    before, between, checkpoint = data.partition(b"\n\n")
    try:
        header, *lines = before.decode("ascii").split("\n")
    except UnicodeDecodeError:
        header, lines = "", []
    if header != _HEADER or not between:
        raise MalformedNote(f"a receipt begins with a line {_HEADER}")
    extra = _decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
    word, _, number = lines[0].partition(" ") if lines else ("", "", "")
    index = parse_number(number, 0, LARGEST)
    if word != "index" or index is None or str(index) != number:
        raise MalformedNote("a receipt's second line is “index” and a whole number")
    return Receipt(index, tuple(_decoded(line) for line in _few(lines[1:])), parse_note(checkpoint), extra)


def _few(lines: list[str]) -> list[str]:
    if len(lines) > _LONGEST:
        raise MalformedNote(f"a proof has at most {_LONGEST} hashes, this one has {len(lines)}")
    return lines


def _decoded(line: str) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote(f"{line[:60]!r} is not base64, as a proof has it") from None
