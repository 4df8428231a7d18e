"""Under which name a resource's policy is kept, and that it is found under all of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, translate
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.policy_carriers import carried_by, carriers
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.questions.who_can import who_can
from tests.support.given import ACCOUNT as HERE
from tests.support.given import arn, directory_of, user
from tests.support.records import ACCOUNT, record

OPEN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}'
REGION = "eu-west-1"


def kept(name: str, service: str, parameters: Any, response: Any = None) -> list[str]:
    raw = record(name, parameters, response, service=service, awsRegion=REGION)
    return [body.resource for body in translate(Record(raw)).bodies if hasattr(body, "resource")]


SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db/main"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"


@pytest.mark.parametrize(("secret_id", "response", "expected"), [
    ("db/main", {"aRN": f"{SECRET}-a1B2c3", "name": "db/main"}, f"{SECRET}-a1B2c3"),
    ("db/main", {"arn": f"{SECRET}-a1B2c3"}, f"{SECRET}-a1B2c3"),
    ("db/main", None, SECRET),
    (f"{SECRET}-a1B2c3", None, f"{SECRET}-a1B2c3"),
    ("db/main", {"aRN": "arn:aws:s3:::other"}, SECRET),
])  # fmt: skip
def test_a_secret_by_its_name_or_arn(secret_id: str, response: Any, expected: str) -> None:
    parameters = {"secretId": secret_id, "resourcePolicy": OPEN}
    assert kept("PutResourcePolicy", "secretsmanager", parameters, response) == [expected]
    assert kept("DeleteResourcePolicy", "secretsmanager", {"secretId": secret_id}, response) == [expected]


@pytest.mark.parametrize(("name", "qualifier", "expected"), [
    ("pay", None, FUNCTION), ("pay", "PROD", f"{FUNCTION}:PROD"), ("pay:PROD", None, f"{FUNCTION}:PROD"),
    (FUNCTION, None, FUNCTION), (FUNCTION, "7", f"{FUNCTION}:7"), (f"{FUNCTION}:7", None, f"{FUNCTION}:7"),
    (f"{FUNCTION}:7", "7", f"{FUNCTION}:7"), (f"{ACCOUNT}:function:pay", "PROD", f"{FUNCTION}:PROD"),
    ("function:pay", None, FUNCTION),
])  # fmt: skip
def test_a_function_with_its_qualifier(name: str, qualifier: str | None, expected: str) -> None:
    parameters = {"functionName": name, "statementId": "s", "principal": "s3.amazonaws.com",
                  "action": "lambda:InvokeFunction"} | ({"qualifier": qualifier} if qualifier else {})  # fmt: skip
    assert kept("AddPermission20150331v2", "lambda", parameters) == [expected]
    assert kept("RemovePermission20150331v2", "lambda", parameters) == [expected]


BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/"


def test_permissions_on_event_buses() -> None:
    given = {"statementId": "s", "principal": "444455556666", "action": "events:PutEvents"}
    [added] = translate(Record(record("PutPermission", given, service="events"))).bodies
    assert isinstance(added, er.ResourceStatementAdded) and added.resource == BUS + "default"
    statement = orjson.loads(added.statement or "")
    assert (
        statement["Principal"] == {"AWS": "arn:aws:iam::444455556666:root"} and statement["Resource"] == BUS + "default"
    )
    only = {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1"}
    of_all = given | {"principal": "*", "eventBusName": "orders", "condition": only}
    [added] = translate(Record(record("PutPermission", of_all, service="events"))).bodies
    assert isinstance(added, er.ResourceStatementAdded) and added.resource == BUS + "orders"
    assert orjson.loads(added.statement or "")["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    [gone] = translate(Record(record("RemovePermission", {"statementId": "s"}, service="events"))).bodies
    assert gone == er.ResourceStatementRemoved(resource=BUS + "default", statement_id="s")
    [gone] = translate(Record(record("RemovePermission", {"removeAllPermissions": True}, service="events"))).bodies
    assert gone == er.ResourcePolicyDeleted(resource=BUS + "default")


def test_the_policy_of_a_vault_lies_within_an_object() -> None:
    given = {"vaultName": "v", "policy": {"policy": '{"Version": "2012-10-17", "Statement": []}'}}
    [put] = translate(Record(record("SetVaultAccessPolicy", given, service="glacier"))).bodies
    assert isinstance(put, er.ResourcePolicyPut) and put.document is not None
    assert orjson.loads(put.document) == {"Version": "2012-10-17", "Statement": []}


def test_resources_of_another_shape_name_no_key() -> None:
    for odd in ("text", [None, 7, {"ARN": 5}], {"ARN": "x"}):
        raw = record("PutKeyPolicy", {"keyId": "k-1", "policy": "{}"}, service="kms", resources=odd)
        [put] = translate(Record(raw)).bodies
        assert isinstance(put, er.ResourcePolicyPut) and put.resource.endswith(":key/k-1")


def test_an_alias_alone_does_not_tell_the_key() -> None:
    for alias in ("alias/pay", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/pay"):
        given = {"keyId": alias, "policyName": "default", "policy": "{}"}
        found = translate(Record(record("PutKeyPolicy", given, service="kms")))
        assert found.outcome is Outcome.NOT_TRANSLATED and "alias" in found.reason and not found.bodies
        named = [{"ARN": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-1"}]
        [put] = translate(Record(record("PutKeyPolicy", given, service="kms", resources=named))).bodies
        assert isinstance(put, er.ResourcePolicyPut) and put.resource.endswith(":key/k-1")


def test_grants_keep_their_constraints() -> None:
    parameters = {
        "keyId": "1", "granteePrincipal": "arn:aws:iam::111122223333:role/app", "operations": ["Decrypt"],
        "constraints": {"encryptionContextEquals": {"A": "b"}, "encryptionContextSubset": {}, "ofAnotherKind": 7},
    }  # fmt: skip
    raw = record("CreateGrant", parameters, {"grantId": "g"}, service="kms", awsRegion=REGION)
    [body] = translate(Record(raw)).bodies
    assert isinstance(body, er.GrantCreated)
    assert body.constraints == {"EncryptionContextEquals": {"A": "b"}, "OfAnotherKind": {"": "7"}}
    raw = record("CreateGrant", parameters | {"constraints": None}, {"grantId": "g"}, service="kms", awsRegion=REGION)
    [body] = translate(Record(raw)).bodies
    assert isinstance(body, er.GrantCreated) and body.constraints == {}


def _here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{HERE}:{resource}"


@pytest.mark.parametrize(("carrier", "asked", "action"), [
    (_here("secretsmanager", "secret:db/main"), _here("secretsmanager", "secret:db/main-a1B2c3"),
     "secretsmanager:GetSecretValue"),
    (_here("secretsmanager", "secret:db/main-a1B2c3"), _here("secretsmanager", "secret:db/main"),
     "secretsmanager:GetSecretValue"),
    (_here("lambda", "function:pay"), _here("lambda", "function:pay:PROD"), "lambda:InvokeFunction"),
    (_here("dynamodb", "table/T"), _here("dynamodb", "table/T/index/I"), "dynamodb:Query"),
    (_here("s3", "accesspoint/ap"), _here("s3", "accesspoint/ap/object/a/b"), "s3:GetObject"),
    ("arn:aws:s3:::ledger", "arn:aws:s3:::ledger/a/b", "s3:GetObject"),
    (_here("es", "domain/d"), _here("es", "domain/d/index/_search"), "es:ESHttpGet"),
    (_here("sns", "topic"), _here("sns", "topic:sub-1"), "sns:Unsubscribe"),
    (_here("logs", "log-group:/a"), _here("logs", "log-group:/a:log-stream:s"), "logs:PutLogEvents"),
    (_here("glue", "catalog"), _here("glue", "table/db/t"), "glue:GetTable"),
    (_here("events", "event-bus/default"), _here("events", "rule/r"), "events:PutRule"),
    (_here("events", "event-bus/b"), _here("events", "rule/b/r"), "events:PutRule"),
])  # fmt: skip
def test_a_policy_is_found_under_every_name(carrier: str, asked: str, action: str) -> None:
    directory = directory_of(
        eq.UserCreated(subject=user("ada"), arn=arn("user/ada"), tags={}),
        er.ResourcePolicyPut(resource=carrier, document=OPEN),
    )
    decision = authorize(directory, Request(principal=arn("user/ada"), action=action, resource=asked))
    assert decision.effect == "allow" and decision.determining[0].policy == carrier
    assert arn("user/ada") in [holder.principal for holder in who_can(directory, action, asked).allowed]
    if not carrier.endswith("a1B2c3"):
        assert carrier in carriers(asked)
        assert any(matches_resource(pattern, asked) for pattern in carried_by(carrier))


def test_a_stream_has_a_policy_of_its_own() -> None:
    table = _here("dynamodb", "table/T")
    assert carriers(f"{table}/stream/2026") == ()


def test_each_of_its_policies_counts() -> None:
    function = _here("lambda", "function:pay")
    ban = orjson.loads(OPEN)["Statement"][0] | {"Effect": "Deny", "Resource": function + ":*"}
    directory = directory_of(
        eq.UserCreated(subject=user("ada"), arn=arn("user/ada"), tags={}),
        er.ResourcePolicyPut(resource=function + ":PROD", document=OPEN),
        er.ResourceStatementAdded(resource=function, statement_id="s", statement=orjson.dumps(ban).decode()),
    )
    for asked, expected in ((":PROD", "explicit_deny"), (":TEST", "explicit_deny"), ("", "implicit_deny")):
        request = Request(principal=arn("user/ada"), action="lambda:InvokeFunction", resource=function + asked)
        assert authorize(directory, request).effect == expected
