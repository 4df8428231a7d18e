"""What the audit trail and the activity say of what was imported, and what can be looked for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erstwhile.api.database.database import Database
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.imports.store import read_evidence
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.cursors import MalformedCursor
from erstwhile.projections.activity import activity_page
from erstwhile.projections.evidence_blocks import inflate, pack
from erstwhile.projections.filters import Filters, MalformedFilter
from erstwhile.projections.keys import holder_of_key
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import audit_page
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, ADA, create_user, record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops"
SESSION = {
    "type": "AssumedRole", "principalId": "AROAOPS:bob", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/bob",
    "accountId": ACCOUNT, "accessKeyId": "ASIAOPS",
    "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAOPS", "arn": ROLE, "accountId": ACCOUNT,
        "userName": "ops"}},
}  # fmt: skip
CENTER = {
    "type": "IdentityCenterUser",
    "accountId": ACCOUNT,
    "onBehalfOf": {"userId": "94d00cd8-aaaa", "identityStoreArn": "x"},
}
FEDERATED = {
    "type": "FederatedUser", "principalId": f"{ACCOUNT}:guest", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/guest",
    "accountId": ACCOUNT, "accessKeyId": "ASIAGUEST",
    "sessionContext": {"sessionIssuer": {"type": "IAMUser", "principalId": "AIDAADA", "arn": ADA["arn"],
        "accountId": ACCOUNT, "userName": "ada"}},
}  # fmt: skip


def denied(name: str, **more: Any) -> dict[str, Any]:
    return record(name, {"userName": "eve"}, errorCode="AccessDenied", errorMessage="no", **more)


def sign_in(result: str, mfa: str, at: str, **more: Any) -> dict[str, Any]:
    return record("ConsoleLogin", None, {"ConsoleLogin": result}, service="signin", at=at,
                  additionalEventData={"MFAUsed": mfa, "LoginTo": "x"}, **more)  # fmt: skip


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened


def test_a_refused_call_is_shown_refused_and_nothing_else(
    database: Database, connection: Connection, tmp_path: Path
) -> None:
    import_records(database, tmp_path, denied("CreateUser"), denied("ListBuckets", service="s3", userIdentity=SESSION))
    entries = audit_page(connection, Filters(), 100).entries
    assert {each["outcome"] for each in entries if each["source"] == "cloudtrail"} == {"failed", "seen"}
    [seen, _] = [each for each in entries if each["outcome"] == "seen"]
    assert seen["action"] == "PrincipalSeen" and seen["error_code"] == ""


calls = st.tuples(
    st.sampled_from(["CreateUser", "AttachUserPolicy", "ConsoleLogin", "AssumeRole", "GetObject", "CreateKey",
                     "PutUserPolicy"]),
    st.sampled_from(["iam", "signin", "sts", "s3", "kms", "organizations"]),
    st.sampled_from([ADA, SESSION, CENTER, FEDERATED, {}]),
    st.sampled_from([{"errorCode": "AccessDenied"}, {"errorMessage": "Failed authentication"},
                     {"responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "No"}]),
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_nothing_in_the_trail_says_success_of_a_refused_call(
    database: Database, tmp_path: Path, made: list[Any], chance: random.Random
) -> None:
    records = [
        record(name, {"userName": "eve", "policyArn": "x"}, service=service, userIdentity=identity,
               event_id=str(chance.getrandbits(64))) | refusal
        for name, service, identity, refusal in made
    ]  # fmt: skip
    import_records(database, tmp_path, *records)
    evidence = {f"{ACCOUNT}/{each['eventID']}" for each in records}
    with database.connect() as connection:
        for each in audit_page(connection, Filters(), 1000).entries:
            assert each["evidence"] not in evidence or each["outcome"] != "success", each
        for each in activity_page(connection, Filters(outcome="success"), 1000).entries:
            assert f"{each['account']}/{each['record_id']}" not in evidence


def test_sign_ins_are_in_the_trail_with_mfa_as_recorded(
    database: Database, connection: Connection, tmp_path: Path
) -> None:
    failed = {"type": "IAMUser", "principalId": "AIDABOB", "accountId": ACCOUNT, "userName": "bob"}
    summary = import_records(
        database, tmp_path,
        sign_in("Success", "Yes", "2026-03-03T12:00:01Z"),
        sign_in("Success", "No", "2026-03-03T12:00:02Z",
                userIdentity=ADA | {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}),
        sign_in("Failure", "No", "2026-03-03T12:00:03Z", userIdentity=failed, errorMessage="Failed authentication"),
        record("Federate", None, service="sso", at="2026-03-03T12:00:04Z", userIdentity=CENTER, read_only=True,
               serviceEventDetails={"role_name": "Admin", "account_id": "444455556666"}),
        record("UserAuthentication", None, service="signin", at="2026-03-03T12:00:05Z", userIdentity=CENTER,
               serviceEventDetails={"UserAuthentication": "Failure"}),
    )  # fmt: skip
    assert summary.sign_ins == 5
    told = [
        (each["action"], each["outcome"], each["actor"]["mfa"], each["actor"]["arn"].rsplit(":", 1)[-1])
        for each in reversed(audit_page(connection, Filters(), 100).entries)
        if each["event"] == "iam.SignedIn"
    ]
    assert told == [
        ("signin:ConsoleLogin", "success", True, "user/ada"),
        ("signin:ConsoleLogin", "success", False, "root"),
        ("signin:ConsoleLogin", "failed", False, "user/bob"),
        ("sso:Federate", "success", None, "user/94d00cd8-aaaa"),
        ("signin:UserAuthentication", "failed", None, "user/94d00cd8-aaaa"),
    ]
    [failure] = activity_page(connection, Filters(actor="bob"), 10).entries
    assert failure["error_code"] == "Failure"


WHO: list[tuple[dict[str, Any], str]] = [
    (CENTER, "94d00cd8-aaaa"),
    ({"type": "AWSAccount", "principalId": "AIDAELSEWHERE", "accountId": "444455556666"}, "444455556666"),
    ({"type": "AWSAccount", "principalId": "AIDAELSEWHERE", "accountId": "444455556666"}, "AIDAELSEWHERE"),
    ({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}, "anonymous"),
    ({"type": "SAMLUser", "principalId": "x:ada@example.com", "userName": "ada@example.com"}, "ada@example.com"),
    ({"type": "WebIdentityUser", "userName": "someone", "identityProvider": "cognito"}, "someone"),
    ({"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}, "cloudtrail.amazonaws.com"),
    (FEDERATED, "federated-user/guest"),
    ({"type": "Directory", "userName": "carl", "accountId": ACCOUNT}, "carl"),
]


@pytest.mark.parametrize(("identity", "words"), WHO)
def test_who_acted_is_told_and_can_be_asked_for(
    database: Database, connection: Connection, tmp_path: Path, identity: dict[str, Any], words: str
) -> None:
    import_records(
        database, tmp_path,
        record("GetObject", {"bucketName": "b", "key": "k"}, service="s3", read_only=True, userIdentity=identity),
        record("CreateUser", {"userName": "new"}, userIdentity=identity),
    )  # fmt: skip
    assert len(activity_page(connection, Filters(actor=words), 10).entries) == 2
    [change] = audit_page(connection, Filters(actor=words, action="iam:CreateUser"), 10).entries
    assert words in change["actor"]["arn"]


def test_a_key_that_was_given_out_can_be_asked_about_before_it_is_used(
    database: Database, connection: Connection, tmp_path: Path
) -> None:
    role = {"roleName": "ops", "roleId": "AROAOPS", "arn": ROLE, "path": "/"}
    assumed = {
        "credentials": {"accessKeyId": "ASIANEW"},
        "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/eve"},
    }
    federated = {"credentials": {"accessKeyId": "ASIAFED"}, "federatedUser": {"arn": FEDERATED["arn"]}}
    import_records(
        database, tmp_path,
        record("CreateRole", {"roleName": "ops"}, {"role": role}, at="2026-03-03T11:00:00Z"),
        record("AssumeRole", {"roleArn": ROLE}, assumed, service="sts", read_only=True),
        record("GetFederationToken", {"name": "guest"}, federated, service="sts", read_only=True),
        record("GetSessionToken", None, {"credentials": {"accessKeyId": "ASIATOKEN"}}, service="sts", read_only=True),
    )  # fmt: skip
    known = EventLog.within(connection).head()
    assert holder_of_key(connection, "ASIANEW", known) == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/eve"
    assert holder_of_key(connection, "ASIAFED", known) == FEDERATED["arn"]
    assert holder_of_key(connection, "ASIATOKEN", known) == ADA["arn"]
    assert holder_of_key(connection, "ASIANOBODY", known) is None
    assert holder_of_key(connection, "ASIANEW", 1) is None
    service = ReadingRuntime(database)
    try:
        assert service.questions.what_can("ASIANEW")["principal"] == ROLE
        assert service.questions.what_can("ASIAFED")["principal"] == FEDERATED["arn"]
        assert service.questions.what_can("ASIATOKEN")["principal"] == ADA["arn"]
    finally:
        service.close()


@pytest.fixture
def filled(database: Database, connection: Connection, tmp_path: Path) -> Connection:
    import_records(
        database, tmp_path,
        create_user("eve", "AIDAEVE", "2026-03-03T12:00:00Z", sourceIPAddress="203.0.113.9"),
        denied("CreateUser", at="2026-03-03T12:00:01Z", sourceIPAddress="203.0.113.66"),
        record("GetObject", {"bucketName": "payroll", "key": "march.csv"}, service="s3", read_only=True,
               at="2026-03-03T12:00:02Z", sourceIPAddress="2001:db8::1"),
        record("GetSecretValue", {"secretId": "db/password"}, service="secretsmanager", read_only=True,
               at="2026-03-03T12:00:03Z", sourceIPAddress="lambda.amazonaws.com"),
        record("Decrypt", None, service="kms", read_only=True, at="2026-03-03T12:00:04Z", sourceIPAddress="203.0.114.1",
               resources=[{"ARN": "arn:aws:kms:us-east-1:111122223333:key/k1", "accountId": ACCOUNT}]),
    )  # fmt: skip
    return connection


def found(connection: Connection, **filters: Any) -> list[str]:
    return [each["action"] for each in activity_page(connection, Filters(**filters), 50).entries]


@pytest.mark.parametrize(("filters", "actions"), [
    ({"source_ip": "203.0.113.9"}, ["iam:CreateUser"]),
    ({"source_ip": "203.0.113.0/24"}, ["iam:CreateUser", "iam:CreateUser"]),
    ({"source_ip": "203.0.112.0/22, 2001:db8::/32"}, ["kms:Decrypt", "s3:GetObject", "iam:CreateUser",
        "iam:CreateUser"]),
    ({"source_ip": "2001:DB8:0::1"}, ["s3:GetObject"]),
    ({"source_ip": "lambda.amazonaws.com,203.0.113.66"}, ["secretsmanager:GetSecretValue", "iam:CreateUser"]),
    ({"outcome": "failed"}, ["iam:CreateUser"]),
    ({"outcome": "failed,success", "action": "iam:"}, ["iam:CreateUser", "iam:CreateUser"]),
    ({"target": "march.csv"}, ["s3:GetObject"]),
    ({"target": "arn:aws:s3:::pay*/m*"}, ["s3:GetObject"]),
    ({"target": "PASSWORD"}, ["secretsmanager:GetSecretValue"]),
    ({"target": "key/k1"}, ["kms:Decrypt"]),
    ({"target": "nothing such"}, []),
])  # fmt: skip
def test_filters_of_the_activity(filled: Connection, filters: dict[str, Any], actions: list[str]) -> None:
    assert found(filled, **filters) == actions


def test_the_same_filters_of_the_trail(filled: Connection) -> None:
    def those(**filters: Any) -> set[str]:
        return {each["outcome"] for each in audit_page(filled, Filters(**filters), 50).entries}

    assert those(source_ip="203.0.113.66/32") == {"failed"}
    assert those(source_ip="203.0.113.0/24", outcome="failed,success") == {"failed", "success"}
    assert those(source_ip="198.51.100.0/24") == set()


@pytest.mark.parametrize(("read", "filters", "words"), [
    (audit_page, {"source_ip": "203.0.113.0/33"}, "neither an address"),
    (activity_page, {"source_ip": "1.2.3"}, "neither an address"),
    (activity_page, {"outcome": "refused"}, "must be success, failed"),
    (audit_page, {"outcome": "sucess"}, "must be success, failed, refused"),
])  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(
    filled: Connection, read: Any, filters: dict[str, Any], words: str
) -> None:
    with pytest.raises(MalformedFilter, match=words):
        read(filled, Filters(**filters), 10)


def test_pages_go_on_where_they_ended_and_each_cursor_is_of_its_listing(filled: Connection) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = activity_page(filled, Filters(), 2, cursor)
        seen += [each["record_id"] for each in page.entries]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 5
    of_calls = activity_page(filled, Filters(), 1).next_cursor
    of_trail = audit_page(filled, Filters(), 1).next_cursor
    for read, cursor in ((audit_page, of_calls), (activity_page, of_trail), (activity_page, "!!"), (audit_page, "e30")):
        with pytest.raises(MalformedCursor):
            read(filled, Filters(), 10, cursor)


def test_what_imports_say_of_themselves_is_told_when_asked_for(
    filled: Connection, database: Database, tmp_path: Path
) -> None:
    usual = {each["event"] for each in audit_page(filled, Filters(), 100).entries}
    assert "iam.RecordsImported" not in usual and "iam.UserCreated" in usual
    import_shipped(filled)
    import_records(database, tmp_path, record("CreateUser", {"userName": "bob"}))
    after = audit_page(filled, Filters(), 100).entries
    assert {each["event"] for each in after} == usual and "aws" not in {each["account"] for each in after}
    assert "iam.RecordsImported" in {
        each["event"] for each in audit_page(filled, Filters(everything=True), 100).entries
    }


def test_a_record_that_was_deleted_is_not_there(database: Database, connection: Connection, tmp_path: Path) -> None:
    import_records(
        database, tmp_path, *(record("CreateUser", {"userName": each}, event_id=each) for each in ("kept", "gone"))
    )
    [(block, line, packed)] = connection.execute(
        "SELECT block_id, line, packed FROM activity JOIN evidence_block USING (block_id) WHERE record_id = 'gone'"
    ).fetchall()
    lines = inflate(bytes(packed))
    lines[line] = b""
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("UPDATE evidence_block SET packed = %s WHERE block_id = %s", (pack(lines), block))
    assert read_evidence(connection, ACCOUNT, "gone") is None
    assert b"CreateUser" in (read_evidence(connection, ACCOUNT, "kept") or b"")


def test_activity_shows_what_the_call_was_about(filled: Connection) -> None:
    [entry] = activity_page(filled, Filters(action="s3:GetObject"), 10).entries
    assert entry["resources"] == ["arn:aws:s3:::payroll/march.csv"]
