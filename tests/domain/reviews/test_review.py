"""A review as its events tell it: the decision that counts, who decides now, what is late; and that commands see the
same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.commands import Command, handle
from erstwhile.domain.commands.reviews import (
    CloseReview,
    DecidedLine,
    DecideLines,
    DelegateLines,
    LineMeant,
    NoteReviewExport,
    OpenReview,
    RemindReviewers,
    SetReviewDeadline,
    reviewers_now,
)
from erstwhile.domain.events import TYPE_NAMES, Actor, Envelope, Event
from erstwhile.domain.events.reviews import FrozenLine, ReviewDecision, ReviewOpened
from erstwhile.domain.evolve.reviews import line_id
from erstwhile.domain.replay import Replayer
from erstwhile.domain.reviews.review import Review, reviews_of
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.refusals import Refusal

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
PEOPLE = ("grace", "linus", "ada")
LINES = [
    FrozenLine(number=number, account="111122223333", principal=f"p{number}", path="direct",
               reviewers=[PEOPLE[number % 2]])
    for number in range(1, 6)
]  # fmt: skip


class Told:
    """A log of one review: an event each minute."""

    def __init__(self, deadline: str = "") -> None:
        self.events: list[Event] = []
        self.engine = Replayer(lambda _slots, _upto: ())
        opened = ReviewOpened(
            name="Q4", as_of=format_instant(NOON), known_at=1, lines=5, sha256="00", deadline=deadline
        )
        self.do(OpenReview(account=OWN, opened=opened, lines=LINES))

    def do(self, command: Command, actor: str = "root") -> int:
        """How many events a command made."""
        bodies = handle(self.engine.directory, command)
        for body in bodies:
            position, at = len(self.events) + 1, NOON + timedelta(minutes=len(self.events))
            envelope = Envelope(actor=Actor(id=actor), body=body)
            event = Event(position, at, at, str(position), TYPE_NAMES[type(body)], OWN, envelope)
            self.events.append(event)
            self.engine.commanded(event)
        return len(bodies)

    @property
    def review(self) -> Review:
        return reviews_of(self.events)["q4"]


def meant(number: int) -> LineMeant:
    return LineMeant(number=number, reviewers=LINES[number - 1].reviewers, people=())


def deciding(reviewer: str, decision: ReviewDecision, *numbers: int) -> DecideLines:
    return DecideLines(
        account=OWN, name="q4", acting=Acting(reviewer=reviewer, actor=reviewer),
        decisions=[DecidedLine(line=meant(each), decision=decision, comment="so") for each in numbers],
    )  # fmt: skip


def delegating(reviewer: str, to: str, *numbers: int) -> DelegateLines:
    return DelegateLines(
        account=OWN, name="q4", acting=Acting(reviewer=reviewer, actor=reviewer), delegate=to,
        lines=[meant(each) for each in numbers],
    )  # fmt: skip


def test_the_last_decision_counts_and_all_are_kept() -> None:
    told = Told(deadline=format_instant(NOON + timedelta(minutes=3)))
    told.do(deciding("linus", "approve", 1, 3), "linus")
    told.do(deciding("linus", "revoke", 3), "linus")
    told.do(delegating("grace", "ada", 2))
    told.do(RemindReviewers(account=OWN, name="q4", pending=told.review.pending(LINES), note="soon"))
    told.do(NoteReviewExport(account=OWN, name="q4", form="csv", known_at=7, sha256="00"))
    told.do(deciding("ada", "abstain", 2), "ada")
    told.do(SetReviewDeadline(account=OWN, name="q4", deadline=""))
    told.do(deciding("linus", "approve", 5), "linus")
    told.do(CloseReview(account=OWN, name="q4", comment="done"))
    review = told.review
    assert [(each.decision, each.is_late) for each in review.decisions[3]] == [("approve", False), ("revoke", False)]
    assert review.decisions[2][0].is_late and not review.decisions[5][0].is_late
    assert review.counts() == {"lines": 5, "approve": 2, "revoke": 1, "abstain": 1, "pending": 1}
    assert [(each.reviewer, each.pending) for each in review.reminders] == [("ada", 1), ("grace", 1), ("linus", 1)]
    assert review.pending(LINES) == {"grace": 1} and [each.known_at for each in review.exports] == [7]
    assert review.closing is not None and review.closing.comment == "done"
    assert {each.actor for made in review.decisions.values() for each in made} == {"linus", "ada"}


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_what_commands_see_is_what_the_events_tell(seed: int) -> None:
    chance, told = random.Random(seed), Told()
    for _ in range(chance.randrange(1, 14)):
        numbers = chance.sample(range(1, 6), chance.randrange(1, 4))
        one, other = chance.choice(PEOPLE), chance.choice(PEOPLE)
        command: Command = chance.choice((
            deciding(one, chance.choice(("approve", "revoke")), *numbers), delegating(one, other, *numbers),
        ))  # fmt: skip
        try:
            told.do(command)
        except Refusal:
            continue
        if isinstance(command, DecideLines):
            assert told.do(command) == 0  # it is so already
    directory, review = told.engine.directory, told.review
    for line in LINES:
        entity, made = directory.get(OWN, "review-line", line_id("Q4", line.number)), review.decision(line.number)
        fact = entity.decision_fact if entity is not None else None
        assert (fact.value["decision"] if fact is not None else None) == (made.decision if made is not None else None)
        assert reviewers_now(directory, OWN, "q4", meant(line.number)) == review.reviewers(line)
