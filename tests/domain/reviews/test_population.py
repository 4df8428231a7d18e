"""The population of a review: each way to a policy is a line, with since when, by whom and its last use."""

from __future__ import annotations

import pytest

from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.reviews.asked import AskedReview, actions_allowed, trusted
from erstwhile.domain.reviews.population import population_hash
from erstwhile.domain.reviews.reviewers import MalformedRule, Rule, reviewers_of, rules_of
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.documents import allow, trusting
from tests.support.random_stories import BUCKET
from tests.support.records import ACCOUNT
from tests.support.reviewing import BEGIN, opened_at, population_of
from tests.support.stories import (
    arn,
    attached,
    created,
    group,
    inline,
    joined,
    log_of_story,
    policy,
    role,
    second,
    tagged,
    user,
)

ADA, BOB, EVE, TEAM, DEPLOY = user("ada"), user("bob"), user("eve"), group("team"), role("deploy")
READ, SEND = allow("s3:GetObject"), allow("iam:ListUsers")
STORY = (
    (0, created(ADA)), (0, created(BOB)), (0, created(EVE)), (0, created(TEAM)),
    (1, created(DEPLOY, trusting(arn("user/ada"), "sts:AssumeRole"))),
    (2, policy("P", READ)), (3, attached(ADA, arn("policy/P"))), (4, inline(ADA, SEND, "own")),
    (5, inline(TEAM, SEND, "send")), (6, joined(BOB, TEAM)), (7, attached(TEAM, arn("policy/P"))),
    (8, tagged(BOB, owner="linus, bob", email="bobby@example.com")),
)  # fmt: skip
EVERYBODY = AskedReview()


def told(line: FrozenLine) -> str:
    begin = "-" if line.since.startswith("-") else line.since[-3:-1]
    return f"{line.name or line.principal} {line.path} {line.via and line.via.rpartition('/')[2]} {line.policy} {begin}"


def test_each_way_to_a_policy_is_a_line() -> None:
    found = population_of(log_of_story(*STORY), second(20), EVERYBODY)
    assert [told(each) for each in found] == [
        "deploy none   01",
        "ada direct  arn:aws:iam::111122223333:policy/P 03",
        "ada inline  inline:own 04",
        "ada trust deploy trust policy 01",
        "bob group team arn:aws:iam::111122223333:policy/P 07",
        "bob group team inline:send 06",
        "eve none   00",
    ]
    assert [each.number for each in found] == list(range(1, 8))
    assert {each.by for each in found} == {"arn:aws:iam::111122223333:user/root-like"}
    assert all(each.event for each in found)


def test_who_reviews_a_role_is_not_one_whom_it_trusts() -> None:
    found = population_of(log_of_story(*STORY), second(20), EVERYBODY, [Rule(reviewers=("ada", "grace"))])
    assert {each.name: each.reviewers for each in found} == {
        "ada": ["grace"], "bob": ["ada", "grace"], "deploy": ["grace"], "eve": ["ada", "grace"],
    }  # fmt: skip


def test_the_last_use_of_a_grant_is_used_not_used_or_not_known() -> None:
    log = log_of_story(*STORY)
    used = {arn("user/ada"): "s3:GetObject", arn("role/deploy"): "iam:ListUsers"}
    found = population_of(log, second(20), EVERYBODY, used=used)
    assert [(each.name, each.path, each.use) for each in found if each.name != "bob"] == [
        ("deploy", "none", "used"), ("ada", "direct", "used"), ("ada", "inline", "not used"), ("ada", "trust", "used"),
        ("eve", "none", "cannot know"),
    ]  # fmt: skip
    assert found[1].used_at == format_instant(BEGIN) and found[3].use_note == "use of the role, by whomever"
    assert "is a data event" in found[-1].use_note
    unknown = population_of(log, second(20), EVERYBODY, is_covered=False)
    assert {each.use for each in unknown} == {"cannot know"}
    assert unknown[1].use_note == f"no records of {ACCOUNT} in the window"


