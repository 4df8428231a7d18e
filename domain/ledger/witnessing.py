"""What a log asks of a witness, and what a witness answers (C2SP tlog-witness): pure, on both sides."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from hmac import compare_digest

import msgspec

from erstwhile.domain.ledger.checkpoints import LARGEST, TreeHead, parse_head
from erstwhile.domain.ledger.notes import MalformedNote, Note, VerifierKey, parse_note
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.domain.ledger.verify_proofs import verifies_consistency
from erstwhile.domain.vocabulary.numbers import parse_number

MOST_HASHES = 63
"""Of a consistency proof."""


class AddCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint, and the proof that it goes on from the tree with `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        hashes = "".join(base64.b64encode(each).decode() + "\n" for each in self.proof)
        return f"old {self.old}\n{hashes}\n{self.checkpoint}"


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Raises MalformedNote."""
    before, between, checkpoint = data.partition(b"\n\n")
    lines = before.decode("ascii", "replace").split("\n")
    word, _, number = lines[0].partition(" ")
    old = parse_number(number, 0, LARGEST)
    if not between or word != "old" or old is None or str(old) != number:
        raise MalformedNote("the first line is “old” and a size; after the proof there is an empty line")
    if len(lines) - 1 > MOST_HASHES:
        raise MalformedNote(f"a consistency proof has at most {MOST_HASHES} hashes")
    try:
        proof = tuple(base64.b64decode(line, validate=True) for line in lines[1:])
    except (binascii.Error, ValueError):
        raise MalformedNote("the lines of the proof are hashes in base64") from None
    return AddCheckpoint(old, proof, parse_note(checkpoint))


class Refused(Exception):
    """`status`: of HTTP, as the specification has it; `size`: of the tree that the witness has cosigned, where the
    answer says it."""

    def __init__(self, status: int, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.status, self.size = status, size


def to_cosign(
    request: AddCheckpoint, logs: Mapping[str, Sequence[VerifierKey]], cosigned: Mapping[str, TreeHead]
) -> TreeHead:
    """What a witness may sign: a tree of a known log that goes on from the one that it cosigned last. `logs`: the
    trusted keys by origin; `cosigned`: the last tree by origin. Raises Refused, MalformedNote."""
    head = parse_head(request.checkpoint.text)
    if head.origin not in logs:
        raise Refused(404, "this log is not known here")
    try:
        signers = verified(request.checkpoint, logs[head.origin])
    except BadSignature as error:
        raise Refused(403, str(error)) from None
    if not signers:
        raise Refused(403, "no trusted key of the log has signed the checkpoint")
    if request.old > head.size:
        raise Refused(400, "the old size is larger than that of the checkpoint")
    last = cosigned.get(head.origin)
    size = last.size if last is not None else 0
    if request.old != size:
        raise Refused(409, "the old size is not the one that was cosigned last", size)
    if last is None or last.size == 0:
        if request.proof:
            raise Refused(422, "from an empty tree the proof is empty")
        return head
    if last.size == head.size and not compare_digest(last.root, head.root):
        raise Refused(409, "a tree of this size was cosigned, and it was another one", size)
    if not verifies_consistency(last.size, last.root, head.size, head.root, request.proof):
        raise Refused(422, "the proof does not lead from the tree that was cosigned last to this one")
    return head
