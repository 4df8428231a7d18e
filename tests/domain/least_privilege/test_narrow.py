"""Narrowed policies: what was used stays allowed, nothing is new, and statements are few."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import combinations, product
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.least_privilege.fewest import fewest
from erstwhile.domain.least_privilege.grants import Grants
from erstwhile.domain.least_privilege.narrow import NothingRecorded, OldPolicy, Proposal, narrow
from erstwhile.domain.least_privilege.new_access import new_access
from erstwhile.domain.use.used import Covered, Used

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
ADA = "arn:aws:iam::111122223333:user/ada"
COVERED = Covered(
    account="111122223333", begin=MAY, end=JUNE, until=JUNE,
    data_events=frozenset({"s3", "lambda", "sqs", "dynamodb", "sns"}),
)  # fmt: skip


def policy(*statements: dict[str, Any]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)}).decode()


def allow(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def use(action: str, resource: str = "*", at: datetime = MAY, **more: Any) -> Used:
    return Used(
        account="111122223333", principal=ADA, call=action, action=action, resource=resource, first=at, last=at,
        calls=1, month=f"{at:%Y-%m}-01", **more,
    )  # fmt: skip


def narrowed(document: str, *used: Used, covered: Covered = COVERED, **more: Any) -> Proposal:
    return narrow([OldPolicy(name="p", document=document, **more)], used, [covered], MAY)


def statements(proposal: Proposal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(proposal.document)["Statement"]
    return found


BUCKET = "arn:aws:s3:::pay"
_actions = st.sampled_from(("s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "iam:ListUsers"))
_resources = st.sampled_from(
    (f"{BUCKET}/a", f"{BUCKET}/b/1", f"{BUCKET}/b/2", BUCKET, "arn:aws:sqs:eu-west-1:1:q", "*", "")
)
_uses = st.lists(st.builds(use, _actions, _resources), max_size=8)
_statements = st.builds(
    lambda effect, actions, resources, condition: allow(actions, resources, effect, **condition),
    st.sampled_from(("Allow", "Allow", "Allow", "Deny")),
    st.lists(st.sampled_from(("s3:*", "s3:Get*", "s3:PutObject", "*", "sqs:*", "iam:List*")), min_size=1, max_size=2),
    st.lists(st.sampled_from(("*", f"{BUCKET}/*", f"{BUCKET}*", "arn:aws:sqs:*:*:*")), min_size=1, max_size=2),
    st.sampled_from(({}, {}, {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}})),
)


def test_a_statement_without_conditions_gets_none() -> None:
    old = policy({"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/secret"})
    [only] = statements(narrowed(old, use("s3:GetObject", f"{BUCKET}/a")))
    assert only == {"Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": [f"{BUCKET}/secret"]}


@settings(max_examples=60)
@given(st.lists(_statements, min_size=1, max_size=3), _uses)
def test_what_was_used_stays_and_nothing_is_new(given_statements: list[dict[str, Any]], used: list[Used]) -> None:
    old = policy(*given_statements)
    proposal = narrowed(old, *used)
    assert new_access([old], [proposal.document]) == []
    before, after = Grants([old]), Grants([proposal.document])
    for each, region in product(used, ("eu-west-1", "us-east-1")):
        # Where a record did not say what a call was done to, it may have been anything that its action is done to.
        on = [each.resource] if each.resource else [f"{BUCKET}/z", BUCKET, "arn:aws:sqs:eu-west-1:1:z", "*"]
        for resource in on:
            context: dict[str, tuple[str, ...]] = {"aws:requestedregion": (region,)}
            if before.allows(each.action.lower(), resource, context):
                assert after.allows(each.action.lower(), resource, context), (each, resource, region)


Cells = set[tuple[str, str]]


def least(wanted: Cells, free: Iterable[tuple[str, str]] = ()) -> int:
    """How many rectangles of actions and resources cover what is wanted, with nothing besides that is not free: the
    fewest, by trying all."""
    rows: dict[str, frozenset[str]] = {}
    for action, resource in wanted.union(free):
        rows[action] = rows.get(action, frozenset()) | {resource}
    common: set[frozenset[str]] = set()
    for row in rows.values():
        common |= {row & each for each in common} | {row}
    rectangles = [
        set(product([action for action, row in rows.items() if each <= row], each)) for each in common if each
    ]
    return next(
        count for count in range(len(wanted) + 1)
        if any(wanted <= set().union(*chosen) for chosen in combinations(rectangles, count))
    )  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> dict[str, frozenset[str]]:
    """Which actions have which resources, out of up to three rectangles, that overlap."""
    kept: dict[str, frozenset[str]] = {}
    for _ in range(draw(st.integers(1, 3))):
        resources = draw(st.frozensets(st.sampled_from("1234567"), min_size=1))
        for action in draw(st.frozensets(st.sampled_from("abcdefg"), min_size=1)):
            kept[action] = kept.get(action, frozenset()) | resources
    return kept


@settings(max_examples=60)
@given(tables())
def test_statements_are_at_most_twice_as_many_as_needed(kept: dict[str, frozenset[str]]) -> None:
    found = fewest(kept)
    wanted = {(action, resource) for action, resources in kept.items() for resource in resources}
    assert {pair for actions, resources in found for pair in product(actions, resources)} == wanted
    assert len(found) <= 2 * least(wanted)


def test_statements_that_overlap_are_fewer_than_rows_and_columns() -> None:
    """Seven actions with the unions of three sets of resources: every row and every column is another."""
    some = [each for size in (1, 2, 3) for each in combinations("xyz", size)]
    kept = {f"a:{''.join(own)}": frozenset("".join(each) for each in some if set(own) & set(each)) for own in some}
    assert len(set(kept.values())) == 7
    assert len(fewest(kept)) == 3


_QUEUE = "arn:aws:sqs:eu-west-1:111122223333:"
_ON_QUEUES = ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue")
_of_queues = st.builds(
    lambda actions, queues, condition: allow(actions, [f"{_QUEUE}{each}" for each in queues], **condition),
    st.lists(st.sampled_from(("sqs:*", "sqs:*Message", *_ON_QUEUES)), min_size=1, max_size=2),
    st.lists(st.sampled_from(("*", "a*", "b*", "a1", "b1")), min_size=1, max_size=2),
    st.sampled_from(({}, {}, {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}})),
)
_calls_to_queues = st.lists(
    st.builds(
        lambda action, queue: use(action, f"{_QUEUE}{queue}"), st.sampled_from(_ON_QUEUES),
        st.sampled_from(("a1", "a2", "b1", "b2")),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(_of_queues, min_size=1, max_size=3), _calls_to_queues)
def test_a_proposal_has_at_most_twice_the_statements_of_the_best_one(
    given_statements: list[dict[str, Any]], used: list[Used]
) -> None:
    """The best one allows the same, and is found by trying all."""
    made = statements(narrowed(policy(*given_statements), *used))
    plain, conditional = (
        {pair for each in made if ("Condition" in each) == has for pair in product(each["Action"], each["Resource"])}
        for has in (False, True)
    )
    # What is allowed anyway, a statement with a condition may allow too.
    assert len(made) <= 2 * (least(plain) + least(conditional - plain, plain))


def test_wildcards_shrink_and_conditions_stay() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    old = policy(allow("s3:*", [f"{BUCKET}/*", BUCKET], Condition=condition), allow("iam:*"))
    files = [use("s3:GetObject", f"{BUCKET}/2026/{number}") for number in range(9)]
    proposal = narrowed(old, *files, use("iam:ListUsers"))
    assert statements(proposal) == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKET}/2026/*"], "Condition": condition},
        {"Effect": "Allow", "Action": ["iam:ListUsers"], "Resource": ["*"]},
    ]
    assert proposal.removed == () and [each.calls for each in proposal.evidence] == [9, 1]


def test_what_may_have_been_used_without_a_record_stays() -> None:
    silent = Covered(account="111122223333", begin=MAY, end=JUNE, until=JUNE)
    proposal = narrowed(policy(allow(["s3:GetObject", "s3:CreateBucket", "logs:PutLogEvents"])), covered=silent)
    assert [(each.action, each.why, each.told) for each in proposal.evidence] == [
        ("logs:PutLogEvents", "cannot know", "CloudTrail records no logs:PutLogEvents"),
        ("s3:GetObject", "cannot know", "s3:GetObject is a data event, and no data events of s3 are on record"),
    ]
    assert proposal.removed == ("p: s3:CreateBucket",)


def test_young_policies_denies_and_seasonal_use_stay() -> None:
    assert statements(narrowed(policy(allow("s3:*")), is_young=True)) == [allow("s3:*")]
    deny = allow("s3:DeleteBucket", effect="Deny")
    old = policy(allow("iam:*"), deny)
    autumn = use("iam:ListUsers", at=datetime(2025, 11, 3, tzinfo=UTC))
    proposal = narrowed(old, autumn, use("iam:GetUser", "arn:aws:iam::111122223333:user/x"))
    assert statements(proposal)[0] == deny
    assert [(each.action, each.why, each.months) for each in proposal.evidence] == [
        ("iam:GetUser", "used", ("2026-05",)), ("iam:ListUsers", "seasonal", ("2025-11",)),
    ]  # fmt: skip
    without = narrow([OldPolicy(name="p", document=old)], [autumn], [COVERED], MAY, drop_seasonal=True)
    assert statements(without) == [deny] and without.removed == ("p: iam:*",)


def test_an_action_about_several_things_keeps_its_resources() -> None:
    image = "arn:aws:ec2:eu-west-1::image/ami-1"
    [made] = statements(narrowed(policy(allow("ec2:*")), use("ec2:RunInstances", image)))
    assert made["Resource"] == ["*"] and "ec2:RunInstances" in made["Action"]


def test_without_records_nothing_is_proposed() -> None:
    with pytest.raises(NothingRecorded, match="no records of 111122223333 in the window"):
        narrowed(policy(allow("s3:*")), covered=Covered(account="111122223333", begin=MAY, end=JUNE, until=None))
