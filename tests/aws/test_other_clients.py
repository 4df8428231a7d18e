"""The AWS CLI and the JavaScript SDK, as they come: the same walk through the life of a user, a role and a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.aws.conftest import ROOT, AwsServer
from tests.aws.test_life import allow, arn, text

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": arn("user/ada")}, "Action": "sts:AssumeRole",
     "Condition": {"StringEquals": {"sts:ExternalId": "seven"}}}]}  # fmt: skip


class Cli:
    """`aws`, with its endpoint and a key in the environment."""

    def __init__(self, aws: AwsServer, home: Path) -> None:
        self._url = aws.url
        self._home = home

    def run(self, *arguments: str, key: tuple[str, ...] = ROOT) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self._home), "AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1],
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1",
        }  # fmt: skip
        if len(key) > 2:
            environment["AWS_SESSION_TOKEN"] = key[2]
        program = str(Path(sys.executable).parent / "aws")
        return subprocess.run(
            [program, *arguments, "--endpoint-url", self._url, "--output", "json"],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def __call__(self, *arguments: str, key: tuple[str, ...] = ROOT) -> Any:
        done = self.run(*arguments, key=key)
        assert done.returncode == 0, done.stderr
        return orjson.loads(done.stdout) if done.stdout.strip() else None


def test_the_aws_cli(aws: AwsServer, tmp_path: Path) -> None:
    cli = Cli(aws, tmp_path)
    assert cli("iam", "create-user", "--user-name", "ada", "--tags", "Key=team,Value=blue")["User"]["Arn"] == arn(
        "user/ada"
    )
    key = cli("iam", "create-access-key", "--user-name", "ada")["AccessKey"]
    mine = (key["AccessKeyId"], key["SecretAccessKey"])
    assert cli("sts", "get-caller-identity", key=mine)["Arn"] == arn("user/ada")
    refused = cli.run("iam", "list-users", key=mine)
    assert (
        refused.returncode != 0
        and "AccessDenied" in refused.stderr
        and "no identity-based policy allows" in refused.stderr
    )
    policy = cli("iam", "create-policy", "--policy-name", "list", "--policy-document", allow("iam:ListUsers"))["Policy"]
    cli("iam", "create-group", "--group-name", "ops")
    cli("iam", "attach-group-policy", "--group-name", "ops", "--policy-arn", policy["Arn"])
    cli("iam", "add-user-to-group", "--group-name", "ops", "--user-name", "ada")
    assert [each["UserName"] for each in cli("iam", "list-users", key=mine)["Users"]] == ["ada"]
    role = cli("iam", "create-role", "--role-name", "deploy", "--assume-role-policy-document", text(TRUST))["Role"]
    cli(
        "iam",
        "put-role-policy",
        "--role-name",
        "deploy",
        "--policy-name",
        "p",
        "--policy-document",
        allow("iam:ListRoles"),
    )
    given = cli(
        "sts",
        "assume-role",
        "--role-arn",
        role["Arn"],
        "--role-session-name",
        "night",
        "--external-id",
        "seven",
        key=mine,
    )
    session = tuple(given["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    assert cli("iam", "list-roles", key=session)["Roles"][0]["AssumeRolePolicyDocument"] == TRUST
    assert "AccessDenied" in cli.run("iam", "list-users", key=session).stderr
    report = cli("iam", "get-account-authorization-details")
    assert [each["RoleName"] for each in report["RoleDetailList"]] == ["deploy"]


SCRIPT = """
const { IAMClient, CreateUserCommand, ListUsersCommand, CreateAccessKeyCommand, CreateRoleCommand, PutRolePolicyCommand,
        ListRolesCommand, DeleteUserCommand } = require("@aws-sdk/client-iam");
const { STSClient, AssumeRoleCommand, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const at = (credentials) => ({ endpoint: process.env.ENDPOINT, region: "us-east-1", credentials, maxAttempts: 1 });
const code = async (call) => { try { await call; return "none"; } catch (error) { return error.name; } };
(async () => {
  const found = {};
  const iam = new IAMClient(at({ accessKeyId: process.env.KEY, secretAccessKey: process.env.SECRET }));
  found.user = (await iam.send(new CreateUserCommand({ UserName: "ada" }))).User.Arn;
  found.again = await code(iam.send(new CreateUserCommand({ UserName: "ada" })));
  const key = (await iam.send(new CreateAccessKeyCommand({ UserName: "ada" }))).AccessKey;
  const mine = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
  found.who = (await new STSClient(at(mine)).send(new GetCallerIdentityCommand({}))).Arn;
  found.denied = await code(new IAMClient(at(mine)).send(new ListUsersCommand({})));
  const role = (await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: process.env.TRUST }))).Role;
  await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "p", PolicyDocument: process.env.POLICY }));
  const assume = (more) => new STSClient(at(mine)).send(new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: "night", ...more }));
  found.withoutId = await code(assume({}));
  const given = (await assume({ ExternalId: "seven" })).Credentials;
  const inside = new IAMClient(at({ accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken }));
  found.roles = (await inside.send(new ListRolesCommand({}))).Roles.map((each) => each.RoleName);
  found.outside = await code(inside.send(new ListUsersCommand({})));
  found.conflict = await code(iam.send(new DeleteUserCommand({ UserName: "ada" })));
  console.log(JSON.stringify(found));
})();
"""


def test_the_javascript_sdk(aws: AwsServer, tmp_path: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: the JavaScript SDK is not tried")
    packages = ["@aws-sdk/client-iam", "@aws-sdk/client-sts"]
    installed = subprocess.run(
        ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(tmp_path), *packages],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    if installed.returncode != 0:
        pytest.skip(f"npm could not install the JavaScript SDK: {installed.stderr.strip()[-200:]}")
    (tmp_path / "walk.js").write_text(SCRIPT)
    environment = os.environ | {
        "ENDPOINT": aws.url, "KEY": ROOT[0], "SECRET": ROOT[1], "TRUST": text(TRUST), "POLICY": allow("iam:ListRoles"),
    }  # fmt: skip
    done = subprocess.run(
        ["node", "walk.js"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout) == {
        "user": arn("user/ada"), "again": "EntityAlreadyExistsException", "who": arn("user/ada"), "denied": "AccessDenied",
        "withoutId": "AccessDenied", "roles": ["deploy"], "outside": "AccessDenied", "conflict": "DeleteConflictException",
    }  # fmt: skip
