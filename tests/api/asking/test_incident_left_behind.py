"""What was left behind, whether it still stands, and the commands that would close it; tampering with the watch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from tests.support.incidents import (
    ADA,
    ADA_KEY,
    ANYTHING,
    BEGINNING,
    BOT,
    BOT_KEY,
    EVE_KEY,
    Reports,
    arn,
    call,
    makes_key,
    makes_role,
    makes_user,
    reads,
    text,
    trust_of,
)

FROM = "2026-03-03T14:00:00Z"
STRANGER = "arn:aws:iam::999988887777:root"


@pytest.fixture
def reports(database: Database, tmp_path: Path) -> Reports:
    return Reports(database, tmp_path)


def bucket_policy(*principals: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "s3:GetObject",
                 "Resource": "arn:aws:s3:::payroll/*"}  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_second_key_of_somebody_else(reports: Reports) -> None:
    reports.given(*BEGINNING, makes_key(BOT, "14:01:00", "ada", EVE_KEY))
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-second-key-of-somebody-else")
    assert found.left() == [("made", "access key", EVE_KEY, "stands")]
    [line] = found["persistence"]["lines"]
    assert (
        line["detail"] == "Active" and line["act"]["position"] and line["act"]["evidence"].startswith("111122223333/")
    )
    assert f"aws iam delete-access-key --user-name ada --access-key-id {EVE_KEY}" in found.commands()


def test_a_trust_that_was_changed_and_what_was_there_before(reports: Reports) -> None:
    before, after = trust_of(arn("user/ada")), trust_of(STRANGER)
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", before),
        call(BOT, "14:01:00", "iam:UpdateAssumeRolePolicy", {"roleName": "deploy", "policyDocument": after}),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-trust-that-was-changed-and-what-was-there-before")
    assert found.left() == [("changed", "trust policy", "role/deploy", "stands")]
    assert found["persistence"]["lines"][0]["before"] == before
    assert f"aws iam update-assume-role-policy --role-name deploy --policy-document '{before}'" in found.commands()
    reports.given(call(ADA, "16:00:00", "iam:UpdateAssumeRolePolicy", {"roleName": "deploy", "policyDocument": before}))
    found = reports.when(BOT_KEY, FROM)
    assert found.left() == [("changed", "trust policy", "role/deploy", "replaced")]
    ended = found["persistence"]["lines"][0]["ended"]
    assert (ended["actor"], ended["at"]) == (arn("user/ada"), "2026-03-03T16:00:00Z")


def test_a_policy_version(reports: Reports) -> None:
    policy = arn("policy/deploy")
    reports.given(
        *BEGINNING,
        call(
            ADA, "08:03:00", "iam:CreatePolicy", {"policyName": "deploy", "policyDocument": text({"Statement": []})},
            {"policy": {"policyName": "deploy", "policyId": "ANPADEPLOY", "arn": policy, "path": "/"}},
        ),
        call(
            BOT, "14:01:00", "iam:CreatePolicyVersion",
            {"policyArn": policy, "policyDocument": text(ANYTHING), "setAsDefault": True},
            {"policyVersion": {"versionId": "v2", "isDefaultVersion": True}},
        ),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-policy-version")
    assert set(found.left()) == {
        ("changed", "default version of a policy", "v2", "stands"), ("made", "policy version", "v2", "stands"),
    }  # fmt: skip
    assert found.commands()[-2:] == [
        f"aws iam set-default-policy-version --policy-arn {policy} --version-id v1",
        f"aws iam delete-policy-version --policy-arn {policy} --version-id v2",
    ]
    reports.given(
        call(ADA, "15:00:00", "iam:SetDefaultPolicyVersion", {"policyArn": policy, "versionId": "v1"}),
        call(ADA, "15:01:00", "iam:DeletePolicyVersion", {"policyArn": policy, "versionId": "v2"}),
    )
    assert {state for *_, state in reports.when(BOT_KEY, FROM).left()} == {"replaced", "ended"}


def test_a_resource_policy(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        call(ADA, "08:05:00", "s3:PutBucketPolicy", {"bucketName": "payroll", "bucketPolicy": bucket_policy(
            arn("user/ada"))}),
        call(BOT, "14:01:00", "s3:PutBucketPolicy", {"bucketName": "payroll", "bucketPolicy": bucket_policy(
            STRANGER)}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-resource-policy")
    assert found.left() == [("changed", "resource policy", "payroll", "stands")]
    [command] = [each for each in found.commands() if "put-bucket-policy" in each]
    assert command.startswith("aws s3api put-bucket-policy --bucket payroll --policy '") and "user/ada" in command


def test_a_function_that_anybody_may_call(reports: Reports) -> None:
    statement = {"Sid": "door", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
                 "Resource": "arn:aws:lambda:us-east-1:111122223333:function:pay"}  # fmt: skip
    reports.given(
        *BEGINNING,
        call(
            BOT, "14:01:00", "lambda:AddPermission20150331v2",
            {"functionName": "pay", "statementId": "door", "action": "lambda:InvokeFunction", "principal": "*"},
            {"statement": text(statement)},
        ),
        call(BOT, "14:02:00", "lambda:UpdateFunctionCode20150331v2", {"functionName": "pay"}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-function-that-anybody-may-call")
    assert found.left() == [
        ("made", "permission of a function", "door", "stands"), ("made", "code of a function", "pay", "stands"),
    ]  # fmt: skip
    function = "arn:aws:lambda:us-east-1:111122223333:function:pay"
    assert f"aws lambda remove-permission --function-name {function} --statement-id door" in found.commands()
    assert "# no command is known here for this: code of a function of pay" in found.commands()


def test_passwords_devices_groups_and_limits(reports: Reports) -> None:
    """What was removed counts, too: a boundary, a device."""
    device = "arn:aws:iam::111122223333:mfa/ada"
    boundary = arn("policy/limit")
    team = {"groupName": "admins", "groupId": "AGPAADMINS", "arn": arn("group/admins"), "path": "/"}
    reports.given(
        *BEGINNING,
        call(ADA, "08:03:00", "iam:CreateGroup", {"groupName": "admins"}, {"group": team}),
        call(ADA, "08:04:00", "iam:EnableMFADevice", {"userName": "ada", "serialNumber": device}),
        call(ADA, "08:05:00", "iam:PutUserPermissionsBoundary", {"userName": "bot", "permissionsBoundary": boundary}),
        call(BOT, "14:01:00", "iam:CreateLoginProfile", {"userName": "ada", "passwordResetRequired": False}),
        call(BOT, "14:02:00", "iam:DeactivateMFADevice", {"userName": "ada", "serialNumber": device}),
        call(BOT, "14:03:00", "iam:AddUserToGroup", {"userName": "bot", "groupName": "admins"}),
        call(BOT, "14:04:00", "iam:DeleteUserPermissionsBoundary", {"userName": "bot"}),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("passwords-devices-groups-and-limits")
    assert found.left() == [
        ("made", "password", "user/ada", "stands"),
        ("removed", "MFA device", device, "stands"),
        ("made", "group membership", arn("group/admins"), "stands"),
        ("removed", "permissions boundary", boundary, "stands"),
    ]
    assert (
        f"aws iam put-user-permissions-boundary --user-name bot --permissions-boundary {boundary}" in found.commands()
    )
    assert "aws iam remove-user-from-group --user-name bot --group-name admins" in found.commands()
    reports.given(
        call(ADA, "15:00:00", "iam:PutUserPermissionsBoundary", {"userName": "bot", "permissionsBoundary": boundary})
    )
    assert reports.when(BOT_KEY, FROM).left()[3] == ("removed", "permissions boundary", boundary, "put_back")


def test_what_it_undid_itself_is_said_once(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        makes_user(BOT, "14:01:00", "eve"),
        makes_key(BOT, "14:01:05", "eve", EVE_KEY),
        call(BOT, "14:30:00", "iam:DeleteAccessKey", {"userName": "eve", "accessKeyId": EVE_KEY}),
        call(BOT, "14:30:05", "iam:DeleteUser", {"userName": "eve"}),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("what-it-undid-itself-is-said-once")
    assert found.left() == [("made", "user", "user/eve", "ended"), ("made", "access key", EVE_KEY, "ended")]
    assert found["persistence"]["standing"] == 0 and found.open() == {BOT_KEY: "open", EVE_KEY: "closed"}
    whats = [each["what"] for each in found["revocation"]["measures"]]
    assert whats == ["access key deleted", "user deleted"]


def test_a_snapshot_that_was_shared_and_taken_back_by_another(reports: Reports) -> None:
    shared = {"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"userId": "999988887777"}]}},
              "attributeType": "CREATE_VOLUME_PERMISSION"}  # fmt: skip
    taken = {"snapshotId": "snap-1", "createVolumePermission": {"remove": {"items": [{"userId": "999988887777"}]}},
             "attributeType": "CREATE_VOLUME_PERMISSION"}  # fmt: skip
    reports.given(*BEGINNING, call(BOT, "14:01:00", "ec2:ModifySnapshotAttribute", shared))
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-snapshot-that-was-shared-and-taken-back-by-another")
    assert found.left() == [("made", "shared snapshot", "snap-1", "stands")]
    assert found["persistence"]["lines"][0]["detail"] == "for 999988887777"
    assert any("reset-snapshot-attribute --snapshot-id snap-1" in each for each in found.commands())
    reports.given(call(ADA, "15:00:00", "ec2:ModifySnapshotAttribute", taken))
    found = reports.when(BOT_KEY, FROM)
    assert found.left() == [("made", "shared snapshot", "snap-1", "ended")]
    assert found["persistence"]["lines"][0]["ended"]["actor"] == arn("user/ada")


def test_the_watch_was_turned_off_in_the_middle(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        reads(BOT, "14:01:00", "cloudtrail:DescribeTrails"),
        call(BOT, "14:02:00", "cloudtrail:DeleteTrail", {"name": "main"}, errorCode="AccessDenied"),
        call(BOT, "14:05:00", "cloudtrail:StopLogging", {"name": "main"}),
        reads(ADA, "19:00:00", "s3:ListBuckets"),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("the-watch-was-turned-off-in-the-middle")
    refused, stopped = found["watch"]["tampering"]
    assert (refused["act"]["action"], refused["error_code"]) == ("cloudtrail:DeleteTrail", "AccessDenied")
    assert (stopped["target"], stopped["words"]) == ("main", "a trail records nothing any more")
    assert (stopped["without_records_from"], stopped["without_records_to"]) == (
        "2026-03-03T15:00:00Z", "2026-03-03T19:00:00Z",
    )  # fmt: skip
    assert refused["without_records_from"] is None


def test_the_timeline_tells_changes_one_by_one_and_reading_together(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        *(reads(BOT, f"14:00:{second:02}", "ec2:DescribeInstances") for second in range(10)),
        makes_user(BOT, "14:01:00", "eve"),
        call(ADA, "15:00:00", "iam:DeleteAccessKey", {"userName": "bot", "accessKeyId": BOT_KEY}),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("the-timeline-tells-changes-one-by-one-and-reading-together")
    lines = [(each["what"], each["calls"], each["intent"]) for each in found["timeline"]["entries"]]
    assert lines == [
        ("ec2:DescribeInstances", 10, "discovery"), ("iam:CreateUser", 1, "persistence"),
        ("iam:DeleteAccessKey: access key deleted", 1, "response"),
    ]  # fmt: skip
    assert found["timeline"]["entries"][1]["position"]


def test_what_is_known_by_a_name_alone_is_marked(reports: Reports) -> None:
    """Nobody has seen the unique id of this user."""
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    reports.given(
        *BEGINNING,
        call(BOT, "14:01:00", "iam:AttachUserPolicy", {"userName": "carl", "policyArn": administrator}),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("what-is-known-by-a-name-alone-is-marked")
    [line] = found["persistence"]["lines"]
    assert (line["of"], line["item"], line["sure"]) == (arn("user/carl"), administrator, "by_name")
    assert any("lines marked by_name are about a name" in note for note in found["persistence"]["notes"])
    assert f"aws iam detach-user-policy --user-name carl --policy-arn {administrator}" in found.commands()


def test_calls_under_an_earlier_name_count(reports: Reports) -> None:
    reading = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    reports.given(
        *BEGINNING,
        call(ADA, "08:02:00", "iam:PutUserPolicy", {
            "userName": "bot", "policyName": "p", "policyDocument": text(reading),
        }),
        reads(BOT, "14:01:00", "s3:GetObject", {"bucketName": "payroll", "key": "a"}),
        call(ADA, "14:02:00", "iam:UpdateUser", {"userName": "bot", "newUserName": "robot"}),
    )  # fmt: skip
    found = reports.when("robot", FROM)
    found.is_as_expected("calls-under-an-earlier-name-count")
    assert found["did"]["sessions"][0]["access_key"] == BOT_KEY
    [line] = found["could_against_did"]["lines"]
    assert (line["principal"], line["could"], line["did"]) == (arn("user/robot"), 1, 1)


def test_a_name_that_several_had_asks_which(reports: Reports) -> None:
    again = {"userName": "bot", "userId": "AIDABOT2", "arn": arn("user/bot"), "path": "/"}
    reports.given(
        *BEGINNING,
        call(ADA, "09:00:00", "iam:DeleteAccessKey", {"userName": "bot", "accessKeyId": BOT_KEY}),
        call(ADA, "09:00:01", "iam:DeleteUser", {"userName": "bot"}),
        call(ADA, "10:00:00", "iam:CreateUser", {"userName": "bot"}, {"user": again}),
    )
    with pytest.raises(Problem) as caught:
        reports.when("bot")
    assert caught.value.code == "ambiguous_principal"
    found = reports.when("AIDABOT")
    found.is_as_expected("a-name-that-several-had-asks-which")
    assert any("which others had too (AIDABOT2)" in note for note in found["whose"]["notes"])
    with pytest.raises(Problem) as caught:
        reports.when("nobody-at-all")
    assert caught.value.status == 404
    with pytest.raises(Problem) as caught:
        reports.when(ADA_KEY, "2999-01-01T00:00:00Z")
    assert caught.value.code == "future_window"


def test_a_removal_of_what_no_record_had_shown_is_said(reports: Reports) -> None:
    """Without a listing nothing shows what others have: that it was taken from them is no less so."""
    reports.given(
        *BEGINNING,
        call(BOT, "14:01:00", "iam:DetachUserPolicy", {"userName": "guard", "policyArn": "arn:aws:iam::aws:policy/X"}),
        call(BOT, "14:02:00", "iam:DeleteUser", {"userName": "victim"}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T18:00:00Z")["persistence"]
    assert [(each["change"], each["what"], each["of"]) for each in found["lines"]] == [
        ("removed", "user", arn("user/victim"))
    ]
    [note] = [each for each in found["notes"] if "no record had shown" in each]
    assert note.startswith("iam:DetachUserPolicy removed what no record had shown, and whether it was put back is not")
    assert "it has no line: 111122223333/" in note


def test_whether_it_is_over_is_not_known_where_a_removal_has_no_line(reports: Reports) -> None:
    """What was taken from others may be gone still: nothing tells of it."""
    reports.given(
        *BEGINNING,
        call(BOT, "14:01:00", "iam:DetachUserPolicy", {"userName": "guard", "policyArn": "arn:aws:iam::aws:policy/X"}),
        call(ADA, "14:02:00", "iam:DeleteAccessKey", {"userName": "bot", "accessKeyId": BOT_KEY}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T18:00:00Z")
    assert (found["persistence"]["standing"], found["revocation"]["is_over"]) == (0, "unknown")
    [note] = [each for each in found["revocation"]["notes"] if "no record had shown" in each]
    assert "whether it was put back is not known" in note


def test_a_key_that_was_there_is_changed_and_not_made_by_its_deactivation(reports: Reports) -> None:
    """It is somebody's: no command may delete it."""
    key = "AKIAGUARDKEY00000001"
    change = {"userName": "guard", "accessKeyId": key, "status": "Inactive"}
    reports.given(*BEGINNING, call(BOT, "14:01:00", "iam:UpdateAccessKey", change))
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T18:00:00Z")
    assert [(each["change"], each["item"], each["stands"]) for each in found["persistence"]["lines"]] == [
        ("changed", key, "stands")
    ]
    assert not any("delete-access-key" in each for each in found.commands())
