"""What a trail says of what is another account's: a finding in the trail, never a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.resources import RegisterResource
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.filters import Filters
from erstwhile.projections.keys import _TOLD, holder_of_key
from erstwhile.projections.trail import audit_page
from tests.support.documents import ALLOW
from tests.support.event_log import writer_of
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, ADA, create_user, record, trail_file

OURS = "222222222222"
BUCKET = "arn:aws:s3:::ledger"
SHUT = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def govern(database: Database) -> None:
    writer = writer_of(database.dsn)
    writer.execute(RegisterAccount(account=OURS))
    writer.execute(RegisterResource(account=OURS, resource=BUCKET, resource_type="bucket", tags={}, document=SHUT))
    writer.close()


def bucket_policy(name: str, **more: Any) -> dict[str, Any]:
    return record("PutBucketPolicy", {"bucketName": name, "bucketPolicy": OPEN}, service="s3", **more)


def test_claims_are_findings(database: Database, tmp_path: Path) -> None:
    govern(database)
    theirs = f"arn:aws:iam::{OURS}:user/ada"
    found = import_records(
        database, tmp_path,
        record("CreateUser", {"userName": "ada"}, {"user": {"userName": "ada", "userId": "AIDAX", "arn": theirs,
            "path": "/"}}),
        bucket_policy("ledger"),
        bucket_policy("elsewhere", resources=[{"accountId": OURS, "ARN": "arn:aws:s3:::elsewhere"}]),
        record("PutResourcePolicy", {"resourceArn": f"arn:aws:dynamodb:us-east-1:{OURS}:table/t", "policy": ALLOW},
               service="dynamodb"),
        record("CreatePolicyVersion", {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "policyDocument": ALLOW,
                                       "setAsDefault": True},
               {"policyVersion": {"versionId": "v999", "isDefaultVersion": True}}),
        bucket_policy("own"),
    )  # fmt: skip
    assert (found.findings, found.changes) == (5, 1)
    service = ReadingRuntime(database)
    try:
        with service.connection() as connection:
            entries = audit_page(connection, Filters(outcome="finding"), 50).entries
            assert {(each["account"], each["body"]["owner"]) for each in entries} == {(ACCOUNT, OURS), (ACCOUNT, "aws")}
        with service.directory() as (directory, _):
            assert directory.at_arn(BUCKET).account == OURS
            assert directory.at_arn("arn:aws:s3:::own").account == ACCOUNT
            assert directory.with_arn(theirs) is None
    finally:
        service.close()


def test_a_bucket_is_whose_it_was_first_until_that_deletes_it(database: Database, tmp_path: Path) -> None:
    other = {"recipientAccountId": "333333333333", "userIdentity": {"type": "Root", "accountId": "333333333333"}}
    import_records(database, tmp_path, bucket_policy("shop", at="2026-03-03T12:00:00Z"))
    claimed = import_records(database, tmp_path, bucket_policy("shop", at="2026-03-03T11:00:00Z", **other))
    assert (claimed.findings, claimed.changes) == (1, 0)
    import_records(
        database, tmp_path, record("DeleteBucket", {"bucketName": "shop"}, service="s3", at="2026-03-03T13:00:00Z")
    )
    taken = import_records(database, tmp_path, bucket_policy("shop", at="2026-03-03T14:00:00Z", **other))
    assert (taken.findings, taken.changes) == (0, 1)


def test_records_of_a_governed_account_are_named_and_the_others_kept(database: Database, tmp_path: Path) -> None:
    govern(database)
    governed = create_user("x", "AIDAX", "2026-03-03T12:00:00Z") | {"recipientAccountId": OURS}
    path = tmp_path / "mixed.json"
    path.write_bytes(trail_file(create_user("eve", "AIDAEVE", "2026-03-03T12:00:00Z"), governed))
    with database.connect() as connection:
        found = CloudTrailImporter(connection).import_files([path])
    assert (found.changes, found.refused, found.odd_records) == (1, [], 1)
    assert "1 records: account 222222222222 is governed here" in found.odd[0]


def test_a_listing_shows_aws_policies_to_its_own_account_alone(database: Database, tmp_path: Path) -> None:
    from erstwhile.api.imports.documents import DocumentImporter
    from erstwhile.domain.policy.inputs.sources import managed
    from erstwhile.domain.vocabulary.instants import parse_instant

    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    version = {
        "VersionId": "v999",
        "IsDefaultVersion": True,
        "CreateDate": "2026-01-01T00:00:00Z",
        "Document": orjson.loads(ALLOW),
    }
    policy = {
        "PolicyName": "ReadOnlyAccess",
        "PolicyId": "ANPA",
        "Arn": arn,
        "DefaultVersionId": "v999",
        "PolicyVersionList": [version],
    }
    user = {"UserName": "ada", "UserId": "AIDAADA", "Arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "Path": "/"}
    path = tmp_path / "snapshot.json"
    path.write_bytes(orjson.dumps({"UserDetailList": [user], "Policies": [policy]}))
    service = ReadingRuntime(database)
    try:
        with database.connect() as connection:
            at = parse_instant("2026-03-03T08:00:00Z")
            DocumentImporter(connection).snapshot(path, at, True, lambda *_: None)  # type: ignore[arg-type]
        service.projector.catch_up()
        with service.directory() as (directory, _):
            assert managed(directory, arn, ACCOUNT).document is not None
            assert managed(directory, arn, OURS).document is None
    finally:
        service.close()


KEY = "AKIASHARED"
THEIRS = "333333333333"


def identity(account: str, name: str, key: str = KEY) -> dict[str, Any]:
    return ADA | {
        "arn": f"arn:aws:iam::{account}:user/{name}", "accountId": account, "userName": name, "accessKeyId": key,
        "principalId": f"AIDA{account[:3]}{name.upper()}",
    }  # fmt: skip


def use(account: str, name: str, at: str = "2026-03-03T12:00:00Z", key: str = KEY) -> dict[str, Any]:
    return record("ListBuckets", None, service="s3", read_only=True, at=at, recipientAccountId=account,
                  userIdentity=identity(account, name, key))  # fmt: skip


def key_made(account: str, name: str, at: str = "2026-03-03T11:00:00Z") -> dict[str, Any]:
    made = {"accessKey": {"userName": name, "accessKeyId": KEY, "status": "Active"}}
    return record("CreateAccessKey", {"userName": name}, made, at=at, recipientAccountId=account,
                  userIdentity=identity(account, "admin", "AKIAADMIN"))  # fmt: skip


def holder(database: Database, key: str = KEY) -> str:
    service = ReadingRuntime(database)
    try:
        found: str = service.questions.what_can(key)["principal"]
        return found
    finally:
        service.close()


def test_a_key_is_of_the_account_that_used_it_first(database: Database, tmp_path: Path) -> None:
    import_records(database, tmp_path, use(ACCOUNT, "ada"))
    claimed = import_records(database, tmp_path, key_made(THEIRS, "mallory"))
    assert (claimed.findings, claimed.changes) == (1, 0)
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"
    deactivated = {"userName": "mallory", "accessKeyId": KEY, "status": "Inactive"}
    other = record("UpdateAccessKey", deactivated, at="2026-03-03T12:30:00Z", recipientAccountId=THEIRS,
                   userIdentity=identity(THEIRS, "admin", "AKIAADMIN"))  # fmt: skip
    assert import_records(database, tmp_path, other).findings == 1
    own = import_records(database, tmp_path, key_made(ACCOUNT, "ada"))
    assert (own.findings, own.changes) == (0, 1)
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_a_key_is_of_the_account_that_made_it_whoever_is_said_to_use_it_later(
    database: Database, tmp_path: Path
) -> None:
    import_records(database, tmp_path, key_made(ACCOUNT, "ada"))
    import_records(database, tmp_path, use(THEIRS, "mallory", at="2026-03-03T10:00:00Z"))
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_of_one_file_the_earlier_record_counts(database: Database, tmp_path: Path) -> None:
    late = key_made(THEIRS, "mallory", at="2026-03-03T13:00:00Z")
    found = import_records(database, tmp_path, late, use(ACCOUNT, "ada"))
    assert (found.findings, found.changes) == (1, 0)
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_a_key_whose_status_changed_in_an_account_is_known_there(database: Database, tmp_path: Path) -> None:
    changed = {"userName": "ada", "accessKeyId": KEY, "status": "Inactive"}
    import_records(database, tmp_path, record("UpdateAccessKey", changed, at="2026-03-03T12:00:00Z"))
    assert import_records(database, tmp_path, key_made(THEIRS, "mallory")).findings == 1
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_what_another_account_says_of_a_principal_makes_no_key_its_own(database: Database, tmp_path: Path) -> None:
    """Ada of ACCOUNT reads a bucket of THEIRS, whose trail tells it: the key is still ACCOUNT's to make."""
    visit = use(ACCOUNT, "ada") | {"recipientAccountId": THEIRS}
    import_records(database, tmp_path, visit)
    assert holder_known(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"
    assert import_records(database, tmp_path, key_made(ACCOUNT, "ada")).findings == 0
    assert holder(database) == f"arn:aws:iam::{ACCOUNT}:user/ada"


def holder_known(database: Database, key: str = KEY) -> str | None:
    with database.connect() as connection:
        return holder_of_key(connection, key, EventLog.within(connection).head())


@pytest.mark.parametrize("first", [ACCOUNT, THEIRS])
def test_a_temporary_key_is_of_the_account_that_told_of_it_first(
    database: Database, tmp_path: Path, first: str
) -> None:
    """Used in one account, said to be given out in another."""
    key = "ASIASHARED"
    assumed = {
        "credentials": {"accessKeyId": key},
        "assumedRoleUser": {"arn": f"arn:aws:sts::{THEIRS}:assumed-role/ops/x"},
    }
    issued = record("AssumeRole", {"roleArn": f"arn:aws:iam::{THEIRS}:role/ops"}, assumed, service="sts",
                    read_only=True,
                    recipientAccountId=THEIRS, userIdentity=identity(THEIRS, "mallory", "AKIAM"))  # fmt: skip
    told = {ACCOUNT: use(ACCOUNT, "ada", key=key), THEIRS: issued}
    import_records(database, tmp_path, told.pop(first))
    known_then = holder_known(database, key)
    import_records(database, tmp_path, *told.values())
    expected = {ACCOUNT: f"arn:aws:iam::{ACCOUNT}:user/ada", THEIRS: assumed["assumedRoleUser"]["arn"]}[first]
    assert holder_known(database, key) == known_then == expected


def test_asking_by_a_key_reads_by_an_index(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN {_TOLD}", {"key": KEY, "known": 5}).fetchall()
    words = " ".join(row[0] for row in plan)
    assert "Seq Scan" not in words, words
    assert all(index in words for index in ("event_session_key", "issued_key_key", "key_use_key")), words
