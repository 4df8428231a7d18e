"""What is read of a record without reading all of it is what the whole of it says."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.observed.text import read_json
from erstwhile.domain.what_if.recorded_call import acted_in, call_of
from tests.support.records import ACCOUNT

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
texts = st.sampled_from(("", "bob", "jobs", QUEUE, "arn:aws:s3:::bucket/ä", 'a "quoted" name', "HIDDEN", "\ud800"))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ("bucketName", "key", "userName", "roleName", "queueUrl", "functionName", "policyArn", "x", "keyId")
)
resources = st.lists(
    st.fixed_dictionaries({}, optional={"ARN": values, "ARNPrefix": texts, "resourceName": texts, "accountId": texts})
    | values,
    max_size=3,
)
records = st.fixed_dictionaries(
    {
        "eventTime": st.just("2026-03-03T12:00:00Z"), "eventName": st.sampled_from(("GetObject", "PutUserPolicy")),
        "eventSource": st.sampled_from(("s3.amazonaws.com", "iam.amazonaws.com")),
        "recipientAccountId": st.just(ACCOUNT), "userIdentity": st.just({"type": "IAMUser", "arn": BOB}),
        "sourceIPAddress": st.sampled_from(("192.0.2.1", "ec2.amazonaws.com")),
    },
    optional={
        "resources": resources | values, "requestParameters": st.dictionaries(names, values, max_size=4) | values,
        "awsRegion": st.sampled_from(("eu-west-1", "")) | values, "responseElements": values, "tlsDetails": values,
    },
)  # fmt: skip


@settings(max_examples=100)
@given(records)
def test_what_is_read_of_a_record_is_what_all_of_it_says(raw: dict[str, Any]) -> None:
    try:
        line = orjson.dumps(raw)
    except TypeError:
        return  # half a surrogate is no text
    whole = call_of(read_json(line), ACCOUNT, "")
    if whole is None:
        return
    action = f"{raw['eventSource'].partition('.')[0]}:{raw['eventName']}"
    acted = acted_in(line, action, whole.principal, ACCOUNT, raw["sourceIPAddress"])
    if acted is None:
        assert b"\\" in line
        return
    assert acted.resources == whole.resources
    assert acted.context.items() <= whole.context.items()


def test_a_record_that_cannot_be_read_in_part_is_left_to_be_read() -> None:
    assert acted_in(b'{"resources": [', "s3:GetObject", BOB, ACCOUNT, "") is None
    assert acted_in(b'{"resources": [{"ARN": "\\u0061rn:aws:s3:::b"}]}', "s3:GetObject", BOB, ACCOUNT, "") is None
