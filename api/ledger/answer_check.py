"""Verifies an answer offline: that its events are in the signed log, and where it can be decided again from them alone,
that the same comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from erstwhile.api.ledger.deciding_again import decided, differences, directory_of, events_of
from erstwhile.domain.ledger.answer_file import DecisionAsked, MalformedAnswer, ProvenAnswer, not_proven
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import VerifierKey
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant


class AnswerVerdict(msgspec.Struct, frozen=True):
    """`problem`: what does not fit, '' where all does. `effect`: what came out again; '' where it was not decided
    again, and `why_not`."""

    problem: str
    signers: tuple[str, ...]
    head: TreeHead
    events: int
    asked: DecisionAsked | None
    effect: str
    why_not: str


def verify_answer(file: ProvenAnswer, keys: Sequence[VerifierKey]) -> AnswerVerdict:
    """Raises MalformedAnswer, MalformedNote."""
    note = file.note()
    head = parse_head(note.text)
    problem, effect = "", ""
    signers: tuple[str, ...] = ()
    try:
        signers = tuple(sorted({key.name for key in verified(note, keys)}))
    except BadSignature as error:
        problem = str(error)
    if not problem and not signers:
        problem = "none of the given keys has signed the checkpoint"
    problem = problem or _misplaced(file, head)
    if not problem and file.asked is not None:
        again = _again(file, file.asked)
        effect = str(again["effect"])
        others = [*_asked_otherwise(file, file.asked), *differences(file.answer, again)]
        if others:
            problem = f"decided again from these events: {effect}; the answer has another {', '.join(others)}"
    return AnswerVerdict(problem, signers, head, len(file.events), file.asked, effect, file.not_decided_again)


def _misplaced(file: ProvenAnswer, head: TreeHead) -> str:
    positions = [each.position for each in file.events]
    if positions != sorted(set(positions)):
        return "the events are not in the order of the log"
    if file.known_at > head.size:
        return f"the answer was known at position {file.known_at:,}, after the {head.size:,} events of the checkpoint"
    if (file.answer.get("as_of", ""), file.answer.get("known_at")) != (file.as_of, file.known_at):
        return "the answer is of another moment than the file says"
    position = not_proven(file)
    return "" if position is None else f"the event at position {position:,} is not the one in the signed log"


def _asked_otherwise(file: ProvenAnswer, asked: DecisionAsked) -> list[str]:
    named: dict[str, Any] = {
        "principal": asked.principal, "action": asked.action, "resource": asked.resource
    }  # fmt: skip
    return [name for name, value in named.items() if file.answer.get(name) != value]


def _again(file: ProvenAnswer, asked: DecisionAsked) -> dict[str, Any]:
    try:
        at = parse_instant(file.as_of)
    except MalformedInstant as error:
        raise MalformedAnswer(str(error)) from None
    then = [each for each in file.events if each.position <= file.known_at]
    return decided(directory_of(events_of(then), at), asked)
