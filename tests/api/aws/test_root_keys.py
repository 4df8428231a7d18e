"""The keys of an account's root: listed, deactivated, deleted, and made anew by the root itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from tests.support.aws.clients import fails
from tests.support.aws.server import AwsServer

GIVEN = ("AKIAROOTEXAMPLE00001", "root-secret")


@pytest.fixture
def aws(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """A server whose root's key has an id as long as IAM's calls take."""
    monkeypatch.setattr("tests.support.aws.server.ROOT", GIVEN)
    monkeypatch.setattr("erstwhile.api.imports.installed_catalogue.PACKAGE", "no_such_package")
    server = AwsServer(database, tmp_path, monkeypatch)
    yield server
    server.close()


def test_the_roots_keys_live_as_a_users_do(aws: AwsServer) -> None:
    iam = aws.client("iam", *GIVEN)
    [given] = iam.list_access_keys()["AccessKeyMetadata"]
    assert (given["AccessKeyId"], given["Status"], given["CreateDate"].year > 2000) == (GIVEN[0], "Active", True)
    made = iam.create_access_key()["AccessKey"]
    assert made["AccessKeyId"].startswith("AKIA") and len(made["SecretAccessKey"]) == 40
    fails("LimitExceeded", "AccessKeysPerAccount: 2", iam.create_access_key)
    other = aws.client("iam", made["AccessKeyId"], made["SecretAccessKey"])
    other.create_user(UserName="ada")
    assert {each["AccessKeyId"] for each in other.list_access_keys()["AccessKeyMetadata"]} == {
        GIVEN[0],
        made["AccessKeyId"],
    }
    assert iam.get_access_key_last_used(AccessKeyId=made["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "iam"
    iam.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    fails("InvalidClientTokenId", "invalid", other.list_users)
    assert {each["Status"] for each in iam.list_access_keys()["AccessKeyMetadata"]} == {"Active", "Inactive"}
    iam.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Active")
    other.list_users()
    iam.generate_credential_report()
    rows = list(csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode())))
    rotated = [datetime.fromisoformat(rows[0][f"access_key_{each}_last_rotated"]) for each in (1, 2)]
    assert rows[0]["user"] == "<root_account>"
    assert sorted(rotated) == sorted(each["CreateDate"] for each in iam.list_access_keys()["AccessKeyMetadata"])
    other.delete_access_key(AccessKeyId=made["AccessKeyId"])
    fails("InvalidClientTokenId", "invalid", other.list_users)
    assert [each["AccessKeyId"] for each in iam.list_access_keys()["AccessKeyMetadata"]] == [GIVEN[0]]
    fails("NoSuchEntity", "cannot be found", iam.delete_access_key, AccessKeyId=made["AccessKeyId"])
    fails("NoSuchEntity", "cannot be found", iam.update_access_key, AccessKeyId="AKIA" + "X" * 16, Status="Active")
    fails("InvalidInput", "ERSTWHILE_ROOT_ACCESS_KEY_ID", iam.delete_access_key, AccessKeyId=GIVEN[0])


def test_a_key_that_the_environment_gives_can_be_deactivated(aws: AwsServer) -> None:
    iam = aws.client("iam", *GIVEN)
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    made = iam.create_access_key()["AccessKey"]
    iam.update_access_key(AccessKeyId=GIVEN[0], Status="Inactive")
    fails("InvalidClientTokenId", "invalid", iam.list_users)
    other = aws.client("iam", made["AccessKeyId"], made["SecretAccessKey"])
    other.update_access_key(AccessKeyId=GIVEN[0], Status="Active")
    iam.list_users()


@pytest.mark.parametrize("parameter", [{}, {"UserName": "ada"}])
def test_users_keys_are_theirs(aws: AwsServer, parameter: dict[str, str]) -> None:
    iam = aws.client("iam", *GIVEN)
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    wanted = [key["AccessKeyId"]] if parameter else [GIVEN[0]]
    assert [each["AccessKeyId"] for each in iam.list_access_keys(**parameter)["AccessKeyMetadata"]] == wanted
