"""What recorded calls did that somebody should look at: keys from new networks, and tampering with the watch."""

from __future__ import annotations

import msgspec

from erstwhile.domain.detections.finding import Finding, finding_id
from erstwhile.domain.detections.networks import network_of, new_networks
from erstwhile.domain.detections.tampering import tampering
from erstwhile.domain.incident.calls import Call
from tests.support.stories import arn, second

KEY, OTHER = "AKIAEVE1", "AKIABOB1"


def call(
    at: float, address: str = "192.0.2.1", key: str = KEY, action: str = "s3:ListBuckets", error: str = ""
) -> Call:
    return Call(
        at=second(at), account="111122223333", record_id=f"r{at}", action=action, principal=arn("user/eve"), session="",
        access_key=key, source_ip=address, user_agent="", error_code=error, outcome="a",
    )  # fmt: skip


def networks(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.subject, each.detail) for each in found]


def test_a_network_is_a_24_of_ipv4_and_a_48_of_ipv6() -> None:
    assert network_of("192.0.2.77") == "192.0.2.0/24"
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    for text in ("cloudformation.amazonaws.com", "AWS Internal", "", "192.0.2.256", "1:2"):
        assert network_of(text) == ""


def test_the_first_use_from_each_network_that_is_new_for_the_key_is_told() -> None:
    uses = [
        call(1, "192.0.2.1"), call(2, "192.0.2.9"), call(3, "203.0.113.5"), call(4, "203.0.113.6"),
        call(5, "192.0.2.2"), call(6, "203.0.113.5", OTHER), call(7, "cloudformation.amazonaws.com"),
        call(8, "2001:db8::1"),
    ]  # fmt: skip
    assert networks(list(new_networks(uses, {}))) == [(KEY, "203.0.113.0/24"), (KEY, "2001:db8::/48")]


def test_what_the_key_was_used_from_before_the_window_is_not_new() -> None:
    uses = [call(1, "203.0.113.5"), call(2, "192.0.2.1")]
    [found] = new_networks(uses, {KEY: ["192.0.2.200"]})
    assert found.detail == "203.0.113.0/24" and found.what.endswith("before, from 192.0.2.0/24")
    assert list(new_networks(uses, {KEY: ["192.0.2.200", "203.0.113.9"]})) == []


def test_what_turns_the_watch_off_is_told_and_what_looks_at_it_is_not() -> None:
    calls = [
        call(1, action="cloudtrail:StopLogging"), call(2, action="cloudtrail:DescribeTrails"),
        call(3, action="cloudtrail:PutEventSelectors"),
        call(4, action="cloudtrail:DeleteTrail", error="AccessDenied"),
    ]  # fmt: skip
    found = list(tampering(calls))
    assert [(each.subject, each.severity) for each in found] == [
        ("cloudtrail:StopLogging", "high"), ("cloudtrail:PutEventSelectors", "medium"),
        ("cloudtrail:DeleteTrail", "low"),
    ]  # fmt: skip
    assert "tried cloudtrail:DeleteTrail, which failed (AccessDenied)" in found[2].what


def test_a_late_record_of_an_earlier_use_leaves_the_id_as_it_was() -> None:
    [late] = new_networks([call(1, "203.0.113.9")], {KEY: ["192.0.2.1"]})
    [known] = new_networks([call(2, "203.0.113.5")], {KEY: ["192.0.2.1"]})
    assert finding_id(late, "a/1") == finding_id(known, "a/2")


def test_an_id_is_that_of_kind_event_and_subject_alone() -> None:
    [found] = tampering([call(1, action="cloudtrail:StopLogging")])
    same = msgspec.structs.replace(found, what="in other words", severity="low")
    assert finding_id(found, "a/1") == finding_id(same, "a/1")
    others = {
        finding_id(found, "a/2"),
        finding_id(msgspec.structs.replace(found, subject="x"), "a/1"),
        finding_id(msgspec.structs.replace(found, detail="x"), "a/1"),
        finding_id(msgspec.structs.replace(found, kind="x"), "a/1"),
    }
    assert len(others) == 4 and finding_id(found, "a/1") not in others
