"""Commands about access reviews. They belong to this installation: their account is `OWN`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_review
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events.base import Body
from erstwhile.domain.events.reviews import (
    FrozenLine,
    LinesDecided,
    LinesDelegated,
    LinesFrozen,
    ReviewClosed,
    ReviewDeadlineSet,
    ReviewDecision,
    ReviewExported,
    ReviewOpened,
    ReviewReminded,
)
from erstwhile.domain.evolve.reviews import LINE, REVIEW, line_id
from erstwhile.domain.reviews.rights import MAY, Acting, is_self, may_decide
from erstwhile.domain.vocabulary.refusals import (
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    NotPermitted,
    ReviewIsClosed,
    ValidationError,
)
from erstwhile.domain.vocabulary.storable_text import is_storable

LINES = 50_000
"""Of one review."""
LINES_OF_AN_EVENT = 250
"""Lines of the population that one event holds: some 100 kB."""
NUMBERS_OF_AN_EVENT = 5_000
"""Lines that one event decides about or delegates."""
COMMENT = 2_000
"""Characters."""
PERSON = 200
"""Characters of a reviewer's name."""
T = TypeVar("T")
_NAME = re.compile(r"^[\w.@+=-]{1,64}$", re.ASCII)
_SHOWN = 5


class OpenReview(Command, frozen=True, kw_only=True):
    """`opened` says all of the review; `lines` are its population, numbered from 1."""

    opened: ReviewOpened
    lines: list[FrozenLine]

    @property
    def name(self) -> str:
        return self.opened.name


