"""Answers of reading calls that are kept: never longer than they are true, and never for somebody else."""

from __future__ import annotations

from typing import Any

from erstwhile.api.aws.access.answer_cache import ReadAnswers
from tests.support.aws.clients import fails, own
from tests.support.aws.server import AwsServer
from tests.support.documents import allow


def kept(aws: AwsServer) -> ReadAnswers:
    return aws.endpoint._kept


def count(aws: AwsServer) -> int:
    return len(kept(aws)._answers)


def test_an_answer_is_kept_until_the_directory_changes(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    first, again = iam.get_user(UserName="ada"), iam.get_user(UserName="ada")
    assert count(aws) == 1 and first["User"] == again["User"]
    assert first["ResponseMetadata"]["RequestId"] != again["ResponseMetadata"]["RequestId"]
    iam.update_user(UserName="ada", NewPath="/people/")
    assert iam.get_user(UserName="ada")["User"]["Path"] == "/people/"
    iam.delete_user(UserName="ada")
    fails("NoSuchEntity", "cannot be found", iam.get_user, UserName="ada")


def test_whoever_else_asks_is_asked_for_permission(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.get_user(UserName="ada")
    fails("AccessDenied", "iam:GetUser", own(aws, "ada").get_user, UserName="ada")


def test_what_depends_on_the_connection_or_the_clock_is_not_kept(aws: AwsServer) -> None:
    iam = aws.client("iam")
    conditions: list[dict[str, Any]] = [
        {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        {"StringLike": {"aws:UserAgent": "*Boto3*"}},
    ]
    for number, condition in enumerate(conditions):
        name = f"u{number}"
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allow("iam:GetUser", Condition=condition))
        own(aws, name).get_user(UserName=name)
        assert count(aws) == 0, condition
    iam.put_user_policy(UserName="u0", PolicyName="p", PolicyDocument=allow("iam:GetUser"))
    own(aws, "u0").get_user(UserName="u0")
    assert count(aws) == 1


def test_what_stands_beside_the_log_is_not_kept(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_role(RoleName="ops", AssumeRolePolicyDocument=allow_anybody())
    iam.get_role(RoleName="ops")
    iam.get_account_summary()
    aws.client("sts").get_session_token()
    assert count(aws) == 0


def allow_anybody() -> str:
    return '{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}'
