"""The containers in which records come, each read to the same records; what is no record is told apart."""

from __future__ import annotations

import codecs
from typing import Any

import orjson
import pytest

from erstwhile.domain.observed.cloudtrail.containers import NotATrail, PassedOver
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, OddRecord, file_records
from tests.support.records import ADA, create_user, record

FIRST = create_user("eve", "AIDAEVE", "2026-03-03T12:00:00Z")
SECOND = record("GetObject", {"bucketName": "b"}, service="s3", read_only=True)
BOTH = [FIRST, SECOND]


def text(value: Any) -> str:
    return orjson.dumps(value).decode()


def pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


CONTAINERS: dict[str, bytes] = {
    "delivered file": orjson.dumps({"Records": BOTH}),
    "array": orjson.dumps(BOTH),
    "json lines": b"\n".join(map(orjson.dumps, BOTH)),
    "json lines with returns and gaps": b"\r\n\r\n".join(map(orjson.dumps, BOTH)) + b"\r\n",
    "objects without anything between": b"".join(map(orjson.dumps, BOTH)),
    "objects over several lines each": b"\n".join(map(pretty, BOTH)),
    "lookup-events": orjson.dumps({"Events": [{"EventId": "x", "CloudTrailEvent": text(each)} for each in BOTH]}),
    "array of lookup-events": orjson.dumps([{"CloudTrailEvent": text(each)} for each in BOTH]),
    "eventbridge, one a line": b"\n".join(
        orjson.dumps(
            {"version": "0", "source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": each}
        )
        for each in BOTH
    ),
    "eventbridge, a list": orjson.dumps([{"detail-type": "x", "detail": each} for each in BOTH]),
    "delivered files, one a line": b"\n".join(orjson.dumps({"Records": [each]}) for each in BOTH),
    "cloudwatch logs": orjson.dumps({"logEvents": [{"id": "1", "message": text(each)} for each in BOTH]}),
    "sns": orjson.dumps({"Records": [{"Sns": {"Message": text({"detail": each})}} for each in BOTH]}),
    "utf-16 with its mark": codecs.BOM_UTF16_LE + text({"Records": BOTH}).encode("utf-16-le"),
    "utf-16 without": text({"Records": BOTH}).encode("utf-16-be"),
    "utf-8 with its mark": codecs.BOM_UTF8 + orjson.dumps({"Records": BOTH}),
    "indented": pretty({"Records": BOTH}),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_holds_the_same_records(name: str) -> None:
    found = list(file_records(CONTAINERS[name]))
    assert all(isinstance(each, FiledRecord) for each in found), found
    assert [each.event_id for each in found if isinstance(each, FiledRecord)] == [each["eventID"] for each in BOTH]


def test_one_record_by_itself() -> None:
    [found] = file_records(orjson.dumps(FIRST))
    assert isinstance(found, FiledRecord) and found.name == "CreateUser"


DIGEST = {"awsAccountId": "1", "digestS3Bucket": "b", "digestPublicKeyFingerprint": "f", "logFiles": []}
INSIGHT = {"eventVersion": "1.09", "eventTime": "2026-03-03T12:00:00Z", "eventType": "AwsCloudTrailInsight",
           "eventCategory": "Insight", "insightDetails": {"state": "End"},
           "recipientAccountId": "111122223333"}  # fmt: skip


def test_digests_and_insights_are_passed_over() -> None:
    assert list(file_records(orjson.dumps(DIGEST))) == [PassedOver("digest")]
    first, second = file_records(orjson.dumps({"Records": [INSIGHT, FIRST]}))
    assert first == PassedOver("Insight event") and isinstance(second, FiledRecord)


@pytest.mark.parametrize("data", [
    b"", b"   ", b"hello", b"7", b'"text"', b"{}", b'{"Users": []}', b'[{"a": 1}]', b'[1, 2]', b'{"a": 1}\n{"b": 2}',
    b'{"Events": [{"EventId": "x"}]}', b"\xff\xfe{", b"\x00", b'{"Records": 7}', b'{"events": [{"message": "hello"}]}',
])  # fmt: skip
def test_what_is_no_trail(data: bytes) -> None:
    with pytest.raises(NotATrail):
        list(file_records(data))


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


ODD: dict[str, bytes] = {
    "a number": b"7",
    "a list": b"[]",
    "another object": b'{"hello": "there"}',
    "no time": orjson.dumps(FIRST | {"eventTime": None}),
    "a time that is none": orjson.dumps(FIRST | {"eventTime": "yesterday"}),
    "before AWS": orjson.dumps(FIRST | {"eventTime": "0001-01-01T00:00:00Z"}),
    "a name that is no text": orjson.dumps(FIRST | {"eventName": {"a": 1}}),
    "no source": orjson.dumps(FIRST | {"eventSource": 7}),
    "no account": orjson.dumps(FIRST | {"recipientAccountId": "12", "userIdentity": {}}),
    "an endless id": orjson.dumps(FIRST | {"eventID": "x" * 5000}),
    "deep": deep(3000),
    "an endless number": b'{"eventName": ' + b"9" * 5000 + b"}",
    "not utf-8": b'{"eventName": "\xff\xfe"}',
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_costs_itself_only(name: str) -> None:
    data = b'{"Records": [' + orjson.dumps(FIRST) + b"," + ODD[name] + b"," + orjson.dumps(SECOND) + b"]}"
    found = list(file_records(data))
    kept = [each.event_id for each in found if isinstance(each, FiledRecord)]
    assert kept == [FIRST["eventID"], SECOND["eventID"]]
    odd = [each for each in found if isinstance(each, OddRecord)]
    assert [each.number for each in odd] == ([] if name == "a number" and not odd else [1])
    assert all(each.reason for each in odd)


SHAPES = ["HIDDEN_DUE_TO_SECURITY_REASONS", 7, [], ["x"], True, {"a": {"b": []}}, None]


@pytest.mark.parametrize("field", [
    "requestParameters", "responseElements", "userIdentity", "additionalEventData", "serviceEventDetails", "resources",
    "requestID", "sourceIPAddress", "userAgent", "awsRegion", "errorCode", "errorMessage", "readOnly", "sharedEventID",
])  # fmt: skip
def test_a_part_of_another_shape_is_no_reason_to_lose_the_record(field: str) -> None:
    for raw in (FIRST, SECOND, record("ConsoleLogin", service="signin"), record("AssumeRole", service="sts")):
        for shape in SHAPES:
            [found] = file_records(orjson.dumps(raw | {field: shape}))
            assert isinstance(found, FiledRecord), found
            assert found.read().actor is not None and found.read().details is not None


def test_a_file_that_ends_too_soon_gives_what_it_has() -> None:
    whole = orjson.dumps({"Records": BOTH})
    first, second = file_records(whole[:-40])
    assert isinstance(first, FiledRecord) and isinstance(second, OddRecord)


FIRST_LINE, SECOND_LINE = orjson.dumps(FIRST), orjson.dumps(SECOND)


@pytest.mark.parametrize("data", [
    b"garbage\n" + FIRST_LINE + b"\n" + SECOND_LINE,
    FIRST_LINE[:-20] + b"\r\n" + FIRST_LINE + b"\r\n" + SECOND_LINE,
    pretty(FIRST) + b"\ngarbage }\n" + pretty(SECOND),
    FIRST_LINE + b"\n{\n" + SECOND_LINE,
    b"[" + FIRST_LINE + b',\n{"eventName": },\n' + SECOND_LINE + b"]",
    b"[" + FIRST_LINE + b", {oops}, " + SECOND_LINE,
])  # fmt: skip
def test_what_cannot_be_read_in_a_list_of_records_costs_itself_only(data: bytes) -> None:
    found = list(file_records(data))
    kept = [each.event_id for each in found if isinstance(each, FiledRecord)]
    assert kept == [FIRST["eventID"], SECOND["eventID"]] and any(isinstance(each, OddRecord) for each in found)


def test_a_file_without_records_holds_none() -> None:
    for empty in (b'{"Records": null}', b'{"Records": []}', b"[]"):
        assert list(file_records(empty)) == []


def test_records_of_the_first_version_have_neither_id_nor_recipient() -> None:
    old = {key: value for key, value in FIRST.items() if key not in ("eventID", "recipientAccountId", "requestID")}
    [one], [again] = file_records(orjson.dumps(old)), file_records(pretty({"Records": [old]}))
    assert isinstance(one, FiledRecord) and isinstance(again, FiledRecord)
    assert one.account == ADA["accountId"] and one.event_id == again.event_id != ""


def test_nul_and_half_characters_are_replaced_and_the_record_kept() -> None:
    data = orjson.dumps({"Records": [FIRST | {"userAgent": "a@b", "sourceIPAddress": "#"}]})
    data = data.replace(b"@", b"\\u0000").replace(b"#", b"\\ud800")
    [found] = file_records(data)
    assert isinstance(found, FiledRecord)
    assert (found.user_agent, found.source_ip) == ("a\ufffdb", "\ufffd")
