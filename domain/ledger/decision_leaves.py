"""A served decision's commitment: SHA-256 over its canonical JSON (RFC 8785), as `leaves` makes an event's."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.ledger.leaves import canonical_json

SUFFIX = "/decisions"


def origin_of_decisions(origin: str) -> str:
    """The name of the decisions' tree in its checkpoints, from the log's name. No log of events has it: that one is
    named as the keys are, without anything behind."""
    return origin + SUFFIX


def is_of_decisions(origin: str, signers: Iterable[str]) -> bool:
    """Whether a checkpoint is of a tree of decisions: `origin` as it says, `signers` the names of its keys."""
    return any(origin == origin_of_decisions(name) for name in signers)


def canonical_decision(
    day: str, number: int, decided_at: str, texts: tuple[str, ...], masked: bool, revision: int, latency_us: int
) -> bytes:
    """The row as it was recorded, masked values as masked. `texts`: asked_by, subject, action, resource, effect,
    question, answer; `decided_at` as `canonical_instant` makes it."""
    asked_by, subject, action, resource, effect, question, answer = texts
    return canonical_json({
        "action": action, "answer": answer, "asked_by": asked_by, "day": day, "decided_at": decided_at,
        "effect": effect, "id": number, "latency_us": latency_us, "masked": masked, "question": question,
        "resource": resource, "revision": revision, "subject": subject,
    })  # fmt: skip
