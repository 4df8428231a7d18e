"""By whom changes were approved: tickets in texts and tags, approvals before and after, grants of several events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.domain.approvals.approval import NO_REFERENCE, Approval, Approved, of_grant
from erstwhile.domain.approvals.matching import ApprovalsOnRecord, ChangeMade
from erstwhile.domain.approvals.references import PATTERN, MalformedPattern, TicketRule, check_pattern, tickets_in

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


def approval(ticket: str = "OPS-12", at: datetime | None = EARLIER, event: str = "", by: str = "grace") -> Approval:
    return Approval(ticket=ticket, approved_by=by, approved_at=at, event=event)


def change(*tickets: str) -> ChangeMade:
    return ChangeMade(position=7, occurred_at=NOON, record_id="e-1", request_id="r-1", tickets=tickets)


@pytest.mark.parametrize(
    ("texts", "tags", "found"),
    [
        (["ada-OPS-12"], [], ("OPS-12",)),
        (["OPS-12 and OPS-13", "OPS-12"], [], ("OPS-12", "OPS-13")),
        (["ada", ""], [], ()),
        ([], [("Ticket", "OPS-12"), ("team", "OPS-99")], ("OPS-12",)),
        ([], [("change", "CHG0031")], ("CHG0031",)),
        ([], [("change", "see OPS-5 and OPS-6")], ("OPS-5", "OPS-6")),
        ([], [("change", "")], ()),
    ],
)
def test_tickets_are_found_in_texts_and_tags(
    texts: list[str], tags: list[tuple[str, str]], found: tuple[str, ...]
) -> None:
    assert tickets_in(TicketRule(), texts, tags) == found


@pytest.mark.parametrize("pattern", [
    "", "(", "x*", "a" * 201, "(a+)+$", "(a|a)*b", "(?:(?:[a-z]+)-)+1", "((a{1,20})b){2,}", "a+a+a+a+b",
    "(x(a*))+", "(a?b?)+",
])  # fmt: skip
def test_a_pattern_that_cannot_find_tickets_is_refused(pattern: str) -> None:
    with pytest.raises(MalformedPattern):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [
    PATTERN, r"CHG\d{7}", r"(?:OPS|SEC)-\d+", r"[(+*]+\d", r"\(\+\)+7", "(?P<key>[A-Z]+)-([0-9]+)", r"([])+*]x)+",
])  # fmt: skip
def test_patterns_of_tickets(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("on_record", "made", "state", "words"),
    [
        ([approval()], change("OPS-12"), "approved", "grace (OPS-12, 2026-03-03T11:00:00Z)"),
        ([approval()], change("ops-12"), "approved", "grace (OPS-12, 2026-03-03T11:00:00Z)"),
        ([approval(at=None)], change("OPS-12"), "approved", "grace (OPS-12)"),
        ([approval(at=LATER)], change("OPS-12"), "approved_later",
         "grace (OPS-12, 2026-03-03T13:00:00Z), after the change"),
        ([approval(at=LATER), approval(by="ada")], change("OPS-12"), "approved", "ada (OPS-12, 2026-03-03T11:00:00Z)"),
        ([approval("OPS-13")], change("OPS-12"), "not_on_record", "no approval of OPS-12 on record"),
        ([approval()], change(), "no_reference", "no ticket named"),
        ([approval(event="@7")], change(), "approved", "grace (OPS-12, 2026-03-03T11:00:00Z)"),
        ([approval("", event="e-1")], change(), "approved", "grace, 2026-03-03T11:00:00Z"),
        ([approval(event="r-1")], change("OPS-1"), "approved", "grace (OPS-12, 2026-03-03T11:00:00Z)"),
        ([approval(event="@8")], change("OPS-12"), "not_on_record", "no approval of OPS-12 on record"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_change(on_record: list[Approval], made: ChangeMade, state: str, words: str) -> None:
    found = ApprovalsOnRecord(on_record).of(made)
    assert (found.state, found.words) == (state, words)


def test_a_grant_is_as_good_as_the_worst_of_its_events() -> None:
    approved = Approved(state="approved", tickets=("OPS-1",), approvals=(approval("OPS-1"),))
    named = Approved(state="not_on_record", tickets=("OPS-2",))
    assert of_grant({1: approved, 2: named}, (1, 2)) == Approved(
        state="not_on_record", tickets=("OPS-1", "OPS-2"), approvals=approved.approvals
    )
    assert of_grant({1: approved}, (1, 1)) == approved
    assert of_grant({1: approved}, (1, 5)).state == "no_reference"
    assert of_grant({}, ()) == NO_REFERENCE and of_grant({1: approved}, (1,)).by == "grace"
