"""Whether a revoke was executed: by which event a grant ended, whether it came back, whether there is another way."""

from __future__ import annotations

import pytest

from erstwhile.domain.reviews.asked import AskedReview
from erstwhile.domain.reviews.execution import Executed, executed
from tests.support.documents import allow, trusting
from tests.support.random_stories import BUCKET
from tests.support.records import ACCOUNT
from tests.support.reviewing import opened_at, population_of
from tests.support.stories import (
    BEFORE_THE_STORY,
    Told,
    arn,
    attached,
    bounded,
    created,
    default,
    deleted,
    detached,
    group,
    history_of,
    inline,
    inline_deleted,
    joined,
    left,
    log_of_story,
    policy,
    role,
    second,
    tell,
    trusts,
    user,
    version,
)

ADA, BOB, TEAM, DEPLOY = user("ada"), user("bob"), group("team"), role("deploy")
READ = allow("s3:GetObject")
P = arn("policy/P")
NOBODY = trusting(arn("user/bob"), "sts:AssumeRole")
STORY: tuple[Told, ...] = (
    (0, created(ADA)), (0, created(BOB)), (0, created(TEAM)),
    (1, created(DEPLOY, trusting(arn("user/ada"), "sts:AssumeRole"))),
    (2, policy("P", READ)), (3, attached(ADA, P)), (4, inline(ADA, READ, "own")), (5, joined(ADA, TEAM)),
    (6, attached(TEAM, P)),
)  # fmt: skip
FIRST = BEFORE_THE_STORY + len(STORY) + 1
"""The position of the first event after the population was frozen."""


def asked_again(path: str, *later: Told, asked: AskedReview | None = None) -> Executed:
    """What became of the line of ada with a path, whose population was frozen at second 10, by second 100."""
    asked = asked or AskedReview()
    log = log_of_story(*STORY)
    [line] = [each for each in population_of(log, second(10), asked) if each.name == "ada" and each.path == path]
    for event in later:
        tell(log, event)
    return executed(history_of(log), opened_at(second(10), asked), line, second(100))


ELSEWHERE = allow("s3:GetObject", "arn:aws:s3:::elsewhere/*")
DENIED = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},'
    '{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}]}'
)
ALONE: tuple[Told, ...] = ((11, detached(TEAM, P)), (12, inline_deleted(ADA, "own")))
"""Ada has P of herself, and nothing else."""
A = FIRST + len(ALONE)


@pytest.mark.parametrize(
    ("later", "state", "at", "event"),
    [
        (((20, version("P", "v2", allow("sqs:*"))),), "executed", 20, A),
        (((20, version("P", "v2", DENIED)),), "executed", 20, A),
        (((20, version("P", "v2", allow("sqs:*"))), (30, version("P", "v3", allow("sns:*")))), "executed", 20, A),
        (((20, version("P", "v2", allow("sqs:*"))), (30, default("P", "v1"))), "returned", 30, A + 1),
        (((20, version("P", "v2", allow("sqs:*"), is_default=False)),), "open", 3, 0),
        (((20, version("P", "v2", ELSEWHERE)),), "open", 3, 0),
        (((20, version("P", "v2", allow("s3:*"))),), "open", 3, 0),
        (((20, version("P", "v2", None)),), "open", 3, 0),
        (((20, version("P", "v2", allow("sqs:*"))), (30, inline(ADA, READ, "new"))), "executed", 20, A),
        (((20, inline(ADA, READ, "new")), (30, version("P", "v2", allow("sqs:*")))), "open", 3, 0),
        (((20, version("P", "v2", allow("sqs:*"))), (30, detached(ADA, P))), "executed", 30, A + 1),
        (
            ((20, detached(ADA, P)), (30, attached(ADA, P)), (40, version("P", "v2", allow("sqs:*")))),
            "executed",
            40,
            A + 2,
        ),
        (
            ((20, detached(ADA, P)), (30, version("P", "v2", allow("sqs:*"))), (40, attached(ADA, P))),
            "executed",
            30,
            A + 1,
        ),
    ],
)
def test_a_policy_that_became_so_narrow_that_all_of_it_is_denied(
    later: tuple[Told, ...], state: str, at: int, event: int
) -> None:
    found = asked_again("direct", *ALONE, *later)
    assert (found.state, found.since, found.event) == (state, second(at), event)


def test_a_policy_that_something_else_denies_is_not_narrower() -> None:
    boundary = arn("policy/B")
    later: tuple[Told, ...] = (
        (18, policy("B", allow("sns:*"))), (19, bounded(ADA, boundary)), (20, version("P", "v2", allow("s3:Get*"))),
    )  # fmt: skip
    assert asked_again("direct", *ALONE, *later).state == "open"


