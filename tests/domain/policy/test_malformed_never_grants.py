"""A document that AWS would not take grants nothing, however it got into a Directory: it is named as unreadable."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.events.policies import InlinePolicyPut
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.who_can import who_can
from tests.support.given import ACCOUNT, arn, directory_of, user

QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
ADA = UserCreated(subject=user("ada"), arn=arn("user/ada"))
ASKED = Request(principal=ADA.arn, action="sqs:SendMessage", resource=QUEUE)
GRANT = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


def document(statement: dict[str, Any], **more: Any) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement], **more}).decode()


def without(*members: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in GRANT.items() if name not in members} | more


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no action", without("Action")),
    ("actions", without("Action", Actions="sqs:*")),
    ("an action in lower case", without("Action", action="sqs:*")),
    ("conditions", without(Conditions={"Bool": {"aws:SecureTransport": "true"}})),
    ("a condition in lower case", without(condition={"Bool": {"aws:SecureTransport": "true"}})),
    ("both actions", without(NotAction="s3:*")),
    ("both resources", without(NotResource="arn:aws:s3:::b")),
)


@pytest.mark.parametrize(("_", "statement"), WRONG, ids=[name for name, _ in WRONG])
def test_in_a_principals_policy_and_in_a_resources(_: str, statement: dict[str, Any]) -> None:
    own = directory_of(ADA, InlinePolicyPut(subject=user("ada"), policy_name="p", document=document(statement)))
    shared = ResourcePolicyPut(resource=QUEUE, document=document(statement | {"Principal": "*"}))
    for directory in (own, directory_of(ADA, shared)):
        decision = authorize(directory, ASKED)
        assert decision.effect != "allow"
        assert any("cannot be read" in each for each in decision.unknown), decision
        found = who_can(directory, ASKED.action, QUEUE)
        assert {each.principal for each in found.allowed} <= {arn("root")}


@pytest.mark.parametrize("statement", [without("Resource"), without(Principal="*"), without(NotPrincipal="*")])
def test_in_a_principals_policy(statement: dict[str, Any]) -> None:
    directory = directory_of(ADA, InlinePolicyPut(subject=user("ada"), policy_name="p", document=document(statement)))
    assert authorize(directory, ASKED).effect == "conditional"
    assert [each.principal for each in who_can(directory, ASKED.action, QUEUE).allowed] == [arn("root")]


def test_a_member_of_the_document_that_there_is_not() -> None:
    directory = directory_of(
        ADA, InlinePolicyPut(subject=user("ada"), policy_name="p", document=document(GRANT, Comment="x"))
    )
    assert authorize(directory, ASKED).effect == "conditional"
