"""All reviews at a log position, and their populations. Lines never change: a process keeps those that it has read."""

from __future__ import annotations

from threading import Lock

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.reviews import FrozenLine, LinesFrozen
from erstwhile.domain.reviews.review import Review, reviews_of
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.slots import review_lines_slot, review_slot
from erstwhile.projections.sql import Connection

TYPES = (
    "review.ReviewOpened", "review.LinesDecided", "review.LinesDelegated", "review.ReviewDeadlineSet",
    "review.ReviewReminded", "review.ReviewExported", "review.ReviewClosed",
)  # fmt: skip
"""All but the lines of the population."""
_KEPT = 8
"""Populations that a process keeps."""


class KnownReviews:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._lines: Bounded[tuple[int, str], tuple[FrozenLine, ...]] = Bounded(_KEPT)
        self._busy = Lock()

    @staticmethod
    def all(connection: Connection, known_at: int) -> dict[str, Review]:
        """Lower-case name → review, in the order in which they were opened."""
        return reviews_of(EventLog.within(connection).read_types(TYPES, known_at))

    @staticmethod
    def one(connection: Connection, name: str, known_at: int) -> Review | None:
        """A review by its name, regardless of case."""
        found = reviews_of(EventLog.within(connection).read_tagged([review_slot(OWN, name).text], known_at))
        return found.get(name.lower())

    def lines(self, connection: Connection, review: Review) -> tuple[FrozenLine, ...]:
        """The population of a review, by number."""
        place = review.by.position, review.opened.sha256
        with self._busy:
            found = self._lines.get(place)
        if found is None:
            # They were appended with the review: no other event comes between.
            events = EventLog.within(connection).read_tagged(
                [review_lines_slot(OWN, review.name).text], review.by.position + review.opened.lines
            )
            found = tuple(line for each in events if isinstance(each.body, LinesFrozen) for line in each.body.lines)
            with self._busy:
                self._lines.keep(place, found)
        return found
