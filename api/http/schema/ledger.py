"""Answers about the ledger."""

from __future__ import annotations

import msgspec

from erstwhile.domain.ledger.answer_file import ProvenAnswer as ProvenAnswer


class Consistency(msgspec.Struct, frozen=True):
    """That the tree of `old` events is a beginning of the one of `new` events: hashes in base64 (RFC 9162, 2.1.4)."""

    old: int
    new: int
    proof: list[str]


class LedgerKeys(msgspec.Struct, frozen=True):
    """The public keys that ever signed, as C2SP signed-note writes them."""

    keys: list[str]