class LineMeant(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the frozen population, which never changes: so a command brings what its decision needs of it."""

    number: int
    reviewers: Sequence[str]
    people: Sequence[str]


class DecidedLine(msgspec.Struct, frozen=True, kw_only=True):
    line: LineMeant
    decision: ReviewDecision
    comment: str = ""


class DecideLines(Command, frozen=True, kw_only=True):
    """All are decided, or none."""

    name: str
    acting: Acting
    decisions: list[DecidedLine]


class DelegateLines(Command, frozen=True, kw_only=True):
    """From now on `delegate` decides about the lines."""

    name: str
    acting: Acting
    delegate: str
    lines: list[LineMeant]
    comment: str = ""


class SetReviewDeadline(Command, frozen=True, kw_only=True):
    name: str
    deadline: str


class RemindReviewers(Command, frozen=True, kw_only=True):
    """`pending`: reviewer → lines that wait for a decision."""

    name: str
    pending: dict[str, int]
    note: str = ""


class NoteReviewExport(Command, frozen=True, kw_only=True):
    name: str
    form: str
    known_at: int
    sha256: str


class CloseReview(Command, frozen=True, kw_only=True):
    name: str
    comment: str = ""


@handles(OpenReview, depends_on=about_review, governed_only=False)
def open_review(directory: Directory, command: OpenReview) -> Decided:
    opened, lines = command.opened, command.lines
    if not _NAME.match(opened.name):
        raise ValidationError(
            f"{opened.name[:100]!r} is not a review's name: 1 to 64 letters, digits or _.@+=- are expected"
        )
    if directory.get(command.account, REVIEW, opened.name.lower()) is not None:
        raise EntityAlreadyExists(f"there is a review {opened.name} already: the name of a review is never used again")
    if not lines:
        raise ValidationError("the review has no lines: nobody has the access that it asks about")
    if len(lines) > LINES:
        raise LimitExceeded(f"a review has {LINES:,} lines or fewer, not {len(lines):,}: open one for each account")
    _storable(opened.note, "a review's note")
    _require_reviewers(lines)
    events: list[Body] = [msgspec.structs.replace(opened, lines=len(lines))]
    events += [LinesFrozen(name=opened.name, lines=some) for some in _parts(lines, LINES_OF_AN_EVENT)]
    return events


def _parts(all_of_them: Sequence[T], most: int) -> Iterable[list[T]]:
    return (list(all_of_them[first : first + most]) for first in range(0, len(all_of_them), most))


def _require_reviewers(lines: Iterable[FrozenLine]) -> None:
    without = [each for each in lines if not each.reviewers]
    if without:
        shown = ", ".join(dict.fromkeys(each.principal for each in without[: _SHOWN * 4]))
        many = "1 line has" if len(without) == 1 else f"{len(without):,} lines have"
        raise ValidationError(
            f"{many} no reviewer but the principal itself, or none at all: name one for all others (fallback); of "
            f"{shown[:500]}"
        )
    for each in lines:
        own = [word.lower() for word in each.people]
        if any(is_self(reviewer, own) for reviewer in each.reviewers):
            raise ValidationError(f"line {each.number}: {each.principal} would review itself")


@handles(DecideLines, depends_on=about_review, governed_only=False)
def decide_lines(directory: Directory, command: DecideLines) -> Decided:
    review = _open(directory, command.account, command.name)
    groups: dict[tuple[ReviewDecision, str], dict[int, None]] = {}
    for each in command.decisions:
        number = each.line.number
        _require_comment(each)
        _require_right(directory, command.account, review, command.acting, each.line)
        entity = directory.get(command.account, LINE, line_id(command.name, number))
        made = entity.decision_fact if entity is not None else None
        wanted = {"decision": each.decision, "reviewer": command.acting.reviewer, "comment": each.comment}
        if made is None or made.value != wanted:
            groups.setdefault((each.decision, each.comment), {})[number] = None
    return [
        LinesDecided(
            name=review["name"], lines=some, decision=decision, reviewer=command.acting.reviewer, comment=comment
        )
        for (decision, comment), numbers in groups.items()
        for some in _parts(sorted(numbers), NUMBERS_OF_AN_EVENT)
    ]


@handles(DelegateLines, depends_on=about_review, governed_only=False)
def delegate_lines(directory: Directory, command: DelegateLines) -> Decided:
    review = _open(directory, command.account, command.name)
    _person(command.delegate)
    _storable(command.comment, "a comment")
    numbers: dict[int, None] = {}
    for line in command.lines:
        _require_right(directory, command.account, review, command.acting, line)
        if is_self(command.delegate, [each.lower() for each in line.people]):
            raise NotPermitted(f"line {line.number} is about {command.delegate}: nobody reviews himself")
        if reviewers_now(directory, command.account, command.name, line) != [command.delegate]:
            numbers[line.number] = None
    return [
        LinesDelegated(
            name=review["name"], lines=some, delegate=command.delegate, delegated_by=command.acting.reviewer,
            comment=command.comment,
        )
        for some in _parts(sorted(numbers), NUMBERS_OF_AN_EVENT)
    ]  # fmt: skip


@handles(SetReviewDeadline, depends_on=about_review, governed_only=False)
def set_review_deadline(directory: Directory, command: SetReviewDeadline) -> Decided:
    review = _open(directory, command.account, command.name)
    if review["deadline"] == command.deadline:
        return []
    return [ReviewDeadlineSet(name=review["name"], deadline=command.deadline)]


@handles(RemindReviewers, depends_on=about_review, governed_only=False)
def remind_reviewers(directory: Directory, command: RemindReviewers) -> Decided:
    review = _open(directory, command.account, command.name)
    _storable(command.note, "a note")
    return [
        ReviewReminded(name=review["name"], reviewer=reviewer, pending=pending, note=command.note)
        for reviewer, pending in sorted(command.pending.items())
    ]


@handles(NoteReviewExport, depends_on=about_review, governed_only=False)
def note_review_export(directory: Directory, command: NoteReviewExport) -> Decided:
    review = _found(directory, command.account, command.name)
    return [ReviewExported(name=review["name"], form=command.form, known_at=command.known_at, sha256=command.sha256)]


@handles(CloseReview, depends_on=about_review, governed_only=False)
def close_review(directory: Directory, command: CloseReview) -> Decided:
    review = _found(directory, command.account, command.name)
    _storable(command.comment, "a comment")
    return [] if review["closed"] else [ReviewClosed(name=review["name"], comment=command.comment)]


def reviewers_now(directory: Directory, account: str, review: str, line: LineMeant) -> list[str]:
    """Who decides about a line: the person to whom it was delegated last, or its reviewers from the beginning."""
    entity = directory.get(account, LINE, line_id(review, line.number))
    delegate = entity.delegate if entity is not None else ""
    return [delegate] if delegate else list(line.reviewers)


def _require_right(directory: Directory, account: str, review: Value, acting: Acting, line: LineMeant) -> None:
    if not 1 <= line.number <= review["lines"]:
        raise NoSuchEntity(f"review {review['name']} has the lines 1 to {review['lines']:,}, and no {line.number}")
    reviewers = reviewers_now(directory, account, review["name"], line)
    verdict = may_decide(acting, reviewers, line.people)
    if verdict == "himself":
        who = acting.reviewer if acting.reviewer == acting.actor else f"{acting.reviewer} or {acting.actor}"
        raise NotPermitted(f"line {line.number} is about {who}: nobody reviews himself")
    if verdict != MAY:
        raise NotPermitted(
            f"line {line.number} is not for {acting.actor} to decide"
            + (f" as {acting.reviewer}" if acting.actor != acting.reviewer else "")
            + f": its reviewer is {' or '.join(reviewers)}"
        )


def _require_comment(each: DecidedLine) -> None:
    _storable(each.comment, "a comment")
    if each.decision != "approve" and not each.comment.strip():
        raise ValidationError(f"line {each.line.number}: {each.decision} needs a comment that says why")


def _found(directory: Directory, account: str, name: str) -> Value:
    entity = directory.get(account, REVIEW, name.lower())
    fact = entity.review_fact if entity is not None else None
    if fact is None:
        raise NoSuchEntity(f"there is no review {name[:100]}")
    return fact.value


def _open(directory: Directory, account: str, name: str) -> Value:
    review = _found(directory, account, name)
    if review["closed"]:
        raise ReviewIsClosed(f"review {review['name']} is closed: nothing more is decided")
    return review


def _person(name: str) -> None:
    if not 1 <= len(name.strip()) <= PERSON or not is_storable(name):
        raise ValidationError(f"{name[:100]!r} is not a reviewer's name: 1 to {PERSON} characters are expected")


def _storable(text: str, what: str) -> None:
    if len(text) > COMMENT:
        raise ValidationError(f"{what} has {COMMENT:,} characters or fewer, not {len(text):,}")
    if not is_storable(text):
        raise ValidationError(f"{what} holds no NUL and no half characters")
