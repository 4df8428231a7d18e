"""A reminder is told once, by whichever server takes it first."""

from __future__ import annotations

from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.reviews import OpenReview, RemindReviewers
from erstwhile.domain.events.reviews import FrozenLine, ReviewOpened
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.projections.reviews import reminders


def test_a_reminder_is_told_once(database: Database) -> None:
    service = ReadingRuntime(database)
    try:
        line = FrozenLine(number=1, account="111122223333", principal="p", path="direct", reviewers=["grace"])
        opened = ReviewOpened(name="q4", as_of="2026-03-03T12:00:00Z", known_at=1, lines=1, sha256="00")
        service.commands.execute(OpenReview(account=OWN, opened=opened, lines=[line]))
        first = service.commands.execute(
            RemindReviewers(account=OWN, name="q4", pending={"grace": 1, "linus": 1_200}, note="until Friday")
        )
        later = service.commands.execute(RemindReviewers(account=OWN, name="q4", pending={"grace": 1}))
    finally:
        service.close()
    with database.connect() as one, database.connect() as other:
        with one.transaction():
            one.execute("SELECT pg_advisory_xact_lock(hashtext('erstwhile.reviews.reminded'))")
            assert reminders.take(other, later.position) == []  # another process takes them
        assert reminders.take(one, first.position) == [
            "review q4: grace has 1 line to decide: until Friday",
            "review q4: linus has 1,200 lines to decide: until Friday",
        ]
        assert reminders.take(other, first.position) == []
        assert reminders.take(other, later.position) == ["review q4: grace has 1 line to decide"]
