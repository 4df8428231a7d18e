"""What each report says of one story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.reports.gathering import ReportWords
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support.records import ACCOUNT
from tests.support.report_stories import BOUNDARY, FORMULA, OTHER
from tests.support.reports import made, reading, rows, words

USER, ROLE, ROOT = (f"arn:aws:iam::{ACCOUNT}:{each}" for each in ("user/", "role/", "root"))
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
PAYROLL = "arn:aws:s3:::payroll"


@pytest.fixture(scope="module")
def runtime(told: Database) -> Iterator[ReadingRuntime]:
    with reading(told) as found:
        yield found


def said(runtime: ReadingRuntime, name: str, *columns: str, section: str = "", **more: Any) -> list[tuple[Any, ...]]:
    with made(runtime, name, words(name, **more)) as report:
        return rows(report, *columns, section=section)


def test_entitlement_review(runtime: ReadingRuntime) -> None:
    found = said(
        runtime, "entitlement-review",
        "principal", "grant_path", "policy", "statement", "effect", "actions", "granted_by", "granted_at", "limited_by",
    )  # fmt: skip
    listed = ("not known (snapshot)", None)
    ada = (f"{USER}ada", "2026-03-03T16:00:01Z")
    assert found == [
        (f"{USER}=cmd", "inline", "inline:own", "Self", "Allow", ["iam:PutUserPolicy", "s3:Get*"], *ada,
         ["boundary", "deny"]),
        (f"{USER}=cmd", "inline", "inline:own", "2", "Deny", ["s3:GetObjectAcl"], *ada, []),
        (f"{USER}=cmd", "group", "inline:payroll-read", "ReadPayroll", "Allow", ["s3:GetObject"], f"{USER}ada",
         "2026-03-03T16:00:04Z", ["boundary", "deny"]),
        (f"{USER}=cmd", "boundary", BOUNDARY, "1", "Allow", ["*"], f"{USER}ada", "2026-03-03T16:00:02Z", []),
        (f"{USER}ada", "group", ADMIN, "1", "Allow", ["*"], *listed, []),
        (f"{USER}build-bot", "direct", f"arn:aws:iam::{ACCOUNT}:policy/deploy", "1", "Allow",
         ["s3:PutObject", "s3:ListBucket"], *listed, []),
        (f"{USER}build-bot", "direct", f"arn:aws:iam::{ACCOUNT}:policy/deploy", "KeepOwnPolicyCurrent", "Allow",
         ["iam:CreatePolicyVersion", "iam:GetPolicy"], *listed, []),
        (f"{USER}grace", "group", "inline:payroll-read", "ReadPayroll", "Allow", ["s3:GetObject"], *listed, []),
        (f"{USER}old-timer", "none", "", "", "", [], "", None, []),
        (f"{ROLE}auditor", "none", "", "", "", [], "", None, []),
        (ROOT, "trust", "trust policy", "1", "Allow", ["sts:AssumeRole"], *listed, []),
        ("*", "resource policy", PAYROLL, "Everybody", "Allow", ["s3:GetObject"], f"{USER}ada", "2026-03-03T16:10:00Z",
         []),
        (f"arn:aws:iam::{OTHER}:root", "resource policy", PAYROLL, "Partner", "Allow", ["s3:ListBucket"], f"{USER}ada",
         "2026-03-03T16:10:00Z", []),
    ]  # fmt: skip
    details = said(
        runtime, "entitlement-review", "principal", "owner", "type", "created", "services", "access_levels",
        "resources", "conditions", "approval",
    )[0]  # fmt: skip
    assert details == (
        f"{USER}=cmd", FORMULA, "user", "2026-03-03T16:00:00Z", ["iam", "s3"],
        ["Read", "Write", "Permissions management"], ["*"], ["IpAddress aws:SourceIp 198.51.100.0/24"],
        "no ticket named",
    )  # fmt: skip


def test_entitlement_review_of_a_resource_has_what_the_engine_decides(runtime: ReadingRuntime) -> None:
    found = said(
        runtime, "entitlement-review", "principal", "decision", "grant_path", "statement", "actions",
        resource=f"{PAYROLL}/march.csv", options={"actions": "s3:GetObject,s3:PutObject"},
    )  # fmt: skip
    assert (f"{USER}ada", "allow", "group", "1", ["s3:GetObject", "s3:PutObject"]) in found
    assert (f"{USER}grace", "allow", "group", "ReadPayroll", ["s3:GetObject"]) in found
    assert ("*", "allow", "resource policy", "Everybody", ["s3:GetObject"]) in found
    assert not [each for each in found if each[0] == f"{ROLE}auditor" and "s3:PutObject" in each[4]]


def test_privileged_access(runtime: ReadingRuntime) -> None:
    found = said(runtime, "privileged-access", "principal", "why", "decision", "path", "steps", "mfa")
    assert found == [
        (ROOT, "administrator", "allow", ["the account's root user"], 0, None),
        (f"{USER}ada", "administrator", "allow", [f"user/ada > group/administrators > {ADMIN}"], 0, True),
        (f"{USER}old-timer", "not known", "unknown", ["the policies of user old-timer were never seen"], None, False),
        (f"{USER}=cmd", "escalation path", "conditional", [f"put-user-policy > {USER}=cmd with any policy"], 1, False),
        (f"{USER}build-bot", "escalation path", "allow",
         [f"create-policy-version > {USER}build-bot with any policy"], 1, None),
    ]  # fmt: skip


def test_changes(runtime: ReadingRuntime) -> None:
    found = said(runtime, "changes", "at", "action", "of", "attribute", "item", "before", "after", "outcome")
    of = f"{USER}=cmd"
    assert [each[:5] for each in found if each[1] != "iam:CreateUser"] == [
        ("2026-03-03T16:00:01Z", "iam:PutUserPolicy", of, "inline", "own"),
        ("2026-03-03T16:00:02Z", "iam:PutUserPermissionsBoundary", of, "boundary", ""),
        ("2026-03-03T16:00:03Z", "iam:CreateLoginProfile", of, "login_profile", ""),
        ("2026-03-03T16:00:04Z", "iam:AddUserToGroup", of, "member_of", "AGPADEMOFINANCE00002"),
        ("2026-03-03T16:10:00Z", "s3:PutBucketPolicy", PAYROLL, "policy", ""),
        ("2026-03-03T16:20:00Z", "iam:DeleteUser", "", "", ""),
    ] + [each[:5] for each in found if each[0] == "2026-03-03T17:00:00Z"]
    [policy] = [each for each in found if each[3] == "policy"]
    assert "Auditors" in policy[5] and "Everybody" in policy[6]
    assert [each[7] for each in found if each[1] == "iam:DeleteUser"] == ["failed"]
    assert (of, "tag", "owner", "", FORMULA) in [each[2:7] for each in found]


def test_that_a_listing_shows_what_was_not_known_is_before_it_and_not_after(runtime: ReadingRuntime) -> None:
    """A listing says that a user was there before it, with policies that nothing had shown until then."""
    asked = ReportWords(begin="2026-03-03T07:59:00Z", end="2026-03-03T14:30:00Z", options={})
    with made(runtime, "changes", asked) as report:
        found = rows(report, "of", "attribute", "before", "after")
    assert (f"{USER}ada", "coverage", "yes", "") in found
    [entity] = [each for each in found if each[:2] == (f"{USER}ada", "entity")]
    assert "created_at" not in entity[2] and "created_at" in entity[3]


def test_changes_with_their_effect(runtime: ReadingRuntime) -> None:
    found = said(runtime, "changes", "action", "effective_change", options={"effect": "yes"})
    [joined] = [each[1] for each in found if each[0] == "iam:AddUserToGroup"]
    assert joined and f"{USER}=cmd" in joined[0], joined


def test_credential_report_is_that_of_aws(runtime: ReadingRuntime) -> None:
    names = ("user", "password_enabled", "password_last_used", "mfa_active", "access_key_1_active",
             "access_key_1_last_rotated", "access_key_1_last_used_date")  # fmt: skip
    assert said(runtime, "credential-report", *names) == [
        ("<root_account>", "not_supported", "2026-01-05T08:00:00+00:00", "false", "true", "2020-01-01T00:05:00+00:00",
         "no_information"),
        ("=cmd", "true", "no_information", "false", "false", "N/A", "N/A"),
        ("ada", "true", "2026-03-01T08:00:00+00:00", "true", "true", "2024-03-01T08:00:00+00:00",
         "2026-03-03T16:10:00+00:00"),
        ("build-bot", "no_information", "no_information", "no_information", "false", "no_information",
         "2026-03-03T14:11:06+00:00"),
        ("grace", "true", "no_information", "false", "false", "2024-05-01T08:00:00+00:00",
         "2026-03-03T09:31:40+00:00"),
        ("old-timer", "false", "N/A", "false", "true", "2024-05-01T08:00:00+00:00", "2024-06-01T08:00:00+00:00"),
    ]  # fmt: skip


def test_mfa(runtime: ReadingRuntime) -> None:
    assert said(runtime, "mfa", "principal", "password", "mfa", "finding") == [
        (ROOT, None, False, "root without MFA"),
        (f"{USER}=cmd", True, False, "password without MFA"),
        (f"{USER}ada", True, True, ""),
        (f"{USER}build-bot", None, None, "not known whether there is MFA"),
        (f"{USER}grace", True, False, "password without MFA"),
        (f"{USER}old-timer", False, False, ""),
    ]


def test_key_age_and_dormant_credentials(runtime: ReadingRuntime) -> None:
    ages = said(runtime, "key-age", "principal", "access_key", "status", "age_days", "over", "told_by")
    assert (f"{USER}ada", "AKIADEMOADA000000001", "Active", 732, True, "the credential report, and its use") in ages
    assert (ROOT, "", "Active", 2253, True, "the credential report") in ages
    dormant = said(runtime, "dormant-credentials", "principal", "type", "idle_days", "dormant")
    assert (f"{USER}old-timer", "access key", 640, True) in dormant
    assert (f"{ROLE}auditor", "role", None, None) in dormant
    assert not [each for each in dormant if each[0] == f"{USER}=cmd"], "it is of today"


def test_root_use(runtime: ReadingRuntime) -> None:
    assert said(runtime, "root-use", "at", "action", "source_ip", "outcome", "evidence") == [
        ("2026-03-03T17:30:00Z", "s3:ListBuckets", "192.0.2.9", "success", f"{ACCOUNT}/story-root")
    ]


def test_exposure(runtime: ReadingRuntime) -> None:
    found = said(runtime, "exposure", "resource", "exposure", "lets_in", "known_account", "decision", "actions")
    assert found == [
        (PAYROLL, "public", "*", None, "allow", ["s3:GetObject"]),
        (PAYROLL, "cross-account", f"arn:aws:iam::{OTHER}:root", False, "allow", ["s3:ListBucket"]),
    ]


def test_coverage(runtime: ReadingRuntime) -> None:
    with made(runtime, "coverage", words("coverage")) as report:
        [account] = rows(report, "account", "mode", "hours", "hours_without", "complete", section="accounts")
        assert account[:3] == (ACCOUNT, "observed", 2.0) and account[4] is False
        assert report.header.coverage[0].records > 19
