"""An answer with the proof of the events that it rests on, as a file."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.leaves import canonical_json, entry_of
from erstwhile.domain.ledger.notes import Note, parse_note
from erstwhile.domain.ledger.verify_proofs import verifies_inclusion
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import decode

FORMAT = "erstwhile-answer/1"
LARGEST = 256 << 20
"""Bytes of a file that is read."""


class MalformedAnswer(MalformedInput):
    """a file that is no answer with its proof"""

    code = "malformed_answer"


class ProvenEvent(msgspec.Struct, frozen=True):
    """An event of the log with its path in the tree: hashes in base64, from its leaf up. `event`: all that the log is
    committed to."""

    position: int
    event: dict[str, Any]
    proof: list[str]


class DecisionAsked(msgspec.Struct, frozen=True):
    """By what the decision is made again from the events alone."""

    principal: str
    action: str
    resource: str
    resource_account: str | None
    context: dict[str, list[str]]


class ProvenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with the proof of the events that it rests on: `erstwhile verify FILE` checks it offline. `question`:
    as it was asked, in words; `asked`: null where the answer is not decided again, and `not_decided_again` says why."""

    format: str
    question: list[str]
    as_of: str
    known_at: int
    answer: dict[str, Any]
    asked: DecisionAsked | None
    not_decided_again: str
    checkpoint: str
    events: list[ProvenEvent]

    def note(self) -> Note:
        """The checkpoint. Raises MalformedNote."""
        return parse_note(self.checkpoint.encode())


def parse_answer(data: bytes) -> ProvenAnswer:
    """Raises MalformedAnswer."""
    if len(data) > LARGEST:
        raise MalformedAnswer(f"the answer has more than {LARGEST:,} bytes")
    try:
        found = decode(data, ProvenAnswer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(f"this is no answer with its proof: {error}") from None
    if found.format != FORMAT:
        raise MalformedAnswer(f"the answer is of the form {found.format[:40]!r}; {FORMAT} is read here")
    return found


def not_proven(file: ProvenAnswer) -> int | None:
    """The position of the first event that the checkpoint does not prove; None where it proves all. Raises
    MalformedNote for a checkpoint that is none."""
    head = parse_head(file.note().text)
    for each in file.events:
        try:
            proof = [base64.b64decode(one, validate=True) for one in each.proof]
            leaf = leaf_hash(entry_of(canonical_json(each.event)))
        except (binascii.Error, ValueError, TypeError):
            return each.position
        if not verifies_inclusion(leaf, each.position - 1, head.size, proof, head.root):
            return each.position
    return None
