# mypyc: compiled
"""What events about reviews and approvals mean for commands: that a review is there and open, and what was decided
about a line. Population, reminders and approvals are read from the log alone: no command asks for them."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.events.approvals import ApprovalsImported, TicketRuleSet
from erstwhile.domain.events.base import Body
from erstwhile.domain.events.reviews import (
    LinesDecided,
    LinesDelegated,
    LinesFrozen,
    ReviewClosed,
    ReviewDeadlineSet,
    ReviewExported,
    ReviewOpened,
    ReviewReminded,
)
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder

REVIEW = "review"
LINE = "review-line"
"""The kinds of entities."""


def line_id(review: str, number: int) -> str:
    """The unique id of a line of a review."""
    return f"{review.lower()}/{number}"


@evolves(ReviewOpened)
def opened(recorder: Recorder, body: ReviewOpened) -> None:
    value = {
        "name": body.name, "lines": body.lines, "sha256": body.sha256, "deadline": body.deadline, "closed": False,
    }  # fmt: skip
    entity = recorder.directory.ensure((recorder.account, REVIEW, body.name.lower()))
    recorder.put(entity, attributes.REVIEW, "", value)


@evolves(ReviewDeadlineSet)
def deadline_set(recorder: Recorder, body: ReviewDeadlineSet) -> None:
    _change(recorder, body.name, "deadline", body.deadline)


@evolves(ReviewClosed)
def closed(recorder: Recorder, body: ReviewClosed) -> None:
    _change(recorder, body.name, "closed", True)


def _change(recorder: Recorder, name: str, member: str, value: str | bool) -> None:
    entity = recorder.directory.ensure((recorder.account, REVIEW, name.lower()))
    before = entity.review_fact
    if before is not None:
        recorder.put(entity, attributes.REVIEW, "", {**before.value, member: value})


@evolves(LinesDecided)
def decided(recorder: Recorder, body: LinesDecided) -> None:
    value = {"decision": body.decision, "reviewer": body.reviewer, "comment": body.comment}
    for number in body.lines:
        entity = recorder.directory.ensure((recorder.account, LINE, line_id(body.name, number)))
        recorder.put(entity, attributes.DECISION, "", value)


@evolves(LinesDelegated)
def delegated(recorder: Recorder, body: LinesDelegated) -> None:
    value = {"delegate": body.delegate}
    for number in body.lines:
        entity = recorder.directory.ensure((recorder.account, LINE, line_id(body.name, number)))
        recorder.put(entity, attributes.DELEGATE, "", value)


@evolves(LinesFrozen, ReviewReminded, ReviewExported, ApprovalsImported, TicketRuleSet)
def kept_in_the_log(_recorder: Recorder, _body: Body) -> None:
    """No command asks for it."""
