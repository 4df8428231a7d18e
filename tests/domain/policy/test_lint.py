"""validate(document): each kind of finding, where it is, and none in a good document."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.policy.language.lint import conditions, validate
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.patterns.pattern_parts import covers
from erstwhile.domain.policy.language.validate import Malformed, Use, check

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
ON_ROLE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: Any, **more: Any) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more).decode()


def but(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | changed).items() if value is not None}


def when(operator: str, key: str, value: Any, **changed: Any) -> str:
    return document(but(Condition={operator: {key: value}}, **changed))


MALFORMED: list[tuple[str, str, str]] = [
    ("a list", "[]", ""),
    ("a number", "1", ""),
    ("another member", document(GOOD, Statements=[]), "Statements"),
    ("another version", document(GOOD, Version="2012-10-18"), "Version"),
    ("a version that is a number", document(GOOD, Version=2012), "Version"),
    ("an id that is a number", document(GOOD, Id=1), "Id"),
    ("no statement", '{"Version":"2012-10-17"}', "Statement"),
    ("an empty list of statements", document(), "Statement"),
    ("a statement that is text", document("x"), "Statement[0]"),
    ("a statement that is null", document(None), "Statement[0]"),
    ("another member of a statement", document(but(Actions="x")), "Statement[0].Actions"),
    ("a sid with a space", document(but(Sid="a b")), "Statement[0].Sid"),
    ("a sid that is a number", document(but(Sid=1)), "Statement[0].Sid"),
    ("one sid twice", document(but(Sid="a"), but(Sid="a")), "Statement[1].Sid"),
    ("no effect", document(but(Effect=None)), "Statement[0].Effect"),
    ("an effect in small letters", document(but(Effect="allow")), "Statement[0].Effect"),
    ("an effect that is a list", document(but(Effect=["Allow"])), "Statement[0].Effect"),
    ("no action", document(but(Action=None)), "Statement[0]"),
    ("no actions", document(but(Action=[])), "Statement[0].Action"),
    ("an empty action", document(but(Action="")), "Statement[0].Action"),
    ("an action without a service", document(but(Action="GetObject")), "Statement[0].Action"),
    ("an action without a name", document(but(Action="s3:")), "Statement[0].Action"),
    ("an action with two colons", document(but(Action="s3:Get:Object")), "Statement[0].Action"),
    ("an action with a space", document(but(Action="s3: GetObject")), "Statement[0].Action"),
    ("a wildcard in the service", document(but(Action="s*:GetObject")), "Statement[0].Action"),
    ("an action that is a number", document(but(Action=1)), "Statement[0].Action"),
    ("a number among actions", document(but(Action=["s3:GetObject", 1])), "Statement[0].Action"),
    ("an action that is an object", document(but(Action={"s3": "GetObject"})), "Statement[0].Action"),
    ("both kinds of actions", document(but(NotAction="s3:x")), "Statement[0]"),
    ("no resource", document(but(Resource=None)), "Statement[0]"),
    ("no resources", document(but(Resource=[])), "Statement[0].Resource"),
    ("an empty resource", document(but(Resource="")), "Statement[0].Resource"),
    ("a resource that is a name", document(but(Resource="bucket")), "Statement[0].Resource"),
    ("a resource that is a path", document(but(Resource="s3://bucket/x")), "Statement[0].Resource"),
    ("a resource of five parts", document(but(Resource="arn:aws:s3::b")), "Statement[0].Resource"),
    ("a resource in capital letters", document(but(Resource="ARN:aws:s3:::b")), "Statement[0].Resource"),
    ("another partition", document(but(Resource="arn:azure:s3:::b")), "Statement[0].Resource"),
    ("no partition", document(but(Resource="arn::s3:::b")), "Statement[0].Resource"),
    ("no service", document(but(Resource="arn:aws::::b")), "Statement[0].Resource"),
    ("a bucket with a region", document(but(Resource="arn:aws:s3:eu-west-1::b")), "Statement[0].Resource"),
    ("an IAM resource with a region", document(but(Resource="arn:aws:iam:eu-west-1::user/a")), "Statement[0].Resource"),
    ("an IAM resource of no kind", document(but(Resource="arn:aws:iam::111122223333:ada")), "Statement[0].Resource"),
    ("a resource that is a number", document(but(Resource=1)), "Statement[0].Resource"),
    ("both kinds of resources", document(but(NotResource="*")), "Statement[0]"),
    ("a principal in an identity policy", document(but(Principal="*")), "Statement[0].Principal"),
    ("a NotPrincipal in an identity policy", document(but(NotPrincipal={"AWS": "*"})), "Statement[0].NotPrincipal"),
    ("a condition that is a list", document(but(Condition=[])), "Statement[0].Condition"),
    ("a condition that is null", document(GOOD | {"Condition": None}), "Statement[0].Condition"),
    ("a condition that is text", document(but(Condition="x")), "Statement[0].Condition"),
    ("another operator", when("StringSimilar", "aws:username", "x"), "Statement[0].Condition.StringSimilar"),
    ("another quantifier", when("ForSomeValues:StringLike", "aws:username", "x"),
     "Statement[0].Condition.ForSomeValues:StringLike"),
    ("Null if exists", when("NullIfExists", "aws:username", "true"), "Statement[0].Condition.NullIfExists"),
    ("an operator's keys as a list", document(but(Condition={"StringLike": ["x"]})),
     "Statement[0].Condition.StringLike"),
    ("a key without a service", when("StringLike", "username", "x"), "Statement[0].Condition.StringLike.username"),
    ("an empty key", when("StringLike", "", "x"), "Statement[0].Condition.StringLike."),
    ("a value that is an object", when("StringLike", "aws:username", {}),
     "Statement[0].Condition.StringLike.aws:username"),
    ("a value that is null", when("StringLike", "aws:username", None),
     "Statement[0].Condition.StringLike.aws:username"),
    ("a list within values", when("StringLike", "aws:username", [["x"]]),
     "Statement[0].Condition.StringLike.aws:username"),
    ("a date that is none", when("DateLessThan", "aws:CurrentTime", "soon"),
     "Statement[0].Condition.DateLessThan.aws:CurrentTime"),
    ("Null of a name", when("Null", "aws:username", "maybe"), "Statement[0].Condition.Null.aws:username"),
]  # fmt: skip
OTHER_USES: list[tuple[str, Use, str, str]] = [
    ("a trust policy about a resource", "trust", document(ON_ROLE | {"Resource": "*"}), "Statement[0]"),
    ("a trust policy of another service", "trust", document(ON_ROLE | {"Action": "s3:GetObject"}),
     "Statement[0].Action"),
    ("a trust policy without a principal", "trust", document({"Effect": "Allow", "Action": "sts:AssumeRole"}),
     "Statement[0]"),
    ("two kinds of principals", "trust", document(ON_ROLE | {"NotPrincipal": {"AWS": "*"}}), "Statement[0]"),
    ("a principal that is a name", "trust", document(ON_ROLE | {"Principal": "ada"}), "Statement[0].Principal"),
    ("a principal of another kind", "trust", document(ON_ROLE | {"Principal": {"Google": "x"}}),
     "Statement[0].Principal.Google"),
    ("no principal of a kind", "trust", document(ON_ROLE | {"Principal": {"AWS": []}}), "Statement[0].Principal.AWS"),
    ("an account of eleven digits", "trust", document(ON_ROLE | {"Principal": {"AWS": "12345678901"}}),
     "Statement[0].Principal.AWS"),
    ("a wildcard within a principal", "trust",
     document(ON_ROLE | {"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}}), "Statement[0].Principal.AWS"),
    ("a bucket as principal", "trust", document(ON_ROLE | {"Principal": {"AWS": "arn:aws:s3:::b"}}),
     "Statement[0].Principal.AWS"),
    ("a service without a dot", "trust", document(ON_ROLE | {"Principal": {"Service": "ec2"}}),
     "Statement[0].Principal.Service"),
    ("a number as principal", "trust", document(ON_ROLE | {"Principal": {"AWS": 1}}), "Statement[0].Principal.AWS"),
    ("an empty principal", "trust", document(ON_ROLE | {"Principal": {}}), "Statement[0].Principal"),
    ("a guardrail for a principal", "guardrail", document(but(Principal={"AWS": "111122223333"})),
     "Statement[0].Principal"),
    ("a resource policy without a principal", "resource", document(GOOD), "Statement[0]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("use", "text", "place"),
    [("identity", text, place) for _, text, place in MALFORMED] + [case[1:] for case in OTHER_USES],
    ids=[case[0] for case in (*MALFORMED, *OTHER_USES)],
)
def test_what_iam_refuses(use: Use, text: str, place: str) -> None:
    found = validate(text, use)
    assert found[0].severity == "error"
    assert place in [each.place for each in found], found
    with pytest.raises(Malformed):
        check(text, use)


def test_text_that_is_not_json_and_names_that_stand_twice() -> None:
    [found] = validate('{"Version":', "identity")
    assert found.code == "JSON_SYNTAX_ERROR"
    [found] = validate(document(GOOD).replace("{", '{"Version":"2008-10-17",', 1))
    assert (found.code, found.place) == ("DUPLICATE_KEY", "Version")


LINTED: list[tuple[str, Use, str, str]] = [
    ("INVALID_SERVICE_IN_ACTION", "identity", document(but(Action="s33:GetObject")), "Statement[0].Action"),
    ("INVALID_ACTION", "identity", document(but(Action=["s3:GetObject", "s3:GetObjects"])), "Statement[0].Action[1]"),
    ("INVALID_ACTION", "identity", document(but(Action="s3:Gett*")), "Statement[0].Action"),
    ("RESOURCE_WITHOUT_ACTION", "identity", document(but(Resource=["arn:aws:s3:::b/*",
        "arn:aws:sqs:eu-west-1:111122223333:q"])), "Statement[0].Resource[1]"),
    ("ACTION_WITHOUT_RESOURCE", "identity", document(but(Action=["s3:GetObject", "s3:ListAllMyBuckets"])),
     "Statement[0].Action[1]"),
    ("ACTION_WITHOUT_RESOURCE", "identity", document(but(Action=["s3:GetObject", "s3:ListBucket"])),
     "Statement[0].Action[1]"),
    ("INVALID_GLOBAL_CONDITION_KEY", "identity", when("StringEquals", "aws:user", "x"),
     "Statement[0].Condition.StringEquals.aws:user"),
    ("INVALID_SERVICE_CONDITION_KEY", "identity", when("StringEquals", "s3:colour", "x"),
     "Statement[0].Condition.StringEquals.s3:colour"),
    ("UNSUPPORTED_CONDITION_KEY", "identity", when("StringEquals", "iam:PassedToService", "x"),
     "Statement[0].Condition.StringEquals.iam:PassedToService"),
    ("TYPE_MISMATCH", "identity", when("StringEquals", "aws:SourceIp", "x"),
     "Statement[0].Condition.StringEquals.aws:SourceIp"),
    ("TYPE_MISMATCH_VALUE", "identity", when("IpAddress", "aws:SourceIp", "203.0.113.0/33"),
     "Statement[0].Condition.IpAddress.aws:SourceIp"),
    ("TYPE_MISMATCH_VALUE", "identity", when("Bool", "aws:SecureTransport", "yes"),
     "Statement[0].Condition.Bool.aws:SecureTransport"),
    ("TYPE_MISMATCH_VALUE", "identity", when("NumericLessThan", "aws:MultiFactorAuthAge", "an hour"),
     "Statement[0].Condition.NumericLessThan.aws:MultiFactorAuthAge"),
    ("MISSING_QUANTIFIER", "identity", when("StringEquals", "aws:TagKeys", "x"),
     "Statement[0].Condition.StringEquals.aws:TagKeys"),
    ("FOR_ALL_VALUES_WITH_MISSING_KEY", "identity", when("ForAllValues:StringEquals", "aws:TagKeys", "x"),
     "Statement[0].Condition.ForAllValues:StringEquals.aws:TagKeys"),
    ("VARIABLES_IN_OLD_VERSION", "identity", document(but(Resource="arn:aws:s3:::${aws:username}"),
        Version="2008-10-17"), "Statement[0].Resource"),
    ("OLD_VERSION", "identity", document(GOOD, Version="2008-10-17"), "Version"),
    ("MISSING_VERSION", "identity", orjson.dumps({"Statement": GOOD}).decode(), "Version"),
    ("ALLOW_WITH_NOT_PRINCIPAL", "resource", document(GOOD | {"NotPrincipal": {"AWS": "111122223333"}}),
     "Statement[0].NotPrincipal"),
    ("ALLOW_EVERYONE", "resource", document(GOOD | {"Principal": {"AWS": ["*"]}}), "Statement[0].Principal"),
    ("ALLOW_WITH_NOT_ACTION", "identity", document(but(Action=None, NotAction="iam:*")), "Statement[0].NotAction"),
    ("ALLOW_WITH_NOT_RESOURCE", "identity", document(but(Resource=None, NotResource="arn:aws:s3:::b/*")),
     "Statement[0].NotResource"),
    ("ALLOW_ALL", "identity", document(but(Action="*", Resource="*")), "Statement[0].Action"),
    ("ALLOW_SERVICE", "identity", document(but(Action="s3:*", Resource="*")), "Statement[0].Action"),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE", "identity", document(but(Action="iam:Pass*", Resource="*")),
     "Statement[0].Action"),
    ("ASSUME_ROLE_WITH_STAR_IN_RESOURCE", "identity", document(but(Action="sts:AssumeRole", Resource="*")),
     "Statement[0].Action"),
    ("REDUNDANT_ACTION", "identity", document(but(Action=["s3:Get*", "S3:GetObject"])), "Statement[0].Action[1]"),
    ("REDUNDANT_RESOURCE", "identity", document(but(Resource=["arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"])),
     "Statement[0].Resource[1]"),
    ("REDUNDANT_STATEMENT", "identity", document(but(Action="s3:GetObject*"), GOOD), "Statement[1]"),
    ("REDUNDANT_STATEMENT", "identity", document(but(Condition={"Bool": {"aws:SecureTransport": "true"}}), GOOD),
     "Statement[0]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "use", "text", "place"), LINTED, ids=[f"{case[0]} {number}" for number, case in enumerate(LINTED)]
)
def test_what_a_linter_says(code: str, use: Use, text: str, place: str) -> None:
    found = validate(text, use)
    assert (code, place) in [(each.code, each.place) for each in found], found
    check(text, use)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        ("identity", document(GOOD)),
        # Kinds of resources that the reference does not tell of, as services' own guides print them.
        ("identity", document(but(Action=["cloudformation:CreateChangeSet"],
                                  Resource="arn:aws:cloudformation:us-west-2:aws:transform/Serverless-2016-10-31"))),
        ("identity", document(but(Action=["cloudformation:CreateChangeSet", "cloudformation:CreateStack"],
                                  Resource=["arn:aws:cloudformation:*:aws:transform/Include",
                                            "arn:aws:cloudformation:*:111122223333:stack/x/*"]))),
        ("identity", document(but(Action=["s3:ListBucket", "s3:GetObject"],
                                  Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"]))),
        ("identity", when("Null", "aws:MultiFactorAuthAge", True, Effect="Deny", Resource="*")),
        ("identity", when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*")),
        ("identity", when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}")),
        ("identity", when("NumericLessThan", "aws:EpochTime", 1700000000)),
        ("identity", document({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})),
        ("identity", document({"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"})),
        ("trust", document(ON_ROLE)),
        ("resource", document(GOOD | {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}})),
        ("guardrail", document({"Effect": "Allow", "Action": "*", "Resource": "*"})),
    ],
)  # fmt: skip
def test_a_good_document_has_no_findings(use: Use, text: str) -> None:
    assert validate(text, use) == []


def default_of_topics(key: str) -> str:
    """The policy that SNS gives a new topic; its key was aws:SourceOwner for years, and is aws:SourceAccount."""
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
               "Subscribe",
               "ListSubscriptionsByTopic", "Publish")  # fmt: skip
    statement = {
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": [f"SNS:{each}" for each in actions], "Resource": "arn:aws:sns:us-east-1:111122223333:t",
        "Condition": {"StringEquals": {key: "111122223333"}},
    }  # fmt: skip
    return document(statement, Id="__default_policy_ID")


OF_SERVICES: dict[str, str] = {
    "a topic, of old": default_of_topics("AWS:SourceOwner"),
    "a topic": default_of_topics("AWS:SourceAccount"),
    "a topic, in small letters": default_of_topics("aws:sourceowner"),
    "a topic or queue that a bucket tells of its objects": document({
        "Sid": "example-statement-ID", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "SQS:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:*:*:b"},
                      "StringEquals": {"AWS:SourceAccount": "111122223333"}},
    }),
    "a queue that a topic writes to": document({
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "SQS:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
        "Condition": {"StringLike": {"AWS:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}},
    }),
    "a key that AWS manages": document({
        "Sid": "Allow access through Amazon DynamoDB for all principals in the account that are authorized to use it",
        "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                   "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333",
                                       "kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}},
    }, Id="auto-dynamodb-2"),
    "a function that a bucket calls": document({
        "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:us-east-1:111122223333:function:f",
        "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"},
                      "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
    }),
    "a bucket that a trail writes to": document({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::b/AWSLogs/111122223333/*",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
                                       "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}},
    }),
}  # fmt: skip
"""Policies that services write themselves, or tell their users to write, as their guides print them."""


@pytest.mark.parametrize("name", OF_SERVICES)
def test_the_policies_of_services_themselves_have_no_findings(name: str) -> None:
    assert validate(OF_SERVICES[name], "resource") == []


PATTERN = st.text(alphabet="ab*?", min_size=1, max_size=5)


@given(PATTERN, PATTERN, st.text(alphabet="abc", max_size=6))
def test_what_covers_leaves_nothing_out(wider: str, narrower: str, text: str) -> None:
    if covers(wider, narrower) and matches(narrower, text):
        assert matches(wider, text)


def test_no_condition_key_of_a_policy_of_aws_is_unknown(shared: Path) -> None:
    raw = gzip.decompress((shared / "aws-managed-policy-versions.json.gz").read_bytes())
    found = set()
    for name, versions in orjson.loads(raw).items():
        for version in versions.values():
            listed = version["document"]["Statement"]
            for statement in listed if isinstance(listed, list) else [listed]:
                for each in conditions.check(statement, name, has_variables=True):
                    if each.code.startswith(("INVALID_", "UNSUPPORTED_")):
                        found.add((name, each.message))
    assert not found


def test_real_documents_are_read_without_a_stumble(shared: Path) -> None:
    raw = gzip.decompress((shared / "aws-managed-policy-versions.json.gz").read_bytes())
    documents = [version["document"] for versions in orjson.loads(raw).values() for version in versions.values()]
    for held in documents[::60]:
        found = validate(orjson.dumps(held).decode())
        assert not [each for each in found if each.severity == "error"], held
