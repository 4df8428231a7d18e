"""A review and its lines as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.reviews.review import Decision, Review, Step
from erstwhile.domain.vocabulary.instants import format_instant


def review_json(review: Review) -> dict[str, Any]:
    """What was asked, what was frozen, and how far it is."""
    opened = review.opened
    return {
        "name": opened.name,
        "state": "closed" if review.closing is not None else "open",
        "accounts": list(opened.accounts),
        "kinds": list(opened.kinds),
        "action": opened.action or None,
        "resource": opened.resource or None,
        "resource_account": opened.resource_account or None,
        "as_of": opened.as_of,
        "known_at": opened.known_at,
        "used_since": opened.used_since,
        "sha256": opened.sha256,
        "rules": list(opened.rules),
        "deadline": format_instant(review.deadline) if review.deadline is not None else None,
        "note": opened.note,
        "counts": review.counts(),
        "opened": step_json(review.by),
        "closed": step_json(review.closing) | {"comment": review.closing.comment} if review.closing else None,
    }


def whole_json(review: Review, lines: Sequence[FrozenLine]) -> dict[str, Any]:
    """The same with who has still to decide, and what was done beside decisions."""
    return review_json(review) | {
        "pending": [{"reviewer": name, "lines": count} for name, count in review.pending(lines).items()],
        "reminders": [
            step_json(each) | {"reviewer": each.reviewer, "pending": each.pending, "note": each.note}
            for each in review.reminders
        ],
        "exports": [
            step_json(each) | {"form": each.form, "known_at": each.known_at, "sha256": each.sha256}
            for each in review.exports
        ],
    }


def step_json(step: Step) -> dict[str, Any]:
    return {"position": step.position, "at": format_instant(step.at), "by": step.actor}


def line_json(review: Review, line: FrozenLine) -> dict[str, Any]:
    """A line as it was frozen, who decides about it now, and what was decided."""
    made = review.decision(line.number)
    delegation = review.delegations.get(line.number)
    return {
        "line": line.number,
        "account": line.account,
        "kind": line.kind or None,
        "principal": line.principal,
        "name": line.name,
        "unique_id": line.unique_id or None,
        "path": line.path,
        "via": line.via or None,
        "policy": line.policy or None,
        "how": line.how or None,
        "since": None if line.since in ("", "-infinity") else line.since,
        "event": line.event or None,
        "by": line.by or None,
        "use": line.use,
        "used_at": line.used_at or None,
        "use_note": line.use_note,
        "reviewers": review.reviewers(line),
        "delegated_by": delegation.delegated_by if delegation is not None else None,
        "decision": decision_json(made) if made is not None else None,
    }


def decision_json(made: Decision) -> dict[str, Any]:
    return step_json(made) | {
        "decision": made.decision, "reviewer": made.reviewer, "comment": made.comment, "is_late": made.is_late,
    }  # fmt: skip


def overdue(review: Review, now: datetime) -> bool:
    """Whether lines are pending after the deadline."""
    counts = review.counts()
    return review.closing is None and review.deadline is not None and now > review.deadline and counts["pending"] > 0


def lines_json(review: Review, lines: Iterable[FrozenLine]) -> list[dict[str, Any]]:
    return [line_json(review, each) for each in lines]
