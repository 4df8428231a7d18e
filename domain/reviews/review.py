"""A review as its events tell it: what was decided about which line, by whom, and when; delegations, reminders, and
exports. The population is read apart (`FrozenLine`): it never changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from erstwhile.domain.events import Actor, Event
from erstwhile.domain.events.reviews import (
    FrozenLine,
    LinesDecided,
    LinesDelegated,
    ReviewClosed,
    ReviewDeadlineSet,
    ReviewExported,
    ReviewOpened,
    ReviewReminded,
)
from erstwhile.domain.vocabulary.instants import parse_instant

DECISIONS = ("approve", "revoke", "abstain")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """By which event something was done to a review, when, and by whom: a token, a login, or the ARN of a principal."""

    position: int
    at: datetime
    actor: str


class Decision(Step, frozen=True, kw_only=True):
    """`is_late`: it was made after the deadline of then. It counts, and says so."""

    decision: str
    reviewer: str
    comment: str
    is_late: bool = False


class Delegation(Step, frozen=True, kw_only=True):
    delegate: str
    delegated_by: str
    comment: str


class Reminder(Step, frozen=True, kw_only=True):
    reviewer: str
    pending: int
    note: str


class Export(Step, frozen=True, kw_only=True):
    form: str
    known_at: int
    sha256: str


class Closing(Step, frozen=True, kw_only=True):
    comment: str


class Review(msgspec.Struct, kw_only=True):
    """`decisions` has all of a line, the one that counts last; `delegations` the last of a line."""

    opened: ReviewOpened
    by: Step
    deadline: datetime | None
    decisions: dict[int, list[Decision]] = {}
    delegations: dict[int, Delegation] = {}
    reminders: list[Reminder] = []
    exports: list[Export] = []
    closing: Closing | None = None

    @property
    def name(self) -> str:
        return self.opened.name

    def decision(self, number: int) -> Decision | None:
        """The one that counts; None while nothing is decided about the line."""
        made = self.decisions.get(number)
        return made[-1] if made else None

    def reviewers(self, line: FrozenLine) -> list[str]:
        """Who decides about a line now."""
        delegation = self.delegations.get(line.number)
        return [delegation.delegate] if delegation is not None else list(line.reviewers)

    def counts(self) -> dict[str, int]:
        """How many lines there are, how many of each decision, and how many are pending."""
        last = [made[-1].decision for made in self.decisions.values()]
        told = {"lines": self.opened.lines} | {each: last.count(each) for each in DECISIONS}
        return told | {"pending": self.opened.lines - len(last)}

    def pending(self, lines: Iterable[FrozenLine]) -> dict[str, int]:
        """Reviewer → how many lines wait for a decision of theirs."""
        found: dict[str, int] = {}
        for line in lines:
            if line.number not in self.decisions:
                for reviewer in self.reviewers(line):
                    found[reviewer] = found.get(reviewer, 0) + 1
        return dict(sorted(found.items()))


def reviews_of(events: Iterable[Event]) -> dict[str, Review]:
    """Lower-case name → review, from the events of reviews in the order of the log; those of the population are passed
    over."""
    found: dict[str, Review] = {}
    for event in events:
        body = event.body
        if isinstance(body, ReviewOpened):
            found[body.name.lower()] = Review(
                opened=body, by=Step(position=event.position, at=event.occurred_at, actor=_actor(event)),
                deadline=parse_instant(body.deadline) if body.deadline else None,
            )  # fmt: skip
            continue
        review = found.get(str(getattr(body, "name", "")).lower())
        if review is not None:
            _apply(review, event)
    return found


def _apply(review: Review, event: Event) -> None:
    body, position, at, actor = event.body, event.position, event.occurred_at, _actor(event)
    if isinstance(body, LinesDecided):
        decision = Decision(
            position=position, at=at, actor=actor, decision=body.decision, reviewer=body.reviewer, comment=body.comment,
            is_late=review.deadline is not None and at > review.deadline,
        )  # fmt: skip
        for number in body.lines:
            review.decisions.setdefault(number, []).append(decision)
    elif isinstance(body, LinesDelegated):
        delegation = Delegation(
            position=position, at=at, actor=actor, delegate=body.delegate, delegated_by=body.delegated_by,
            comment=body.comment,
        )  # fmt: skip
        review.delegations |= dict.fromkeys(body.lines, delegation)
    elif isinstance(body, ReviewDeadlineSet):
        review.deadline = parse_instant(body.deadline) if body.deadline else None
    elif isinstance(body, ReviewReminded):
        review.reminders.append(
            Reminder(
                position=position, at=at, actor=actor, reviewer=body.reviewer, pending=body.pending, note=body.note
            )
        )
    elif isinstance(body, ReviewExported):
        review.exports.append(
            Export(position=position, at=at, actor=actor, form=body.form, known_at=body.known_at, sha256=body.sha256)
        )
    elif isinstance(body, ReviewClosed):
        review.closing = Closing(position=position, at=at, actor=actor, comment=body.comment)


def _actor(event: Event) -> str:
    actor: Actor = event.envelope.actor
    return actor.arn or actor.id or event.envelope.source
