"""The verdict of a verification, for people and programs."""

from __future__ import annotations

from typing import Any

from erstwhile.api.ledger.answer_check import AnswerVerdict
from erstwhile.api.ledger.bundle_check import BundleVerdict
from erstwhile.domain.ledger.answer_file import ProvenAnswer
from erstwhile.projections.ledger.decision_proofs import DecisionVerdict
from erstwhile.projections.ledger.verifying import Verdict


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """`verified`: whether all that was signed is what it was."""
    told: dict[str, Any] = {
        "verified": verdict.tampering is None and verdict.signed > 0,
        "events": verdict.events, "signed_events": verdict.signed, "checkpoints": verdict.checkpoints,
        "signers": sorted(set(verdict.signers)),
    }  # fmt: skip
    if verdict.tampering is not None:
        found = verdict.tampering
        told["tampering"] = {
            "kind": found.kind.value, "position": found.position, "until": found.until,
            "explanation": found.explanation,
        }  # fmt: skip
    return told


def verdict_lines(verdict: Verdict) -> list[str]:
    """What is to be read, the result first."""
    found, signed = verdict.tampering, f"the events 1 to {verdict.signed:,} are what was signed"
    if found is not None:
        until = "" if found.position == found.until else f" to {found.until:,}"
        where = f"position{'s' if until else ''} {found.position:,}{until}"
        return [
            f"NOT VERIFIED: {found.kind.value} at {where}",
            found.explanation,
            *([signed] if verdict.signed else []),
        ]
    if not verdict.signed:
        return [
            "NOT VERIFIED: nothing was signed yet",
            "`erstwhile ledger checkpoint` signs; a running server does every second in which something came",
        ]
    lines = [f"verified: {signed} by {', '.join(sorted(set(verdict.signers)))}"]
    if verdict.events > verdict.signed:
        lines.append(f"{verdict.events - verdict.signed:,} later events are in no signed checkpoint yet")
    return lines


def decisions_json(verdict: DecisionVerdict) -> dict[str, Any]:
    """`verified`: whether all decisions that were signed are what they were, or gone as the log has on record."""
    told = verdict_json(verdict.tree)
    told["decisions"], told["signed_decisions"] = told.pop("events"), told.pop("signed_events")
    return told | {"deleted": verdict.pruned, "erased": verdict.erased}


def decisions_lines(verdict: DecisionVerdict) -> list[str]:
    """What is to be read, the result first."""
    found, signed = verdict.tree.tampering, verdict.tree.signed
    if found is not None:
        until = "" if found.position == found.until else f" to {found.until:,}"
        return [f"decisions NOT VERIFIED: {found.kind.value} at leaf {found.position:,}{until}", found.explanation]
    if not signed:
        return ["decisions NOT VERIFIED: none was signed yet"]
    by = ", ".join(sorted(set(verdict.tree.signers)))
    lines = [f"verified: the decisions 1 to {signed:,} are what was signed by {by}"]
    if verdict.pruned or verdict.erased:
        lines.append(
            f"of {verdict.pruned:,} that were deleted and {verdict.erased:,} that were erased, as the log has on "
            "record, the hash is there"
        )
    if verdict.tree.events > signed:
        lines.append(f"{verdict.tree.events - signed:,} later decisions are in no signed checkpoint yet")
    return lines


def bundle_json(verdict: BundleVerdict) -> dict[str, Any]:
    """`verified`: whether all of the bundle fits, under a checkpoint that a given key has signed."""
    told: dict[str, Any] = {
        "verified": not verdict.problem, "log": verdict.head.origin, "signed_events": verdict.head.size,
        "events": verdict.events, "details": verdict.details, "files": verdict.files, "signers": list(verdict.signers),
    }  # fmt: skip
    if verdict.problem:
        told["tampering"] = {
            "kind": verdict.kind, "position": verdict.position, "explanation": verdict.problem,
        }  # fmt: skip
    return told


def bundle_lines(verdict: BundleVerdict) -> list[str]:
    """What is to be read, the result first."""
    if verdict.problem:
        where = "" if verdict.position is None else f" at position {verdict.position:,}"
        return [f"NOT VERIFIED: {verdict.kind}{where}", verdict.problem]
    by = ", ".join(verdict.signers)
    return [
        f"verified: {verdict.events:,} events of a log that {by} has signed with {verdict.head.size:,} events",
        f"the details of {verdict.details:,} of them fit; all {verdict.files:,} files are those of the manifest",
        "not proven: that these are all events that were to be selected, and that the records are as they came",
    ]


def answer_verdict_json(file: ProvenAnswer, verdict: AnswerVerdict) -> dict[str, Any]:
    """`decided_again`: what came out of the events alone, None where the answer is not decided again."""
    told: dict[str, Any] = {
        "verified": not verdict.problem, "log": verdict.head.origin, "signed_events": verdict.head.size,
        "signers": list(verdict.signers), "events": verdict.events, "question": file.question, "as_of": file.as_of,
        "known_at": file.known_at, "decided_again": verdict.effect or None,
    }  # fmt: skip
    if verdict.problem:
        told["why"] = verdict.problem
    if verdict.why_not:
        told["not_decided_again"] = verdict.why_not
    return told


def answer_verdict_lines(file: ProvenAnswer, verdict: AnswerVerdict) -> list[str]:
    """What is to be read, the result first."""
    if verdict.problem:
        return [f"NOT VERIFIED: {verdict.problem}"]
    by = ", ".join(verdict.signers)
    asked = verdict.asked
    lines = [
        f"verified: its {verdict.events:,} events are in a log that {by} has signed with {verdict.head.size:,} events",
        f"asked: {' '.join(file.question)}, as of {file.as_of or 'its window'}, known at position {file.known_at:,}",
    ]
    if asked is not None:
        lines.append(
            f"decided again from these events alone: {verdict.effect}, for the same reasons: {asked.principal}, "
            f"{asked.action}, {asked.resource}"
        )
        lines.append("not proven: that no other event of the log bears on it")
    else:
        lines.append(f"not decided again: {verdict.why_not}; not proven: that the answer follows from these events")
    return lines
