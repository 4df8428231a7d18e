"""The AWS CLI and the JavaScript SDK, as they come: the same walk through the life of a user, a role and a session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pyotp

from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.server import ROOT, AwsServer, arn
from tests.support.documents import allow, text
from tests.support.npm import npm_install

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": arn("user/ada")}, "Action": "sts:AssumeRole",
     "Condition": {"StringEquals": {"sts:ExternalId": "seven"},
                   "Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}  # fmt: skip


CALLS = {
    "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateGroup", "iam:AddUserToGroup", "iam:CreatePolicy",
    "iam:AttachGroupPolicy",
    "iam:CreateRole", "iam:PutRolePolicy", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:AssumeRole",
}  # fmt: skip


def assert_trail(aws: AwsServer) -> None:
    """All of the walk stands in the audit trail: what was done, by whom, and what was refused."""
    with aws.database.connect() as connection:
        entries = audit_page(connection, Filters(), 200, "").entries
    assert {each["action"] for each in entries if each["outcome"] == "success"} >= CALLS
    refused = {(each["action"], each["actor"]["type"]) for each in entries if each["outcome"] == "refused"}
    assert refused >= {("iam:ListUsers", "IAMUser"), ("iam:ListUsers", "AssumedRole"), ("sts:AssumeRole", "IAMUser")}
    [assumed] = [each for each in entries if each["action"] == "sts:AssumeRole" and each["outcome"] == "success"]
    assert assumed["actor"]["arn"] == arn("user/ada") and assumed["actor"]["mfa"] is True and assumed["user_agent"]


class Cli:
    """`aws`, with its endpoint and a key in the environment."""

    def __init__(self, aws: AwsServer, home: Path) -> None:
        self._url = aws.url
        self._home = home

    def run(self, *arguments: str, key: tuple[str, ...] = ROOT) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self._home), "AWS_ACCESS_KEY_ID": key[0],
            "AWS_SECRET_ACCESS_KEY": key[1],
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
    seed = tmp_path / "seed"
    device = cli(
        "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "ada", "--outfile", str(seed),
        "--bootstrap-method", "Base32StringSeed",
    )["VirtualMFADevice"]["SerialNumber"]  # fmt: skip
    clock, step = pyotp.TOTP(seed.read_text()), int(time.time()) // 30
    codes = ("--authentication-code1", clock.generate_otp(step - 1), "--authentication-code2", clock.generate_otp(step))
    cli("iam", "enable-mfa-device", "--user-name", "ada", "--serial-number", device, *codes)
    assuming = (
        "sts",
        "assume-role",
        "--role-arn",
        role["Arn"],
        "--role-session-name",
        "night",
        "--external-id",
        "seven",
    )
    assert "AccessDenied" in cli.run(*assuming, key=mine).stderr
    given = cli(*assuming, "--serial-number", device, "--token-code", clock.generate_otp(step + 1), key=mine)
    session = tuple(given["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    assert cli("iam", "list-roles", key=session)["Roles"][0]["AssumeRolePolicyDocument"] == TRUST
    assert "AccessDenied" in cli.run("iam", "list-users", key=session).stderr
    report = cli("iam", "get-account-authorization-details")
    assert [each["RoleName"] for each in report["RoleDetailList"]] == ["deploy"]
    assert_trail(aws)


SCRIPT = """
const { IAMClient, CreatePolicyCommand, CreateGroupCommand, AttachGroupPolicyCommand, AddUserToGroupCommand,
  CreateVirtualMFADeviceCommand, EnableMFADeviceCommand, CreateUserCommand, ListUsersCommand, CreateAccessKeyCommand,
  CreateRoleCommand, PutRolePolicyCommand, ListRolesCommand, DeleteUserCommand } = require("@aws-sdk/client-iam");
const { STSClient, AssumeRoleCommand, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const at = (credentials) => ({ endpoint: process.env.ENDPOINT, region: "us-east-1", credentials, maxAttempts: 1 });
const otp = (seed, step) => {
  let bits = "";
  for (const letter of seed) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = require("crypto").createHmac("sha1", key).update(counter).digest();
  const value = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(value % 1000000).padStart(6, "0");
};
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
  const trusted = { RoleName: "deploy", AssumeRolePolicyDocument: process.env.TRUST };
  const role = (await iam.send(new CreateRoleCommand(trusted))).Role;
  await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "p", PolicyDocument: process.env.POLICY }));
  const assume = (more) => new STSClient(at(mine)).send(
    new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: "night", ...more }));
  found.withoutId = await code(assume({}));
  found.withoutCode = await code(assume({ ExternalId: "seven" }));
  const policy = { PolicyName: "read", PolicyDocument: process.env.POLICY };
  const made = (await iam.send(new CreatePolicyCommand(policy))).Policy;
  await iam.send(new CreateGroupCommand({ GroupName: "ops" }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: "ops", PolicyArn: made.Arn }));
  await iam.send(new AddUserToGroupCommand({ GroupName: "ops", UserName: "ada" }));
  const device = (await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "ada" }))).VirtualMFADevice;
  const seed = Buffer.from(device.Base32StringSeed).toString(), step = Math.floor(Date.now() / 30000);
  const SerialNumber = device.SerialNumber;
  await iam.send(new EnableMFADeviceCommand({ UserName: "ada", SerialNumber,
    AuthenticationCode1: otp(seed, step - 1), AuthenticationCode2: otp(seed, step) }));
  const given = (await assume({ ExternalId: "seven", SerialNumber, TokenCode: otp(seed, step + 1) })).Credentials;
  const inside = new IAMClient(at({ accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken }));
  found.roles = (await inside.send(new ListRolesCommand({}))).Roles.map((each) => each.RoleName);
  found.outside = await code(inside.send(new ListUsersCommand({})));
  found.conflict = await code(iam.send(new DeleteUserCommand({ UserName: "ada" })));
  console.log(JSON.stringify(found));
})();
"""


def test_the_javascript_sdk(aws: AwsServer, tmp_path: Path) -> None:
    npm_install(tmp_path, "@aws-sdk/client-iam", "@aws-sdk/client-sts")
    (tmp_path / "walk.js").write_text(SCRIPT)
    environment = os.environ | {
        "ENDPOINT": aws.url, "KEY": ROOT[0], "SECRET": ROOT[1], "TRUST": text(TRUST), "POLICY": allow("iam:ListRoles"),
    }  # fmt: skip
    done = subprocess.run(
        ["node", "walk.js"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout) == {
        "user": arn("user/ada"), "again": "EntityAlreadyExistsException", "who": arn("user/ada"),
        "denied": "AccessDenied",
        "withoutId": "AccessDenied", "withoutCode": "AccessDenied", "roles": ["deploy"], "outside": "AccessDenied",
        "conflict": "DeleteConflictException",
    }  # fmt: skip
    assert_trail(aws)
