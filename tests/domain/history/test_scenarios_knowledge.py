"""Timelines of what is known late, in contradiction, in part, or not at all."""

from __future__ import annotations

import pytest

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import PolicyVersionsMissing
from erstwhile.domain.events.principals import EntityListed, InlineDocument, PrincipalSeen
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.scenarios import END, EVE, OBJECT, Scenario, told
from tests.support.stories import (
    arn,
    attached,
    created,
    deleted,
    detached,
    history_of,
    inline,
    inline_deleted,
    log_of_story,
    managed,
    policy,
    second,
    user,
    version,
)

USER = user("eve")
READ, WRITE = allow("s3:GetObject"), allow("s3:PutObject")
P = arn("policy/P")


def listed(**more: str) -> EntityListed:
    """What a listing of the account shows of the user."""
    documents = [InlineDocument(name, document) for name, document in more.items()]
    return EntityListed(subject=USER, arn=EVE, inline=documents)


def vanished(begin: float, end: float) -> Interval:
    value = {"after": "2026-03-03T12:00:40Z", "until": "2026-03-03T12:01:30Z"}
    return Interval(ACCOUNT, "user", USER.id, "vanished", "", value, second(begin), second(end), 4, 4)


COMPLETE = SnapshotTaken(sha256="0", complete=True, baseline=False, entities=0)

# fmt: off
SCENARIOS = (
    Scenario(
        "a late file moves a boundary: the detachment was earlier than the last that was known",
        ((0, created(USER)), (0, policy("P", READ)), (10, attached(USER, P)), (100, detached(USER, P)),
         (50, detached(USER, P))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: attachment by 3",
         "50 implicit_deny: attachment by 5"),
    ),
    Scenario(
        "a late file fills a hole: what looked like one grant were two",
        ((0, created(USER)), (0, policy("P", READ)), (10, attached(USER, P)), (100, detached(USER, P)),
         (60, attached(USER, P)), (40, detached(USER, P))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: attachment by 3",
         "40 implicit_deny: attachment by 6", "60 allow: attachment by 5", "100 implicit_deny: attachment by 4"),
    ),
    Scenario(
        "a clock that runs backward: the order is that of the instants, not that of arrival",
        ((30, inline(USER, READ)), (20, inline(USER, WRITE)), (10, inline_deleted(USER)), (5, created(USER)),
         (40, inline(USER, WRITE))),
        ("-inf nobody", "5 implicit_deny: principal by 4", "30 allow: own policy by 1",
         "40 implicit_deny: own policy by 5"),
    ),
    Scenario(
        "two sources contradict each other: a listing lacks what a record attached, until a later record says it again",
        ((0, created(USER)), (0, policy("P", READ)), (10, attached(USER, P)), (50, listed()), (80, attached(USER, P))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: attachment by 3",
         "50 implicit_deny: attachment by 4", "80 allow: attachment by 5"),
    ),
    Scenario(
        "two sources contradict each other: a second creation ends the first life, whose deletion nobody saw",
        ((0, created(USER)), (5, inline(USER, READ)), (50, created(user("eve", 2)))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "5 allow: own policy by 2",
         "50 implicit_deny: principal by 3"),
    ),
    Scenario(
        "a user that was only seen acting, until a listing shows its policies",
        ((30, PrincipalSeen(principal=USER, arn=EVE)), (60, listed(p=READ)), (90, inline_deleted(USER))),
        ("-inf conditional", "60 allow: knowledge by 2, own policy by 2",
         "90 implicit_deny: own policy by 3"),
    ),
    Scenario(
        "a document that was hidden, until it is written anew",
        ((0, created(USER)), (10, inline(USER, None)), (20, inline(USER, READ)), (30, inline(USER, None))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 conditional: own policy by 2",
         "20 allow: own policy by 3", "30 conditional: own policy by 4"),
    ),
    Scenario(
        "versions that nobody saw, between two that are known",
        ((0, policy("P", READ)), (0, created(USER)), (1, attached(USER, P)),
         (10, PolicyVersionsMissing(subject=managed("P"), arn=P, versions=["v2"])), (50, version("P", "v3", READ))),
        ("-inf nobody", "0 implicit_deny: principal by 2", "1 allow: attachment by 3",
         "10 conditional: policy version by 4", "50 allow: policy version by 5"),
    ),
    Scenario(
        "a policy that was never seen",
        ((0, created(USER)), (10, attached(USER, P)), (50, policy("P", READ)), (60, attached(USER, P))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 conditional: attachment by 2",
         "50 implicit_deny: policy by 3"),
    ),
    Scenario(
        "a complete listing lacks the user: it had ended by then, and its last sign is as old as it is",
        ((0, created(USER)), (5, inline(USER, READ)), (90, COMPLETE)),
        ("-inf nobody", "0 implicit_deny: principal by 1", "5 allow: own policy by 2",
         "40 conditional: knowledge by 3", "90 nobody: principal by 3"),
        more=(vanished(40, 90),),
    ),
    Scenario(
        "a user that is named without its id first, and by it later, is one",
        ((10, inline(Ref("user", "eve"), READ)), (20, PrincipalSeen(principal=USER, arn=EVE)), (0, created(USER)),
         (30, deleted(USER))),
        ("-inf nobody", "0 implicit_deny: principal by 3", "10 allow: own policy by 1", "30 nobody: principal by 4"),
    ),
    Scenario(
        "an account of which nothing is known",
        ((10, ResourcePolicyPut(resource="arn:aws:s3:::bucket", document=trusting("555566667777", "s3:*"))),),
        ("-inf implicit_deny", "10 conditional: resource by 1"),
        principal="arn:aws:iam::555566667777:user/stranger",
    ),
)
# fmt: on


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_timeline_is_as_written(scenario: Scenario) -> None:
    assert told(scenario) == scenario.expected