def test_a_policy_that_cannot_be_read_is_not_compared() -> None:
    assert asked_again("direct", *ALONE, (20, version("P", "v2", "no JSON"))).state == "open"


def test_what_is_allowed_again_by_another_policy_is_said() -> None:
    later: tuple[Told, ...] = ((20, version("P", "v2", allow("sqs:*"))), (30, inline(ADA, READ, "new")))
    found = asked_again("direct", *ALONE, *later)
    assert (found.state, found.answer, found.still) == ("executed", "yes, by another way", ("user/ada → inline:new",))


def test_a_policy_of_a_group_and_an_inline_one_that_became_narrow() -> None:
    only_by_team = ((11, detached(ADA, P)), (12, inline_deleted(ADA, "own")), (20, version("P", "v2", allow("sqs:*"))))
    found = asked_again("group", *only_by_team)
    assert (found.state, found.since, found.event) == ("executed", second(20), A)
    only_inline = ((11, detached(ADA, P)), (12, left(ADA, TEAM)), (20, inline(ADA, allow("sqs:*"), "own")))
    found = asked_again("inline", *only_inline)
    assert (found.state, found.since, found.event, found.answer) == ("executed", second(20), A, "no")


@pytest.mark.parametrize(
    ("path", "later", "state", "at", "event", "answer"),
    [
        ("direct", (), "open", 3, 0, "yes"),
        ("direct", ((20, detached(ADA, P)),), "executed", 20, FIRST, "yes, by another way"),
        ("direct", ((20, detached(ADA, P)), (21, left(ADA, TEAM))), "executed", 20, FIRST, "no"),
        ("direct", ((20, detached(ADA, P)), (30, attached(ADA, P))), "returned", 30, FIRST + 1, "yes"),
        ("direct", ((20, deleted(ADA)),), "executed", 20, FIRST, "no"),
        ("inline", ((20, inline_deleted(ADA, "own")),), "executed", 20, FIRST, "no"),
        ("inline", ((20, inline(ADA, allow("sqs:*"), "own")),), "open", 4, 0, "yes"),
        (
            "inline",
            ((20, inline_deleted(ADA, "own")), (30, inline(ADA, READ, "own"))),
            "returned",
            30,
            FIRST + 1,
            "yes",
        ),
        ("group", ((20, left(ADA, TEAM)),), "executed", 20, FIRST, "yes, by another way"),
        ("group", ((20, detached(TEAM, P)), (30, detached(ADA, P))), "executed", 20, FIRST, "no"),
        ("trust", ((20, trusts(DEPLOY, NOBODY)),), "executed", 20, FIRST, "no"),
        ("trust", ((20, trusts(DEPLOY, trusting(arn("user/ada"), "sts:*"))),), "open", 1, 0, "yes"),
        ("trust", ((200, trusts(DEPLOY, NOBODY)),), "open", 1, 0, "yes"),
    ],
)
def test_what_became_of_a_grant(
    path: str, later: tuple[Told, ...], state: str, at: int, event: int, answer: str
) -> None:
    found = asked_again(path, *later)
    assert (found.state, found.since, found.event, found.answer) == (state, second(at), event, answer)


def test_the_other_way_is_named() -> None:
    assert asked_again("direct", (20, detached(ADA, P))).still == (f"user/ada → group/team → {P}",)


CAN_READ = AskedReview(action="s3:GetObject", resource=f"{BUCKET}/key", resource_account=ACCOUNT)


@pytest.mark.parametrize(
    ("later", "state", "at", "event"),
    [
        ((), "open", 3, BEFORE_THE_STORY + 6),
        (((20, detached(ADA, P)),), "open", 3, BEFORE_THE_STORY + 6),
        (((20, detached(ADA, P)), (21, inline_deleted(ADA, "own")), (22, left(ADA, TEAM))), "executed", 22, FIRST + 2),
        (((20, deleted(ADA)),), "executed", 20, FIRST),
        (((20, deleted(ADA)), (30, created(user("ada", 2))), (31, attached(user("ada", 2), P))), "executed", 20, FIRST),
        (((20, detached(ADA, P)), (20, inline_deleted(ADA, "own")), (20, left(ADA, TEAM)), (30, attached(ADA, P))),
         "returned", 30, FIRST + 3),
    ],
)  # fmt: skip
def test_of_an_action_the_whole_access_counts(later: tuple[Told, ...], state: str, at: int, event: int) -> None:
    found = asked_again("direct", *later, asked=CAN_READ)
    assert (found.state, found.since, found.event) == (state, second(at), event)
