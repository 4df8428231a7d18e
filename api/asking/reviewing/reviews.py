"""Access reviews: opened, decided about, delegated, reminded of, closed; listed and shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, moment, parse_known_at
from erstwhile.api.asking.questions import require_account
from erstwhile.api.asking.reviewing.told_reviews import lines_json, overdue, review_json, whole_json
from erstwhile.api.asking.reviewing.words import LinesMeant, ReviewWords, meant
from erstwhile.api.asking.times import read_time
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.domain.commands.reviews import (
    CloseReview,
    DecidedLine,
    DecideLines,
    DelegateLines,
    LineMeant,
    OpenReview,
    RemindReviewers,
    SetReviewDeadline,
)
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.reviews import FrozenLine, ReviewDecision, ReviewOpened
from erstwhile.domain.reviews.asked import AskedReview, Population
from erstwhile.domain.reviews.population import frozen_lines, population_hash
from erstwhile.domain.reviews.review import DECISIONS, Review
from erstwhile.domain.reviews.reviewers import rules_of
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant
from erstwhile.projections.clock import now_at_least
from erstwhile.projections.happenings import TrailHappenings
from erstwhile.projections.reviews.known_reviews import KnownReviews
from erstwhile.projections.sql import Connection
from erstwhile.projections.use.kept import KeptUse, UseNotCounted

KINDS = ("user", "role")
MOST_DAYS = 3_660


class Found(NamedTuple):
    """A review as known at a log position, with its population."""

    connection: Connection
    known_at: int
    review: Review
    lines: Sequence[FrozenLine]


class Reviews:
    """Any thread may ask."""

    def __init__(self, history: History, names: Names) -> None:
        self.history = history
        self._names = names
        self._known = KnownReviews()

    # What callers want of them.

    def opening(self, words: ReviewWords) -> OpenReview:
        """The command that opens a review: its population is read at one log position, and comes with the command.
        Raises Problem, MalformedRule."""
        rules = rules_of(words.rules)
        if not 1 <= words.days <= MOST_DAYS:
            raise bad_request("malformed_parameter", f"days must be from 1 to {MOST_DAYS:,}, not {words.days}")
        with self.history.connection() as connection:
            when = moment(connection, words.as_of, None)
            directory = self.history.at(connection, when)
            asked = self._asked(directory, words)
            opened = ReviewOpened(
                name=words.name, accounts=list(asked.accounts), action=asked.action, resource=asked.resource,
                resource_account=asked.resource_account, kinds=list(asked.kinds), as_of=format_instant(when.as_of),
                known_at=when.known_at, used_since=format_instant(when.as_of - timedelta(days=words.days)),
                lines=0, sha256="", rules=[each.words for each in rules],
                deadline=_deadline(words.deadline, now_at_least(connection)), note=words.note,
            )  # fmt: skip
            population = self._population(connection, when, directory, words.days)
            lines = frozen_lines(population, asked, rules, TrailHappenings(connection))
        return OpenReview(
            account=OWN, lines=lines,
            opened=msgspec.structs.replace(opened, lines=len(lines), sha256=population_hash(opened, lines)),
        )  # fmt: skip

    def _asked(self, directory: Directory, words: ReviewWords) -> AskedReview:
        for account in words.accounts:
            require_account(directory, account)
        strange = [each for each in words.kinds if each not in KINDS]
        if strange:
            raise bad_request("malformed_parameter", f"kind is one of {', '.join(KINDS)}, not {strange[0][:40]!r}")
        accounts, kinds = tuple(dict.fromkeys(words.accounts)), tuple(dict.fromkeys(words.kinds)) or KINDS
        if not words.action:
            if words.resource:
                raise bad_request("malformed_parameter", "a review of a resource says which action is meant")
            return AskedReview(accounts=accounts, kinds=kinds)
        require_action(words.action)
        require_existing(directory, self._names, words.action)
        asked = require_resource(directory, self._names, words.resource or "*", words.resource_account)
        return AskedReview(
            accounts=accounts, action=words.action, resource=asked.resource, resource_account=asked.account or ""
        )

    def _population(self, connection: Connection, when: Moment, directory: Directory, days: int) -> Population:
        try:
            records = KeptUse(connection, when.known_at, self.history.coverage.records)
        except UseNotCounted as error:
            raise Problem(503, "use_not_counted", str(error)) from None
        history = self.history.facts(when.known_at)
        return Population(history, directory, when.as_of, records, when.as_of - timedelta(days=days))

    def deciding(
        self, name: str, words: LinesMeant, decision: str, comment: str, acting: Acting, everything: bool = False
    ) -> DecideLines:
        """The command by which a reviewer decides about lines: those that are named, or those of the reviewer's own
        that a filter means and, unless it says which decision they have, that are pending. Raises Problem."""
        if decision not in DECISIONS:
            raise bad_request("malformed_decision", f"{decision[:40]!r} is no decision: {', '.join(DECISIONS)} are")
        lines = self._lines_meant(name, words, acting, everything)
        made: ReviewDecision = decision  # type: ignore[assignment]  # one of DECISIONS
        decisions = [DecidedLine(line=line_meant(each), decision=made, comment=comment.strip()) for each in lines]
        return DecideLines(account=OWN, name=name, acting=acting, decisions=decisions)

    def delegating(
        self, name: str, words: LinesMeant, delegate: str, comment: str, acting: Acting, everything: bool = False
    ) -> DelegateLines:
        """The command by which a reviewer gives lines to another. Raises Problem."""
        lines = self._lines_meant(name, words, acting, everything)
        return DelegateLines(
            account=OWN, name=name, acting=acting, delegate=delegate.strip(), comment=comment.strip(),
            lines=[line_meant(each) for each in lines],
        )  # fmt: skip

    def _lines_meant(self, name: str, words: LinesMeant, acting: Acting, everything: bool) -> list[FrozenLine]:
        if not words.says_something and not everything:
            raise bad_request(
                "lines_missing", "say which lines: by number, by a filter, or all that are yours to decide (all)"
            )
        if not words.lines:
            # What was decided line by line is not decided otherwise by a filter that says nothing of it.
            words = msgspec.structs.replace(words, reviewer=acting.reviewer, decision=words.decision or "pending")
        with self.found(name) as found:
            lines = meant(found.review, found.lines, words)
            if not lines:
                waiting = found.review.pending(found.lines)
                told = ", ".join(f"{who} ({count})" for who, count in list(waiting.items())[:10])
                raise bad_request(
                    "no_line_meant",
                    f"no line of {acting.reviewer} is meant; decisions are pending of {told or 'nobody'}",
                )
            return lines

    def reminding(self, name: str, note: str = "") -> RemindReviewers:
        """The command that reminds all who have lines to decide. Raises Problem."""
        with self.found(name) as found:
            return RemindReviewers(account=OWN, name=name, pending=found.review.pending(found.lines), note=note)

    def deadline(self, name: str, deadline: str) -> SetReviewDeadline:
        """The command that moves the deadline. Raises Problem."""
        with self.history.connection() as connection:
            return SetReviewDeadline(account=OWN, name=name, deadline=_deadline(deadline, now_at_least(connection)))

    @staticmethod
    def closing(name: str, comment: str) -> CloseReview:
        return CloseReview(account=OWN, name=name, comment=comment)

    # What there is of them.

    def listing(self, known_at: str | None = None) -> dict[str, Any]:
        """All reviews, with how far each is. Raises Problem."""
        with self.history.connection() as connection:
            position = self._position(connection, known_at)
            now = now_at_least(connection)
            found = self._known.all(connection, position).values()
            reviews = [review_json(each) | {"overdue": overdue(each, now)} for each in found]
            return {"revision": position, "reviews": reviews}

    def show(self, name: str, known_at: str | None = None) -> dict[str, Any]:
        """A review, and who has still to decide. Raises Problem 404."""
        with self.found(name, known_at) as found:
            is_overdue = overdue(found.review, now_at_least(found.connection))
            return whole_json(found.review, found.lines) | {"overdue": is_overdue, "revision": found.known_at}

    def lines(
        self, name: str, words: LinesMeant, after: int = 0, limit: int | None = None, known_at: str | None = None
    ) -> dict[str, Any]:
        """The lines that are meant, after a number. Raises Problem."""
        with self.found(name, known_at) as found:
            lines = [each for each in meant(found.review, found.lines, words) if each.number > after]
            shown = lines if limit is None else lines[:limit]
            return {
                "review": found.review.name,
                "sha256": found.review.opened.sha256,
                "revision": found.known_at,
                "lines": lines_json(found.review, shown),
                "lines_in_all": len(lines),
                "next_after": shown[-1].number if len(shown) < len(lines) else None,
            }

    @contextmanager
    def found(self, name: str, known_at: str | None = None) -> Iterator[Found]:
        """A review and its population, for the length of a block. Raises Problem 404 with names that are like it."""
        with self.history.connection() as connection:
            position = self._position(connection, known_at)
            review = self._known.one(connection, name, position)
            if review is None:
                raise self._unknown(connection, name, position)
            yield Found(connection, position, review, self._known.lines(connection, review))

    @staticmethod
    def _position(connection: Connection, known_at: str | None) -> int:
        position = parse_known_at(connection, known_at)
        return EventLog.within(connection).head() if position is None else position

    def _unknown(self, connection: Connection, name: str, position: int) -> Problem:
        names = [each.name for each in self._known.all(connection, position).values()]
        alike = get_close_matches(name.lower(), [each.lower() for each in names], n=3, cutoff=0.6)
        if alike:
            return not_found("unknown_review", f"there is no review {name[:100]}; did you mean {' or '.join(alike)}?")
        there = f"there are: {', '.join(names[-10:])}" if names else "and no other"
        return not_found("unknown_review", f"there is no review {name[:100]}; {there}")


def line_meant(line: FrozenLine) -> LineMeant:
    """What a command brings of a line."""
    return LineMeant(number=line.number, reviewers=line.reviewers, people=line.people)


def _deadline(text: str, now: datetime) -> str:
    """Raises Problem for no instant, and for one that is past."""
    if not text:
        return ""
    try:
        deadline = read_time(text)
    except MalformedInstant as error:
        raise bad_request("malformed_instant", f"deadline: {error}") from None
    if deadline <= now:
        raise bad_request("malformed_deadline", f"the deadline {text} is past")
    return format_instant(deadline)
