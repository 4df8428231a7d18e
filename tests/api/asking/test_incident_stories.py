"""Stories of incidents, each with the report that it must have: keys, sessions, roles, other accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from tests.support.incidents import (
    ADA,
    ANYTHING,
    ATTACKER,
    BEGINNING,
    BOT,
    BOT_KEY,
    EVE_KEY,
    OTHER_ACCOUNT,
    SECOND_SESSION_KEY,
    SESSION_KEY,
    Reports,
    arn,
    assumes,
    call,
    makes_key,
    makes_role,
    makes_user,
    reads,
    session,
    text,
    trust_of,
    user,
)

DEPLOY = session("deploy", "work", SESSION_KEY)
EVE = user("eve", EVE_KEY)
FROM = "2026-03-03T14:00:00Z"


@pytest.fixture
def reports(database: Database, tmp_path: Path) -> Reports:
    return Reports(database, tmp_path)


def test_a_leaked_key_that_pivots_to_a_role_and_makes_a_user(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        reads(BOT, "14:02:00", "sts:GetCallerIdentity"),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "15:03:00"),
        makes_user(DEPLOY, "14:04:00", "eve"),
        makes_key(DEPLOY, "14:04:05", "eve", EVE_KEY),
        reads(EVE, "14:06:00", "s3:GetObject", {"bucketName": "payroll", "key": "march.csv"}),
        call(EVE, "14:07:00", "iam:CreateUser", {"userName": "mallory"}, errorCode="AccessDenied"),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-leaked-key-that-pivots-to-a-role-and-makes-a-user")
    assert found.members() == [(0, BOT_KEY), (1, SESSION_KEY), (2, arn("user/eve")), (2, EVE_KEY)]
    credentials = {each["access_key"]: each for each in found["whose"]["credentials"]}
    assert credentials[BOT_KEY]["made"]["actor"] == arn("user/ada")
    assert credentials[SESSION_KEY]["expires_at"] == "2026-03-03T15:03:00Z"
    assert credentials[SESSION_KEY]["parent"] == BOT_KEY and credentials[EVE_KEY]["parent"] == SESSION_KEY
    assert found.left() == [("made", "user", "user/eve", "stands"), ("made", "access key", EVE_KEY, "stands")]
    assert found.intents() == {
        "discovery": ["sts:GetCallerIdentity"], "lateral movement": ["sts:AssumeRole"],
        "persistence": ["iam:CreateAccessKey", "iam:CreateUser"], "data access": ["s3:GetObject"],
    }  # fmt: skip
    assert [(each["action"], each["error_code"]) for each in found["did"]["refused"]] == [
        ("iam:CreateUser", "AccessDenied")
    ]
    assert "arn:aws:s3:::payroll/march.csv" in [each["resource"] for each in found["did"]["touched"]]
    [role] = [each for each in found["reach"]["lines"] if each["target"] == arn("role/deploy")]
    assert (role["principal"], role["how"]) == (arn("user/bot"), "allow") and not role["is_administrator"]
    assert [step["family"] for step in role["steps"]] == ["assume-role"]
    assert found.open() == {BOT_KEY: "open", SESSION_KEY: "closed", EVE_KEY: "open"}
    assert found["revocation"]["is_over"] == "no"
    assert found.commands() == [
        f"aws iam update-access-key --user-name bot --access-key-id {BOT_KEY} --status Inactive",
        f"aws iam update-access-key --user-name eve --access-key-id {EVE_KEY} --status Inactive",
        f"aws iam delete-access-key --user-name eve --access-key-id {EVE_KEY}",
        "aws iam delete-user --user-name eve",
    ]


def test_a_revocation_that_missed_a_running_session(reports: Reports) -> None:
    """The key is deactivated; the session that it began goes on until it expires."""
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "20:03:00"),
        call(
            ADA, "15:30:00", "iam:UpdateAccessKey",
            {"userName": "bot", "accessKeyId": BOT_KEY, "status": "Inactive"},
        ),
        reads(DEPLOY, "16:00:00", "s3:GetObject", {"bucketName": "payroll", "key": "march.csv"}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T18:00:00Z")
    found.is_as_expected("a-revocation-that-missed-a-running-session")
    [measure] = found["revocation"]["measures"]
    assert (measure["what"], measure["on"]) == ("access key deactivated", BOT_KEY)
    assert measure["new_calls"] == "2026-03-03T15:30:00Z" and measure["running"] == "not_ended"
    assert (measure["calls_after"], measure["act"]["actor"]) == (0, arn("user/ada"))
    assert found.open() == {BOT_KEY: "closed", SESSION_KEY: "open"}
    [still] = [each for each in found["revocation"]["credentials"] if each["state"] == "open"]
    assert still["until"] == "2026-03-03T20:03:00Z"
    assert found["revocation"]["is_over"] == "no"
    [command] = found.commands()
    assert command.startswith("aws iam put-role-policy --role-name deploy --policy-name AWSRevokeOlderSessions")
    assert '"aws:TokenIssueTime":"2026-03-03T18:00:00Z"' in command
    assert reports.when(BOT_KEY, FROM, as_of="2026-03-03T21:00:00Z")["revocation"]["is_over"] == "yes"


def test_keys_and_trusts_are_closed_before_the_sessions_that_they_begin(reports: Reports) -> None:
    """A key or a trust that is open still would begin a session that is too young to be denied."""
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "20:03:00"),
        call(
            DEPLOY, "14:04:00", "iam:UpdateAssumeRolePolicy",
            {"roleName": "deploy", "policyDocument": trust_of("arn:aws:iam::999999999999:root")},
        ),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T18:00:00Z")
    assert [each.split()[2] for each in found.commands()] == [
        "update-access-key", "update-assume-role-policy", "put-role-policy",
    ]  # fmt: skip
    assert found["closing"]["notes"][1:] == [
        "sessions that begin after 2026-03-03T18:00:00Z go on: write the time of the run into aws:TokenIssueTime",
    ]


def test_older_sessions_are_denied(reports: Reports) -> None:
    statement = {
        "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-03-03T15:00:00Z"}},
    }  # fmt: skip
    denies = {"Version": "2012-10-17", "Statement": [statement]}
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "20:03:00"),
        call(ADA, "15:00:00", "iam:PutRolePolicy", {
            "roleName": "deploy", "policyName": "AWSRevokeOlderSessions", "policyDocument": text(denies),
        }),
        reads(DEPLOY, "15:10:00", "s3:ListBuckets", errorCode="AccessDenied"),
        assumes(BOT, "15:20:00", "deploy", "again", SECOND_SESSION_KEY, "20:20:00"),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM, as_of="2026-03-03T16:00:00Z")
    found.is_as_expected("older-sessions-are-denied")
    assert found.open() == {BOT_KEY: "open", SESSION_KEY: "closed", SECOND_SESSION_KEY: "open"}
    [measure] = found["revocation"]["measures"]
    assert measure["what"] == "sessions issued before 2026-03-03T15:00:00Z denied"
    assert (measure["new_calls"], measure["running"]) == (None, "ended")
    assert (measure["calls_after"], measure["refused_after"]) == (0, 1)


def test_a_chain_across_accounts(reports: Reports) -> None:
    other = session("ops", "far", SECOND_SESSION_KEY, OTHER_ACCOUNT)
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "15:03:00"),
        assumes(DEPLOY, "14:05:00", "ops", "far", SECOND_SESSION_KEY, "15:05:00", OTHER_ACCOUNT),
        reads(other, "14:06:00", "ec2:DescribeInstances"),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-chain-across-accounts")
    assert found.members() == [(0, BOT_KEY), (1, SESSION_KEY), (2, SECOND_SESSION_KEY)]
    assert [(each["account"], each["how"], each["calls"]) for each in found["did"]["pivots"]] == [
        (OTHER_ACCOUNT, "assumed_role", 0), (OTHER_ACCOUNT, "calls", 1),
    ]  # fmt: skip
    assert "ec2:DescribeInstances" in found.intents()["discovery"]


def test_a_role_that_a_function_runs_as(reports: Reports) -> None:
    """The role was made by the key: what the function does with it belongs to the report."""
    trust = text({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]})  # fmt: skip
    runs = session("worker", "fn", SESSION_KEY)
    reports.given(
        *BEGINNING,
        makes_role(BOT, "14:01:00", "worker", trust),
        call(BOT, "14:02:00", "iam:PutRolePolicy", {
            "roleName": "worker", "policyName": "all", "policyDocument": text(ANYTHING),
        }),
        call(BOT, "14:03:00", "lambda:CreateFunction20150331", {
            "functionName": "fn", "role": arn("role/worker"),
        }, {"functionName": "fn"}),
        reads(runs, "14:10:00", "secretsmanager:GetSecretValue", {"secretId": "db"}),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-role-that-a-function-runs-as")
    assert (1, arn("role/worker")) in found.members() and (1, SESSION_KEY) in found.members()
    assert found.left() == [
        ("made", "role", "role/worker", "stands"),
        ("made", "inline policy", "all", "stands"),
        ("made", "resource that runs as a role", arn("role/worker"), "stands"),
        ("made", "function", "fn", "stands"),
    ]
    assert found.intents()["credential access"] == ["secretsmanager:GetSecretValue"]
    assert found.commands().count("aws lambda delete-function --function-name fn") == 1


def test_a_service_role_of_somebody_else_passed_to_a_function(reports: Reports) -> None:
    """The role was there before: what this function does with it belongs to the report, what others do does not."""
    trust = text({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]})  # fmt: skip
    function = "arn:aws:lambda:us-east-1:111122223333:function:fn"
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "worker", trust),
        call(ADA, "08:02:00", "iam:PutRolePolicy", {
            "roleName": "worker", "policyName": "all", "policyDocument": text(ANYTHING),
        }),
        call(BOT, "14:03:00", "lambda:CreateFunction20150331", {"functionName": "fn", "role": arn("role/worker")},
             {"functionName": "fn", "functionArn": function, "role": arn("role/worker")}),
        makes_user(session("worker", "fn", SESSION_KEY), "14:10:00", "eve"),
        reads(session("worker", "billing", SECOND_SESSION_KEY), "14:11:00", "s3:ListBuckets"),
    )  # fmt: skip
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-service-role-of-somebody-else-passed-to-a-function")
    assert found.members() == [(0, BOT_KEY), (1, SESSION_KEY), (2, arn("user/eve"))]
    assert found.left() == [
        ("made", "resource that runs as a role", arn("role/worker"), "stands"),
        ("made", "function", "fn", "stands"),
        ("made", "user", "user/eve", "stands"),
    ]
    assert "s3:ListBuckets" not in found.intents().get("discovery", [])


def test_a_clean_key(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        reads(BOT, "14:02:00", "s3:ListBuckets"),
        reads(ADA, "17:00:00", "s3:ListBuckets"),
    )
    found = reports.when(BOT_KEY, FROM)
    found.is_as_expected("a-clean-key")
    assert found.left() == [] and found["watch"]["tampering"] == [] and found["did"]["pivots"] == []
    assert found.members() == [(0, BOT_KEY)] and found["did"]["refused"] == []
    assert any("no data event of it is on record" in note for note in found["did"]["notes"])
    assert any("no records of 111122223333 after" in note for note in found["persistence"]["notes"])
    gaps = [(gap["from"], gap["to"]) for gap in found.head["without_records"]]
    assert gaps[0] == ("2026-03-03T15:00:00Z", "2026-03-03T17:00:00Z")


def test_a_key_that_nobody_used(reports: Reports) -> None:
    reports.given(*BEGINNING)
    found = reports.when("ASIAQNZGKIQY56JQ7WML")
    found.is_as_expected("a-key-that-nobody-used")
    assert found["whose"]["account_by_form"] == "029608264753" and found["whose"]["principal"] == ""
    assert any("nothing is known of it but what its form tells" in note for note in found["whose"]["notes"])
    assert found["could"]["principals"] == [] and found["did"]["sessions"] == []
    assert found["revocation"]["is_over"] == "unknown"
    assert reports.when("AKIAIOSFODNN7EXAMPLE")["whose"]["account_by_form"] == ""


def test_an_address(reports: Reports) -> None:
    """What was done from it, and with the credentials that were made from it, wherever these were used."""
    reports.given(
        *BEGINNING,
        reads(BOT, "13:00:00", "s3:ListBuckets", sourceIPAddress="198.51.100.20"),
        makes_user(BOT, "14:04:00", "eve"),
        makes_key(BOT, "14:04:05", "eve", EVE_KEY),
        reads(EVE, "14:06:00", "ec2:DescribeInstances", sourceIPAddress="192.0.2.1"),
    )
    found = reports.when(ATTACKER)
    found.is_as_expected("an-address")
    assert found.members() == [(0, BOT_KEY), (1, arn("user/eve")), (1, EVE_KEY)]
    assert {each["source_ip"] for each in found["whose"]["places"]} == {ATTACKER, "192.0.2.1"}
    nobody = reports.when("192.0.2.77")
    assert nobody.members() == [] and "no call of it is on record in this time" in nobody["whose"]["notes"]


def test_a_session_and_the_call_that_began_it(reports: Reports) -> None:
    reports.given(
        *BEGINNING,
        makes_role(ADA, "08:01:00", "deploy", trust_of(arn("user/bot"))),
        assumes(BOT, "14:03:00", "deploy", "work", SESSION_KEY, "15:03:00"),
        reads(DEPLOY, "14:06:00", "ec2:DescribeInstances"),
    )
    for words in ("arn:aws:sts::111122223333:assumed-role/deploy/work", "work", SESSION_KEY):
        found = reports.when(words, FROM)
        [only] = found["whose"]["credentials"]
        assert only["access_key"] == SESSION_KEY and only["principal"] == arn("role/deploy"), words
        assert only["made"]["actor"] == arn("user/bot") and only["expires_at"] == "2026-03-03T15:03:00Z"
        assert found.intents() == {"discovery": ["ec2:DescribeInstances"]}


def test_what_a_user_could_do_changed_meanwhile(reports: Reports) -> None:
    """By a policy that it gave itself: what it could is told interval by interval, with the event."""
    reading = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "iam:PutUserPolicy"], "Resource": "*"}]}
    reports.given(
        *BEGINNING,
        call(ADA, "08:02:00", "iam:PutUserPolicy", {
            "userName": "bot", "policyName": "p", "policyDocument": text(reading),
        }),
        call(BOT, "14:02:00", "iam:PutUserPolicy", {
            "userName": "bot", "policyName": "q", "policyDocument": text({"Statement": [{
                "Effect": "Allow", "Action": ["sts:*", "kms:Decrypt"], "Resource": "*"}]}),
        }),
        reads(BOT, "14:05:00", "s3:GetObject", {"bucketName": "payroll", "key": "a"}),
        reads(BOT, "14:06:00", "s3:ListBuckets"),
    )  # fmt: skip
    found = reports.when("bot", FROM)
    found.is_as_expected("what-a-user-could-do-changed-meanwhile")
    [bot] = found["could"]["principals"]
    before, after = bot["periods"]
    assert (before["to"], after["from"]) == ("2026-03-03T14:02:00Z", "2026-03-03T14:02:00Z")
    assert [each["action"] for each in before["sensitive"]] == ["iam:PutUserPolicy", "s3:GetObject"]
    assert {"sts:AssumeRole", "kms:Decrypt"} <= {each["action"] for each in after["sensitive"]}
    assert [each["actor"] for each in after["changed_by"]] == [arn("user/bot")]
    lines = {(each["service"], each["level"]): each for each in found["could_against_did"]["lines"]}
    assert (lines["s3", "Read"]["could"], lines["s3", "Read"]["did"]) == (1, 1)
    assert lines["kms", "Write"]["unused"] == ["kms:Decrypt"]
    assert lines["s3", "List"]["beyond"] == ["s3:ListAllMyBuckets"]


def test_the_root_of_an_account(reports: Reports) -> None:
    root = {"type": "Root", "principalId": "111122223333", "arn": arn("root"), "accountId": "111122223333"}
    reports.given(*BEGINNING, makes_user(root, "14:00:00", "eve"))
    found = reports.when(arn("root"), FROM)
    found.is_as_expected("the-root-of-an-account")
    [only] = [each for each in found["could"]["principals"] if each["principal"] == arn("root")]
    assert [period["is_root"] for period in only["periods"]] == [True]
    assert found.left() == [("made", "user", "user/eve", "stands")]


GITHUB = "token.actions.githubusercontent.com"
PROVIDER = arn(f"oidc-provider/{GITHUB}")


def trust_of_github(subject: str) -> str:
    statement = {
        "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, "StringLike": {f"{GITHUB}:sub": subject},
        },
    }  # fmt: skip
    return text({"Version": "2012-10-17", "Statement": [statement]})


def assumes_from_github(clock: str, subject: str, name: str, key: str, **more: Any) -> dict[str, Any]:
    """As GitHub's jobs call; https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html has such a
    record."""
    job = {
        "type": "WebIdentityUser", "principalId": f"{PROVIDER}:sts.amazonaws.com:{subject}", "userName": subject,
        "identityProvider": PROVIDER,
    }  # fmt: skip
    return call(
        job, clock, "sts:AssumeRoleWithWebIdentity", {"roleArn": arn("role/publish"), "roleSessionName": name},
        {
            "subjectFromWebIdentityToken": subject, "provider": PROVIDER, "audience": "sts.amazonaws.com",
            "assumedRoleUser": {"arn": f"arn:aws:sts::111122223333:assumed-role/publish/{name}"},
            "credentials": {"accessKeyId": key, "sessionToken": "token", "expiration": "Mar 3, 2026, 4:02:00 PM"},
        },
        read_only=True, **more,
    )  # fmt: skip


def test_a_subject_of_github_that_is_too_wide(reports: Reports) -> None:
    """The trust lets in every repository: somebody else's job takes the role, and makes itself a way back. Ada narrows
    the trust; the session goes on until it expires."""
    job = session("publish", "job", SESSION_KEY)
    may = {"Statement": [{"Effect": "Allow", "Action": ["s3:*", "iam:CreateUser", "iam:CreateAccessKey"],
                          "Resource": "*"}]}  # fmt: skip
    reports.given(
        *BEGINNING,
        call(ADA, "08:01:00", "iam:CreateOpenIDConnectProvider", {"url": f"https://{GITHUB}"},
             {"openIDConnectProviderArn": PROVIDER}),
        makes_role(ADA, "08:02:00", "publish", trust_of_github("repo:*")),
        call(ADA, "08:03:00", "iam:PutRolePolicy", {
            "roleName": "publish", "policyName": "publish", "policyDocument": text(may),
        }),
        assumes_from_github("09:00:00", "repo:acme/site:ref:refs/heads/main", "ours", SECOND_SESSION_KEY,
                            sourceIPAddress="192.0.2.9"),
        assumes_from_github("14:02:00", "repo:mallory/fork:ref:refs/heads/main", "job", SESSION_KEY),
        reads(job, "14:03:00", "s3:GetObject", {"bucketName": "payroll", "key": "march.csv"}),
        makes_user(job, "14:04:00", "eve"),
        makes_key(job, "14:04:05", "eve", EVE_KEY),
        call(ADA, "15:30:00", "iam:UpdateAssumeRolePolicy", {
            "roleName": "publish", "policyDocument": trust_of_github("repo:acme/site:*"),
        }),
        reads(job, "15:40:00", "s3:ListBuckets"),
    )  # fmt: skip
    found = reports.when(SESSION_KEY, FROM, as_of="2026-03-03T15:45:00Z")
    found.is_as_expected("a-subject-of-github-that-is-too-wide")
    only = found["whose"]["credentials"][0]
    assert only["principal"] == arn("role/publish") and "repo:mallory/fork" in only["made"]["actor"]
    assert found.left() == [("made", "user", "user/eve", "stands"), ("made", "access key", EVE_KEY, "stands")]
    [measure] = found["revocation"]["measures"]
    assert (measure["new_calls"], measure["running"], measure["calls_after"]) == (
        "2026-03-03T15:30:00Z",
        "not_ended",
        1,
    )
    assert found.open() == {SESSION_KEY: "open", EVE_KEY: "open"}
