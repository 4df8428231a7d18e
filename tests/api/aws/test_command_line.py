"""Accounts, revoked sessions and changed master keys on the command line, beside a server that uses them."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.aws.clients import fails, own, session
from tests.support.aws.server import ACCOUNT, AwsServer
from tests.support.documents import ALLOW, allow, trusting
from tests.support.program import erstwhile
from tests.support.records import ACCOUNT as OBSERVED
from tests.support.records import record


def new_master_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def master_key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = new_master_key()
    monkeypatch.setenv("ERSTWHILE_MASTER_KEY", made)
    return made


@pytest.fixture
def aws_with_key(master_key: str, aws: AwsServer) -> AwsServer:
    assert master_key
    return aws


def key_of(printed: str) -> tuple[str, str]:
    told = dict(line.split("=", 1) for line in printed.splitlines() if line.startswith("AWS_"))
    return told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"]


def test_accounts(database: Database, tmp_path: Path, master_key: str, aws_with_key: AwsServer) -> None:
    made = erstwhile(
        database, "account", "create", "222222222222", "--partition", "aws-cn", ERSTWHILE_MASTER_KEY=master_key
    )
    assert made.returncode == 0, made.stderr
    again = erstwhile(database, "account", "create", "222222222222", ERSTWHILE_MASTER_KEY=master_key)
    assert again.returncode == 1 and "governed already" in again.stderr
    wrong = erstwhile(database, "account", "create", "22", ERSTWHILE_MASTER_KEY=master_key)
    assert wrong.returncode == 1 and "twelve digits" in wrong.stderr
    unknown = erstwhile(database, "account", "key", "999999999999", ERSTWHILE_MASTER_KEY=master_key)
    assert unknown.returncode == 1 and "account create" in unknown.stderr
    key, secret = key_of(made.stdout)
    iam = aws_with_key.client_of("iam", "cn-north-1", aws_access_key_id=key, aws_secret_access_key=secret)
    assert iam.create_user(UserName="ada")["User"]["Arn"] == "arn:aws-cn:iam::222222222222:user/ada"
    listed = orjson.loads(erstwhile(database, "account", "list", "--json").stdout)
    assert {"account": "222222222222", "mode": "governed"} in listed
    assert "222222222222" in erstwhile(database, "account", "list").stdout


def test_an_observed_account_can_be_read_and_not_changed(
    database: Database, tmp_path: Path, master_key: str, aws_with_key: AwsServer
) -> None:
    path = tmp_path / "trail.json"
    records = [
        record(
            "CreateUser",
            {"userName": "eve"},
            {"user": {"userName": "eve", "userId": "AIDAEVE", "arn": f"arn:aws:iam::{OBSERVED}:user/eve", "path": "/"}},
        ),
        record("PutUserPolicy", {"userName": "eve", "policyName": "x", "policyDocument": ALLOW}),
    ]
    path.write_bytes(orjson.dumps({"Records": records}))
    assert erstwhile(database, "import", "cloudtrail", str(path)).returncode == 0
    made = erstwhile(database, "account", "key", OBSERVED, ERSTWHILE_MASTER_KEY=master_key)
    iam = aws_with_key.client("iam", *key_of(made.stdout))
    users = iam.list_users()["Users"]
    assert "eve" in [each["UserName"] for each in users] and all(each["CreateDate"].year >= 1970 for each in users)
    assert iam.get_user_policy(UserName="eve", PolicyName="x")["PolicyDocument"] == orjson.loads(ALLOW)
    fails("AccountNotGoverned", "change it where it lives", iam.create_user, UserName="mallory")
    fails("AccountNotGoverned", OBSERVED, iam.delete_user, UserName="eve")


def test_sessions_are_revoked(database: Database, master_key: str, aws_with_key: AwsServer) -> None:
    aws = aws_with_key
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:AssumeRole"))
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=allow("iam:ListRoles"))
    sts = own(aws, "ada", "sts")
    one, two = (sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"] for name in ("aa", "bb"))
    done = erstwhile(database, "revoke", one["AccessKeyId"])
    assert done.returncode == 0 and "assumed-role/ops/aa" in done.stdout
    fails("InvalidClientTokenId", "invalid", session(aws, "iam", one).list_roles)
    session(aws, "iam", two).list_roles()
    assert "are denied everything" in erstwhile(database, "revoke", "role/ops").stdout
    fails("AccessDenied", "explicit deny", session(aws, "iam", two).list_roles)
    assert iam.list_role_policies(RoleName="ops")["PolicyNames"] == ["AWSRevokeOlderSessions", "p"]
    told = erstwhile(database, "audit", "--action", "erstwhile:RevokeSessions", "--json")
    assert [each["actor"]["type"] for each in orjson.loads(told.stdout)["entries"]] == ["CommandLine", "CommandLine"]
    for what, wrong in (
        ("ASIANOBODY", "was issued here"),
        ("ops", "expected ASIA"),
        ("role/none", "cannot be found"),
        ("arn:aws:s3:::b", "not the ARN of a role"),
    ):
        refused = erstwhile(database, "revoke", what)
        assert refused.returncode in (1, 2) and wrong in refused.stderr, (what, refused.stderr)


def test_sessions_of_a_role_that_is_full_are_revoked_and_keys_deactivated(
    database: Database, master_key: str, aws_with_key: AwsServer
) -> None:
    iam = aws_with_key.client("iam")
    iam.create_user(UserName="ada")
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]["Arn"]
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:AssumeRole"))
    full = allow("iam:ListRoles", ["*", "arn:aws:s3:::" + "x" * 10_100])
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=full)
    fails(
        "LimitExceeded", "10240", iam.put_role_policy, RoleName="ops", PolicyName="q", PolicyDocument=allow("s3:Get*")
    )
    given = own(aws_with_key, "ada", "sts").assume_role(RoleArn=role, RoleSessionName="aa")["Credentials"]
    session(aws_with_key, "iam", given).list_roles()
    assert "are denied everything" in erstwhile(database, "revoke", "role/ops").stdout
    fails("AccessDenied", "explicit deny", session(aws_with_key, "iam", given).list_roles)
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    assert "of user ada" in erstwhile(database, "revoke", key["AccessKeyId"]).stdout
    mine = aws_with_key.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    fails("InvalidClientTokenId", "invalid", mine.get_caller_identity)
    root = iam.create_access_key()["AccessKey"]
    assert "of the root" in erstwhile(database, "revoke", root["AccessKeyId"]).stdout
    mine = aws_with_key.client("sts", root["AccessKeyId"], root["SecretAccessKey"])
    fails("InvalidClientTokenId", "invalid", mine.get_caller_identity)
    assert "was made here" in erstwhile(database, "revoke", "AKIANOBODY").stderr


def test_master_keys_change_under_a_running_server(aws: AwsServer, database: Database, tmp_path: Path) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    older = iam.create_access_key(UserName="ada")["AccessKey"]
    file = tmp_path / "master.key"  # of the server's home
    newer = new_master_key()
    file.write_text(f"{newer}\n{file.read_text()}")
    done = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY=",".join(file.read_text().split()))
    assert done.returncode == 0 and done.stdout.startswith("1 secret is sealed anew"), done.stderr
    file.write_text(newer)
    aws.keys._opened.clear()  # as a server that did not use the key yet
    aws.client("sts", older["AccessKeyId"], older["SecretAccessKey"]).get_caller_identity()
    later = iam.create_access_key(UserName="ada")["AccessKey"]
    again = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY=newer)
    assert again.returncode == 0 and again.stdout.startswith("0 secrets"), again.stderr
    aws.client("sts", later["AccessKeyId"], later["SecretAccessKey"]).get_caller_identity()


def test_master_keys_change(database: Database, master_key: str, aws_with_key: AwsServer, tmp_path: Path) -> None:
    iam = aws_with_key.client("iam")
    iam.create_user(UserName="ada")
    iam.create_access_key(UserName="ada")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    newer = new_master_key()
    lost = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY=newer)
    assert lost.returncode == 1 and "which is not here: set" in lost.stderr and "ERSTWHILE_MASTER_KEY" in lost.stderr
    broken = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY="short")
    assert broken.returncode == 1 and "32 bytes in base64" in broken.stderr
    done = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY=f"{newer},{master_key}")
    assert done.returncode == 0 and done.stdout.startswith("2 secrets are sealed anew"), done.stderr
    again = erstwhile(database, "reseal", ERSTWHILE_MASTER_KEY=newer)
    assert again.stdout.startswith("0 secrets")
    stopped = erstwhile(database, "serve", "--port", "0", ERSTWHILE_MASTER_KEY=master_key)
    assert stopped.returncode == 1 and "which is not here" in stopped.stderr
