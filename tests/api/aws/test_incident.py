"""The report of an incident in an account that is governed here: its calls are commands."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from tests.support.aws.clients import session
from tests.support.aws.server import ACCOUNT, AwsServer

ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def report(aws: AwsServer, about: str) -> dict[str, Any]:
    with aws.service.incidents.incident(about, WindowWords(), Stop()) as pieces:
        return {each["section"]: each for each in pieces.whole()["sections"]}


def test_what_a_key_commanded(aws: AwsServer) -> None:
    root = aws.client("iam")
    root.create_user(UserName="bot")
    root.put_user_policy(UserName="bot", PolicyName="all", PolicyDocument=orjson.dumps(ANYTHING).decode())
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bot"},
                            "Action": "sts:AssumeRole"}]}  # fmt: skip
    root.create_role(
        RoleName="deploy", AssumeRolePolicyDocument=orjson.dumps(trust | {"Version": "2012-10-17"}).decode()
    )
    root.put_role_policy(RoleName="deploy", PolicyName="all", PolicyDocument=orjson.dumps(ANYTHING).decode())
    made = root.create_access_key(UserName="bot")["AccessKey"]
    key = made["AccessKeyId"]
    iam = aws.client("iam", key, made["SecretAccessKey"])
    iam.create_user(UserName="eve")
    sts = aws.client("sts", key, made["SecretAccessKey"])
    role = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    given = sts.assume_role(RoleArn=role, RoleSessionName="work")["Credentials"]
    eve_key = session(aws, "iam", given).create_access_key(UserName="eve")["AccessKey"]["AccessKeyId"]
    found = report(aws, key)
    assert found["whose"]["principal"] == f"arn:aws:iam::{ACCOUNT}:user/bot"
    members = {each["access_key"] or each["principal"]: each for each in found["whose"]["credentials"]}
    assert {name: each["generation"] for name, each in members.items()} == {
        key: 0, f"arn:aws:iam::{ACCOUNT}:user/eve": 1, given["AccessKeyId"]: 1, eve_key: 2,
    }  # fmt: skip
    assert members[given["AccessKeyId"]]["expires_at"] is not None
    left = [(each["what"], each["stands"]) for each in found["persistence"]["lines"]]
    assert left == [("user", "stands"), ("access key", "stands")]
    states = {each["name"]: each["state"] for each in found["revocation"]["credentials"]}
    assert states[key] == states[eve_key] == states[given["AccessKeyId"]] == "open"
    assert found["revocation"]["is_over"] == "no"
    root.update_access_key(UserName="bot", AccessKeyId=key, Status="Inactive")
    found = report(aws, key)
    [measure] = found["revocation"]["measures"]
    assert (measure["what"], measure["running"]) == ("access key deactivated", "not_ended")