def test_accounts_and_kinds_limit_the_population() -> None:
    log = log_of_story(*STORY)
    assert population_of(log, second(20), AskedReview(accounts=("999900001111",))) == []
    assert {each.name for each in population_of(log, second(20), AskedReview(kinds=("role",)))} == {"deploy", "ada"}
    assert len(population_of(log, second(5.5), AskedReview(accounts=(ACCOUNT,)))) == 6


def test_a_review_of_an_action_has_everybody_who_can() -> None:
    asked = AskedReview(action="s3:GetObject", resource=f"{BUCKET}/key", resource_account=ACCOUNT)
    found = population_of(log_of_story(*STORY), second(20), asked, used={arn("user/bob"): "s3:GetObject"})
    assert [(told(each), each.how, each.use) for each in found if each.kind == "user"] == [
        ("ada direct  arn:aws:iam::111122223333:policy/P 03", "allowed", "cannot know"),
        ("bob group team arn:aws:iam::111122223333:policy/P 07", "allowed", "used"),
    ]
    [root] = [each for each in found if each.kind != "user"]
    assert root.principal == arn("root") and root.path == "root" and root.since == "-infinity"


def test_the_hash_is_over_query_and_lines() -> None:
    log = log_of_story(*STORY)
    opened = opened_at(second(20), EVERYBODY)
    lines = population_of(log, second(20), EVERYBODY)
    assert population_hash(opened, lines) == population_hash(opened, population_of(log, second(20), EVERYBODY))
    others = [
        population_hash(opened, lines[1:]), population_hash(opened, [*lines[1:], lines[0]]),
        population_hash(opened_at(second(21), EVERYBODY), lines),
    ]  # fmt: skip
    assert len({population_hash(opened, lines), *others}) == 4


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([Rule(tag="owner")], ["linus"]),
        ([Rule(tag="Owner"), Rule(reviewers=("grace",))], ["linus"]),
        ([Rule(tag="nobody"), Rule(reviewers=("grace",))], ["grace"]),
        ([Rule(reviewers=("bob", "bobby@example.com", "AIDABOB1"))], []),
        ([Rule(account="999900001111", reviewers=("ada",)), Rule(account=ACCOUNT, reviewers=("grace",))], ["grace"]),
        ([Rule(principal="user/*", reviewers=("ada",)), Rule(principal="b*", reviewers=("grace",))], ["grace"]),
        ([Rule(principal="*:user/bob", path="group", policy="P", reviewers=("ada", "ada"))], ["ada"]),
        ([Rule(path="direct", reviewers=("ada",))], []),
    ],
)
def test_the_first_rule_that_gives_somebody_counts(rules: list[Rule], found: list[str]) -> None:
    line = FrozenLine(
        number=1, account=ACCOUNT, principal=arn("user/bob"), name="bob", path="group", policy=arn("policy/P"),
        people=["bob", "AIDABOB1", "bobby@example.com"],
    )  # fmt: skip
    assert reviewers_of(rules, line, {"owner": "linus, bob"}) == found


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "no rule names a reviewer"),
        ([{"reviewer": "ada"}], "rule 1: reviewer is not known; a rule has account, principal, path"),
        ([{"reviewers": "ada"}, {"account": "1"}], "rule 2: either reviewers or the key of a tag"),
        ([{"reviewers": "ada", "tag": "owner"}], "rule 1: either reviewers or the key of a tag"),
        ([{"reviewers": 7}], "rule 1: reviewers is a name or a list"),
    ],
)
def test_rules_that_cannot_be_are_said(entries: list[dict[str, object]], words: str) -> None:
    with pytest.raises(MalformedRule, match=words):
        rules_of(entries)


def test_rules_of_a_file_in_words() -> None:
    found = rules_of([{"account": 111122223333, "policy": "*Admin*", "reviewers": "ada; linus"}, {"tag": "owner"}])
    assert [each.words for each in found] == [
        "account 111122223333 and policy *Admin*: ada, linus", "all: tag owner",
    ]  # fmt: skip


def test_what_documents_name() -> None:
    assert actions_allowed(None) == ("*",) and actions_allowed("{") == ("*",)
    assert actions_allowed(READ) == ("s3:GetObject",)
    assert trusted(None) is None and trusted("{") is None
    assert trusted(trusting(arn("user/ada"), "sts:AssumeRole")) == (arn("user/ada"),)
