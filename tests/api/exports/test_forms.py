"""Forms of one file."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from erstwhile.api.exports.parquet import MissingPyarrow, require_pyarrow
from erstwhile.domain.exports.trail.cloud_events import cloud_event
from erstwhile.domain.exports.trail.ocsf import ocsf_event
from tests.support.ocsf import validate_activity


def event(kind: str, body: dict[str, Any], action: str = "iam:X", **more: Any) -> dict[str, Any]:
    return {
        "position": 17, "event_id": "e1", "occurred_at": "2026-03-03T14:02:11Z", "recorded_at": "2026-03-03T14:02:12Z",
        "account": "111122223333", "session": "", "source_ip": "", "user_agent": "", "details_forgotten": False,
        "actor": {"arn": "", "id": "", "type": "", "access_key": "", "mfa": None}, "action": action, "event": kind,
        "targets": [], "outcome": "success", "error_code": "", "source": "api", "evidence": "", "request_id": "",
        "between": None, "body": body,
    } | more  # fmt: skip


ADA = {"subject": {"kind": "user", "name": "ada"}}
ROLE, GROUP = ({"subject": {"kind": kind, "name": "x"}} for kind in ("role", "group"))
MEMBER = ADA | {"group": {"kind": "group", "name": "x"}}


@pytest.mark.parametrize(
    ("kind", "body", "action", "expected", "later"),
    [
        ("iam.UserCreated", ADA, "iam:CreateUser", (3001, 1), (6003, 1)),
        ("iam.UserDeleted", ADA, "iam:DeleteUser", (3001, 6), (6003, 4)),
        ("iam.PolicyAttached", ADA, "iam:AttachUserPolicy", (3001, 7), (6003, 3)),
        ("iam.AccessKeyCreated", ADA, "iam:CreateAccessKey", (3001, 99), (6003, 1)),
        ("iam.PolicyAttached", ROLE, "iam:AttachRolePolicy", (6003, 3), (6003, 3)),
        ("iam.PolicyAttached", GROUP, "iam:AttachGroupPolicy", (3006, 1), (3006, 1)),
        ("iam.GroupMemberAdded", MEMBER, "iam:AddUserToGroup", (3006, 3), (3006, 3)),
        ("iam.GroupCreated", GROUP, "iam:CreateGroup", (3006, 6), (3006, 6)),
        ("iam.SignedIn", {"operation": "signin:ConsoleLogin"}, "signin:ConsoleLogin", (3002, 1), (3002, 1)),
        ("iam.SessionIssued", ROLE, "sts:AssumeRole", (6003, 2), (6003, 2)),
        ("watch.WatchAdded", {"name": "x"}, "erstwhile:AddWatch", (6003, 3), (6003, 3)),
        ("iam.CommandRefused", {"command": "CreateUser"}, "iam:CreateUser", (6003, 1), (6003, 1)),
    ],
)  # fmt: skip
def test_classes_of_ocsf(
    kind: str, body: dict[str, Any], action: str, expected: tuple[int, int], later: tuple[int, int]
) -> None:
    for version, classes in (("1.8.0", expected), ("1.9.0", later)):
        found = ocsf_event(event(kind, body, action), "0.1", version)
        validate_activity(found)
        assert (found["class_uid"], found["activity_id"]) == classes and found["metadata"]["version"] == version


def test_a_cloud_event_has_what_the_specification_requires() -> None:
    found = cloud_event(event("iam.UserCreated", ADA, targets=["user/ada"]), "urn:uuid:1")
    assert found["specversion"] == "1.0" and found["id"] == "e1" and found["source"] == "urn:uuid:1"
    assert found["type"] == "erstwhile.iam.UserCreated" and found["sequence"] == "00000000000000000017"
    assert found["subject"] == "user/ada" and "authid" not in found
    assert all(name.isalnum() and name.islower() for name in found)


def test_parquet_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPyarrow, match=r"pip install 'erstwhile\[parquet\]'"):
        require_pyarrow()
