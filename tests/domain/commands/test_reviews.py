"""Commands about reviews, approvals and exceptions: who may decide what, as a table; what is refused and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from erstwhile.domain.commands import Command, handle, reviews
from erstwhile.domain.commands.approvals import ImportApprovals, SetTicketRule
from erstwhile.domain.commands.exceptions import AddException, RemoveException
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
)
from erstwhile.domain.events import BareEvent, Body
from erstwhile.domain.events.approvals import ImportedApproval
from erstwhile.domain.events.reviews import FrozenLine, LinesDecided, LinesFrozen, ReviewOpened
from erstwhile.domain.replay import Replayer
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.refusals import (
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    NotPermitted,
    Refusal,
    ReviewIsClosed,
    ValidationError,
)

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
GRACE, LINUS, ROOT = (Acting(reviewer=each, actor=each) for each in ("grace", "linus@example.com", "root"))
FOR_GRACE = Acting(reviewer="grace", actor="root", is_administrator=True)
ADA = Acting(reviewer="ada", actor="ada")


def line(number: int, principal: str = "ada", reviewers: Sequence[str] = ("grace",)) -> FrozenLine:
    return FrozenLine(
        number=number, account="111122223333", kind="user", principal=f"arn:aws:iam::111122223333:user/{principal}",
        name=principal, path="direct", people=[principal], reviewers=list(reviewers),
    )  # fmt: skip


LINES = [line(1), line(2, "linus", ("grace", "ada")), line(3, "eve", ("linus@example.com",))]


class Here:
    """A Directory that goes on with what its commands make."""

    def __init__(self) -> None:
        self._engine = Replayer(lambda _slots, _upto: ())
        self._position = 0

    def do(self, command: Command) -> list[Body]:
        bodies = handle(self._engine.directory, command)
        for body in bodies:
            self._position += 1
            self._engine.commanded(BareEvent(self._position, AT, OWN, body))
        return bodies

    def decide(self, acting: Acting, number: int, decision: Any = "approve", comment: str = "") -> list[Body]:
        return self.do(DecideLines(account=OWN, name="q4", acting=acting, decisions=[
            DecidedLine(line=meant(number), decision=decision, comment=comment)
        ]))  # fmt: skip

    def delegate(self, acting: Acting, number: int, to: str) -> list[Body]:
        return self.do(DelegateLines(account=OWN, name="q4", acting=acting, delegate=to, lines=[meant(number)]))


def meant(number: int) -> LineMeant:
    found = LINES[number - 1] if number <= len(LINES) else line(number)
    return LineMeant(number=number, reviewers=found.reviewers, people=found.people)


def opening(lines: list[FrozenLine], name: str = "q4") -> OpenReview:
    opened = ReviewOpened(name=name, as_of="2026-03-03T12:00:00Z", known_at=7, lines=len(lines), sha256="00")
    return OpenReview(account=OWN, opened=opened, lines=lines)


@pytest.fixture
def here() -> Here:
    here = Here()
    here.do(opening(LINES))
    return here


MAY, HIMSELF, OTHERS = "", "nobody reviews himself", "its reviewer is"


@pytest.mark.parametrize(
    ("who", "number", "delegated", "answer"),
    [
        (GRACE, 1, "", MAY),
        (Acting(reviewer="GRACE", actor="Grace"), 1, "", MAY),
        (GRACE, 2, "", MAY),
        (ADA, 2, "", MAY),
        (LINUS, 3, "", MAY),
        (ADA, 1, "", HIMSELF),
        (Acting(reviewer="ada@example.com", actor="ada@example.com"), 1, "", HIMSELF),
        (Acting(reviewer="grace", actor="ada", is_administrator=True), 1, "", HIMSELF),
        (LINUS, 2, "", HIMSELF),
        (GRACE, 3, "", OTHERS),
        (ROOT, 1, "", OTHERS),
        (FOR_GRACE, 1, "", MAY),
        (Acting(reviewer="root", actor="root", is_administrator=True), 1, "", OTHERS),
        (Acting(reviewer="grace", actor="linus@example.com"), 1, "", OTHERS),
        (LINUS, 1, "linus@example.com", MAY),
        (GRACE, 1, "linus@example.com", OTHERS),
        (FOR_GRACE, 1, "linus@example.com", OTHERS),
        (ADA, 1, "linus@example.com", HIMSELF),
    ],
)
def test_who_may_decide_what(here: Here, who: Acting, number: int, delegated: str, answer: str) -> None:
    if delegated:
        assert here.delegate(GRACE, number, delegated)
    if answer == MAY:
        assert here.decide(who, number)
        return
    with pytest.raises(NotPermitted, match=answer):
        here.decide(who, number)


@pytest.mark.parametrize(
    ("who", "number", "to", "answer"),
    [
        (GRACE, 1, "linus@example.com", MAY),
        (FOR_GRACE, 1, "linus@example.com", MAY),
        (LINUS, 1, "linus@example.com", OTHERS),
        (GRACE, 1, "ada", HIMSELF),
        (GRACE, 1, "ada@example.com", HIMSELF),
        (ADA, 1, "linus@example.com", HIMSELF),
    ],
)
def test_who_may_delegate_what(here: Here, who: Acting, number: int, to: str, answer: str) -> None:
    if answer == MAY:
        assert here.delegate(who, number, to) and here.decide(Acting(reviewer=to, actor=to), number)
        return
    with pytest.raises(NotPermitted, match=answer):
        here.delegate(who, number, to)


def test_a_decision_that_is_so_already_is_no_event(here: Here) -> None:
    assert here.decide(GRACE, 1, "revoke", "left")
    assert here.decide(GRACE, 1, "revoke", "left") == []
    [changed] = here.decide(GRACE, 1, "approve")
    assert isinstance(changed, LinesDecided) and (changed.lines, changed.decision) == ([1], "approve")
    assert here.delegate(GRACE, 1, "linus@example.com") and here.delegate(FOR_LINUS, 1, "linus@example.com") == []
    assert here.do(CloseReview(account=OWN, name="Q4")) and here.do(CloseReview(account=OWN, name="q4")) == []


FOR_LINUS = Acting(reviewer="linus@example.com", actor="root", is_administrator=True)


def test_all_lines_of_a_command_are_decided_or_none(here: Here) -> None:
    with pytest.raises(NotPermitted, match="line 3"):
        here.do(DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
            DecidedLine(line=meant(1), decision="approve"), DecidedLine(line=meant(3), decision="approve"),
        ]))  # fmt: skip
    assert here.decide(GRACE, 1)  # it was not decided yet


def test_decisions_are_told_together_by_what_they_say(here: Here) -> None:
    found = here.do(DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
        DecidedLine(line=meant(2), decision="approve"), DecidedLine(line=meant(1), decision="approve"),
        DecidedLine(line=meant(1), decision="revoke", comment="left"),
    ]))  # fmt: skip
    assert [(each.lines, each.decision) for each in found if isinstance(each, LinesDecided)] == [
        ([1, 2], "approve"), ([1], "revoke"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "refusal", "words"),
    [
        (opening(LINES), EntityAlreadyExists, "never used again"),
        (opening(LINES, "a b"), ValidationError, "is not a review's name"),
        (opening([], "q5"), ValidationError, "has no lines"),
        (opening([line(1, reviewers=())], "q5"), ValidationError, "1 line has no reviewer .*user/ada"),
        (opening([line(1, reviewers=("ada@example.com",))], "q5"), ValidationError, "would review itself"),
        (CloseReview(account=OWN, name="q3"), NoSuchEntity, "no review q3"),
        (SetReviewDeadline(account=OWN, name="q3", deadline=""), NoSuchEntity, "no review q3"),
        (DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
            DecidedLine(line=meant(4), decision="approve")]), NoSuchEntity, "lines 1 to 3, and no 4"),
        (DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
            DecidedLine(line=meant(1), decision="revoke")]), ValidationError, "needs a comment"),
        (DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
            DecidedLine(line=meant(1), decision="abstain", comment=" ")]), ValidationError, "needs a comment"),
        (DelegateLines(account=OWN, name="q4", acting=GRACE, delegate=" ", lines=[meant(1)]), ValidationError, "name"),
    ],
)  # fmt: skip
def test_what_is_refused(here: Here, command: Command, refusal: type[Refusal], words: str) -> None:
    with pytest.raises(refusal, match=words):
        here.do(command)


def test_a_closed_review_decides_nothing_more(here: Here) -> None:
    here.do(CloseReview(account=OWN, name="q4", comment="done"))
    for command in (
        DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[]),
        DelegateLines(account=OWN, name="q4", acting=GRACE, delegate="linus", lines=[]),
        SetReviewDeadline(account=OWN, name="q4", deadline="2026-04-01T00:00:00Z"),
        RemindReviewers(account=OWN, name="q4", pending={"grace": 1}),
    ):
        with pytest.raises(ReviewIsClosed):
            here.do(command)
    assert here.do(NoteReviewExport(account=OWN, name="q4", form="csv", known_at=9, sha256="00"))


def test_events_have_a_bounded_number_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "LINES_OF_AN_EVENT", 2)
    monkeypatch.setattr(reviews, "NUMBERS_OF_AN_EVENT", 2)
    here, many = Here(), [line(number) for number in range(1, 6)]
    opened, *parts = here.do(opening(many))
    assert isinstance(opened, ReviewOpened) and opened.lines == 5
    assert [[each.number for each in part.lines] for part in parts if isinstance(part, LinesFrozen)] == [
        [1, 2], [3, 4], [5],
    ]  # fmt: skip
    decided = here.do(DecideLines(account=OWN, name="q4", acting=GRACE, decisions=[
        DecidedLine(line=LineMeant(number=each.number, reviewers=each.reviewers, people=each.people),
                    decision="approve") for each in many
    ]))  # fmt: skip
    assert [each.lines for each in decided if isinstance(each, LinesDecided)] == [[1, 2], [3, 4], [5]]
    monkeypatch.setattr(reviews, "LINES", 4)
    with pytest.raises(LimitExceeded, match="4 lines or fewer, not 5"):
        here.do(opening(many, "q5"))


def test_a_deadline_is_set_once(here: Here) -> None:
    command = SetReviewDeadline(account=OWN, name="q4", deadline="2026-04-01T00:00:00Z")
    assert len(here.do(command)) == 1 and here.do(command) == []


EXCEPTION = AddException(
    account=OWN, name="break-glass", check="new-administrator", target="*:role/break-glass", owner="grace",
    reason="sealed envelope", expires="2027-01-01T00:00:00Z", now="2026-11-28T00:00:00Z",
)  # fmt: skip


def changed(**members: str) -> AddException:
    given = {field: getattr(EXCEPTION, field) for field in EXCEPTION.__struct_fields__} | members
    return AddException(**given)


@pytest.mark.parametrize(
    ("command", "refusal", "words"),
    [
        (changed(name="a b"), ValidationError, "is not an exception's name"),
        (changed(owner=""), ValidationError, "says its owner"),
        (changed(reason=" "), ValidationError, "says its reason"),
        (changed(expires="2026-11-27T00:00:00Z"), ValidationError, "excuses nothing any more"),
        (changed(expires="soon"), ValidationError, "expires: "),
        (changed(of_account="12"), ValidationError, "twelve digits"),
        (RemoveException(account=OWN, name="break-glas"), NoSuchEntity, "did you mean break-glass"),
        (EXCEPTION, EntityAlreadyExists, "there is an exception break-glass already"),
    ],
)
def test_exceptions_that_are_refused(command: Command, refusal: type[Refusal], words: str) -> None:
    here = Here()
    here.do(EXCEPTION)
    with pytest.raises(refusal, match=words):
        here.do(command)


def test_an_exception_may_come_again_after_it_was_removed() -> None:
    here = Here()
    assert here.do(EXCEPTION) and here.do(RemoveException(account=OWN, name="Break-Glass")) and here.do(EXCEPTION)


def test_approvals_come_in_bounded_events() -> None:
    here = Here()
    rows = [ImportedApproval(ticket=f"OPS-{number}", approved_by="grace") for number in range(1_100)]
    assert len(here.do(ImportApprovals(account=OWN, file="a.csv", sha256="00", approvals=rows))) == 3
    for wrong, words in (([], "no approvals"), ([ImportedApproval(ticket="OPS-1", approved_by="")], "who approved")):
        with pytest.raises(ValidationError, match=words):
            here.do(ImportApprovals(account=OWN, file="a.csv", sha256="00", approvals=wrong))
    assert here.do(SetTicketRule(account=OWN, pattern="CHG[0-9]+", tags=["ticket", "ticket"]))
    with pytest.raises(ValidationError, match="regular expression"):
        here.do(SetTicketRule(account=OWN, pattern="(", tags=[]))
