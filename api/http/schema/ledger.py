"""Answers about the ledger."""

from __future__ import annotations

from typing import Any

import msgspec


class Consistency(msgspec.Struct, frozen=True):
    """That the tree of `old` events is a beginning of the one of `new` events: hashes in base64 (RFC 9162, 2.1.4)."""

    old: int
    new: int
    proof: list[str]


class LedgerKeys(msgspec.Struct, frozen=True):
    """The public keys that ever signed, as C2SP signed-note writes them."""

    keys: list[str]


class ProvenEvent(msgspec.Struct, frozen=True):
    """An event of the log with its path in the tree: hashes in base64, from its leaf up."""

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
    """An answer with the proof of the events that it rests on: `erstwhile verify FILE` checks it offline. `asked`: null
    where the answer is not decided again; then `not_decided_again` says why."""

    format: str
    question: list[str]
    as_of: str
    known_at: int
    answer: dict[str, Any]
    asked: DecisionAsked | None
    not_decided_again: str
    checkpoint: str
    events: list[ProvenEvent]
