"""Pitfalls of CloudTrail, each with its test; and every mutating operation has a translation."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.operations import IAM, ORGANIZATIONS
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, file_records, read_whole
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, translate
from erstwhile.domain.observed.redaction import redacted
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant, parse_aws_date
from tests.support.documents import ALLOW
from tests.support.records import ACCOUNT, ADA, record


def bodies(raw: dict[str, Any]) -> Any:
    return translate(Record(raw)).bodies


@pytest.mark.parametrize("text", ["Jul 10, 2023 12:09:21 PM", "Jul 10, 2023, 12:09:21 PM", "2023-07-10T12:09:21Z",
                                  "2023-07-10T12:09:21.000000Z", "2023-07-10T12:09:21.000000000Z",
                                  "2023-07-10 12:09:21+00:00"])  # fmt: skip
def test_the_ways_in_which_aws_writes_dates(text: str) -> None:
    assert format_instant(parse_aws_date(text)) == "2023-07-10T12:09:21Z"


def test_what_is_no_date() -> None:
    with pytest.raises(MalformedInstant):
        parse_aws_date("Juli 10")


@pytest.mark.parametrize(
    "document",
    [
        ALLOW,
        (
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s"
            "3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"
        ),
    ],
)
def test_documents_as_json_and_url_encoded(document: str) -> None:
    [body] = bodies(record("PutUserPolicy", {"userName": "ada", "policyName": "x", "policyDocument": document}))
    assert body == p.InlinePolicyPut(subject=Ref("user", "ada"), policy_name="x", document=ALLOW)


def test_a_bucket_policy_is_an_object() -> None:
    raw = record(
        "PutBucketPolicy", {"bucketName": "b", "bucketPolicy": orjson.loads(ALLOW), "policy": ""}, service="s3"
    )
    [body] = bodies(raw)
    assert body.resource == "arn:aws:s3:::b" and orjson.loads(body.document) == orjson.loads(ALLOW)


def test_a_hidden_document_is_an_explicit_unknown() -> None:
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    [body] = bodies(record("PutUserPolicy", {"userName": "ada", "policyName": "x", "policyDocument": hidden}))
    assert body.document is None


def test_a_failed_call_is_of_the_trail_alone() -> None:
    found = translate(Record(record("DeleteUser", {"userName": "ada"}, errorCode="NoSuchEntityException")))
    assert found.outcome is Outcome.FAILED
    assert found.bodies[0].error_code == "NoSuchEntityException"  # type: ignore[attr-defined]


def test_a_denied_assume_role_has_no_parameters() -> None:
    raw = record("AssumeRole", None, service="sts", errorCode="AccessDenied", read_only=True)
    assert translate(Record(raw)).outcome is Outcome.ACTIVITY


def test_a_key_for_the_caller_when_no_user_is_named() -> None:
    [body] = bodies(record("CreateAccessKey", None, {"accessKey": {"accessKeyId": "AKIA1", "status": "Active"}}))
    assert body.subject == Ref("user", "ada", "AIDAADA")
    [body] = bodies(
        record("DeleteAccessKey", {"accessKeyId": "AKIA1"}, userIdentity={"type": "Root", "accountId": ACCOUNT})
    )
    assert body.subject == Ref("root", "root", ACCOUNT)


def test_a_rename_names_both() -> None:
    assert bodies(record("UpdateUser", {"userName": "ada", "newUserName": "eva"})) == (
        q.UserRenamed(subject=Ref("user", "ada"), new_name="eva"),
    )


def test_operations_carry_api_versions() -> None:
    raw = record(
        "AddPermission20150331v2",
        {"functionName": "f", "statementId": "s", "action": "lambda:InvokeFunction", "principal": "*"},
        service="lambda",
    )
    [body] = bodies(raw)
    assert isinstance(body, r.ResourceStatementAdded)
    assert body.resource == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"


def test_a_write_that_is_not_translated_is_reported() -> None:
    found = translate(Record(record("CreateSomethingNew", {})))
    assert (found.outcome, found.reason) == (Outcome.NOT_TRANSLATED, "no translation for iam:CreateSomethingNew")
    found = translate(Record(record("AttachUserPolicy", {"userName": "ada"})))
    assert (found.outcome, found.reason) == (
        Outcome.NOT_TRANSLATED,
        "AttachUserPolicy without requestParameters.policyArn",
    )
    found = translate(Record(record("TagUser", {"userName": "ada", "tags": 7})))
    assert found.outcome is Outcome.NOT_TRANSLATED and "unknown shape" in found.reason


def test_the_account_is_the_recipient_and_the_resource_its_owners() -> None:
    raw = record(
        "PutBucketPolicy",
        {"bucketName": "b", "bucketPolicy": {}},
        service="s3",
        resources=[{"accountId": "999999999999", "ARN": "arn:aws:s3:::b"}],
    )
    assert (Record(raw).account, Record(raw).owner) == (ACCOUNT, "999999999999")


def test_a_caller_of_another_account_is_no_principal_of_this_one() -> None:
    assert Record(record("GetUser", userIdentity=ADA | {"accountId": "999999999999"})).caller is None
    assert Record(record("GetUser", userIdentity={})).caller is None


def test_session_tokens_and_keys_are_dropped() -> None:
    raw = record(
        "AssumeRole",
        None,
        {"credentials": {"accessKeyId": "ASIA1", "sessionToken": "s3cret", "secretAccessKey": "k3y"}},
        service="sts",
    )
    kept = redacted(orjson.dumps(raw))
    assert b"s3cret" not in kept and b"k3y" not in kept and b"ASIA1" in kept


def test_a_glance_files_a_record_as_reading_it_whole_does(shared: Path) -> None:
    for path in sorted((shared / "cloudtrail").glob("*.json")):
        for filed in file_records(path.read_bytes()):
            assert isinstance(filed, FiledRecord)
            whole = read_whole(filed.raw)
            for field in filed.__struct_fields__:
                if field != "record":
                    assert getattr(filed, field) == getattr(whole, field), (field, filed.event_id)


READ_ONLY = ("Get", "List", "Describe", "Simulate", "Generate")
NO_CHANGE = {
    "organizations": {
        # Handshakes change nothing until they are accepted; billing transfers are no access.
        "InviteAccountToOrganization", "CancelHandshake", "DeclineHandshake",
        "InviteOrganizationToTransferResponsibility",
        "TerminateResponsibilityTransfer", "UpdateResponsibilityTransfer",
    },
}  # fmt: skip


@pytest.mark.skipif(
    importlib.util.find_spec("botocore") is None, reason="botocore, which lists the operations, is not installed"
)
@pytest.mark.parametrize(("service", "table"), [("iam", IAM), ("organizations", ORGANIZATIONS)])
def test_every_mutating_operation_is_translated(service: str, table: dict[str, Any]) -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model(service)
    mutating = {name for name in model.operation_names if not name.startswith(READ_ONLY)}
    assert mutating - table.keys() - NO_CHANGE.get(service, set()) == set()