def test_what_was_known_before_a_late_file_stays_as_it_was_told() -> None:
    story = ((0, created(USER)), (5, inline(USER, READ)), (100, inline_deleted(USER)), (50, inline_deleted(USER)))
    early, late = (
        [
            (span.begin, span.effect)
            for span in timeline(
                history_of(log_of_story(*story[:known])), EVE, "s3:GetObject", OBJECT, second(0), END,
                resource_account=ACCOUNT,
            ).spans
        ]
        for known in (3, 4)
    )  # fmt: skip
    assert [each for each in early if each not in late] == [(second(100), "implicit_deny")]
    assert [each for each in late if each not in early] == [(second(50), "implicit_deny")]


def test_parts_without_records_are_shown_where_they_are() -> None:
    history = history_of(log_of_story((0, created(USER)), (5, inline(USER, READ)), (60, inline_deleted(USER))))
    gaps = [(second(-20), second(-10)), (second(30), second(90))]
    found = timeline(
        history, EVE, "s3:GetObject", OBJECT, second(-15), END, resource_account=ACCOUNT, gaps=gaps
    )  # fmt: skip
    assert [(span.effect, span.gaps) for span in found.spans] == [
        ("", ((second(-15), second(-10)),)),
        ("implicit_deny", ()),
        ("allow", ((second(30), second(60)),)),
        ("implicit_deny", ((second(60), second(90)),)),
    ]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        timeline(history_of(log_of_story()), EVE, "s3:GetObject", OBJECT, END, END)


def test_a_statement_that_reads_the_clock_as_text_is_noted() -> None:
    document = allow("s3:GetObject", Condition={"StringLike": {"aws:CurrentTime": "2026-*"}})
    history = history_of(log_of_story((0, created(USER)), (5, inline(USER, document))))
    found = timeline(history, EVE, "s3:GetObject", OBJECT, BEFORE, END, resource_account=ACCOUNT)
    assert [(span.effect, bool(span.notes)) for span in found.spans][1:] == [("implicit_deny", False), ("allow", True)]
