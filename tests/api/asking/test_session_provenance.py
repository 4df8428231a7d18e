"""Provenance of a session says who took it, and by which right."""

from __future__ import annotations

from erstwhile.api.asking.over_time.stopping import Stop
from tests.support.documents import allow, trust
from tests.support.imports import Imports, import_records
from tests.support.records import ACCOUNT, create_user, record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/work"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


def test_who_took_the_session_and_by_which_right(imports: Imports) -> None:
    trusted = trust({"AWS": BOB}, "sts:AssumeRole")
    role = {"roleName": "app", "roleId": "AROAAPP", "arn": ROLE, "path": "/"}
    caller = {"type": "IAMUser", "principalId": "AIDABOB", "arn": BOB, "accountId": ACCOUNT, "userName": "bob",
              "accessKeyId": "AKIABOB"}  # fmt: skip
    issued = {
        "credentials": {"accessKeyId": "ASIAWORK000000000001", "expiration": "Mar 3, 2026 3:00:00 PM"},
        "assumedRoleUser": {"assumedRoleId": "AROAAPP:work", "arn": SESSION},
    }
    import_records(
        imports.service.database, imports.folder,
        create_user("bob", "AIDABOB", "2026-03-03T12:00:00Z"),
        record("CreateRole", {"roleName": "app", "assumeRolePolicyDocument": trusted}, {"role": role},
               at="2026-03-03T12:00:01Z"),
        record("PutRolePolicy", {"roleName": "app", "policyName": "p", "policyDocument": allow("iam:ListUsers")},
               at="2026-03-03T12:00:02Z"),
        record("AssumeRole", {"roleArn": ROLE, "roleSessionName": "work"}, issued, service="sts", userIdentity=caller,
               at="2026-03-03T12:30:00Z", read_only=True),
    )  # fmt: skip
    found = imports.service.over_time.provenance(SESSION, "iam:ListUsers", "*", "2026-03-03T12:45:00Z", None, Stop())
    assert found["effect"] == "allow"
    session = found["session"]
    assert (session["actor"], session["action"], session["occurred_at"]) == (
        BOB, "sts:AssumeRole", "2026-03-03T12:30:00Z",
    )  # fmt: skip
    assert session["right"]["principal"] == BOB and session["right"]["effect"] == "allow"
    assert "trust policy" in {link["layer"] for grant in session["right"]["grants"] for link in grant["links"]}
    other = SESSION.replace("work", "other")
    found = imports.service.over_time.provenance(other, "iam:ListUsers", "*", "2026-03-03T12:45:00Z", None, Stop())
    assert found["session"]["actor"] == "" and found["session"]["right"] is None
    found = imports.service.over_time.provenance(BOB, "iam:ListUsers", "*", "2026-03-03T12:45:00Z", None, Stop())
    assert found["session"] is None
