"""Maps of operations to actions that people bring."""

from __future__ import annotations

import orjson
import pytest

from erstwhile.domain.use.own_map import MalformedMap, own_map, with_own

DATASET = {"sdk_method_iam_mappings": {
    "SQS.SendMessageBatch": [{"action": "sqs:SendMessage"}], "S3.HeadObject": [{"action": "s3:GetObject"}],
    "Logs.GetLogObject": [{"action": "logs:GetLogObject"}, {"action": "logs:Unmask"}], "S3.WaitUntil": [],
}}  # fmt: skip
REFERENCE = {"Name": "kms", "Operations": [
    {"Name": "Encrypt", "AuthorizedActions": [{"Name": "Encrypt", "Service": "kms"}]},
    {"Name": "ReEncrypt", "AuthorizedActions": [{"Name": "ReEncryptFrom"}, {"Name": "ReEncryptTo"}]},
    {"Name": "Quiet"},
]}  # fmt: skip


def test_a_map_goes_before_ours_for_what_it_names() -> None:
    actions_of = with_own(own_map(orjson.dumps(DATASET)))
    assert actions_of("logs:GetLogObject") == (("logs:GetLogObject", "logs:Unmask"), "own map")
    assert actions_of("sqs:SendMessageBatch") == (("sqs:SendMessage",), "own map")
    assert actions_of("s3:ListBuckets") == (("s3:ListAllMyBuckets",), "exception")


def test_the_service_reference_is_a_map() -> None:
    for given in (REFERENCE, [REFERENCE]):
        actions_of = with_own(own_map(orjson.dumps(given)))
        assert actions_of("kms:ReEncrypt") == (("kms:ReEncryptFrom", "kms:ReEncryptTo"), "own map")
        assert actions_of("kms:Decrypt").how == "name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "names no operation"),
        ('{"a": 1}', "expected sdk_method_iam_mappings, or services with Name and Operations"),
        ('{"sdk_method_iam_mappings": []}', "expected an object"),
        ('{"sdk_method_iam_mappings": {"x": []}}', "x: expected Service.Operation"),
    ],
)
def test_what_is_no_map_is_said(text: str, said: str) -> None:
    with pytest.raises(MalformedMap, match=said):
        own_map(text.encode())
