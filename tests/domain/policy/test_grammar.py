"""What IAM takes and refuses for each use of a document, and the words in which it refuses."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.policy.language.grammar.service_principals import is_service_principal
from erstwhile.domain.policy.language.validate import USES, Malformed, Use, check, first_problem

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
EVERYBODY: dict[str, Any] = ALLOW | {"Principal": "*"}
PROVIDER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"


def document(*statements: Any, **more: Any) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more).decode()


def but(**changed: Any) -> str:
    return document({name: value for name, value in (ALLOW | changed).items() if value is not None})


def trusting(**changed: Any) -> str:
    return document({name: value for name, value in (TRUST | changed).items() if value is not None})


def keyed(key: str) -> dict[str, Any]:
    return {"StringEquals": {key: "x"}}


PATHS = (
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, '
    "mfa/, "
    "server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/."
)
SYNTAX, LEGACY = "Syntax errors in policy.", "The policy failed legacy parsing"
WORDS: list[tuple[Use, str, str]] = [
    ("identity", "no policy", SYNTAX),
    ("identity", "[]", SYNTAX),
    ("identity", document(ALLOW, Version="2013-01-01"), SYNTAX),
    ("identity", document(), SYNTAX),
    ("identity", but(Actions="s3:*"), SYNTAX),
    ("identity", but(Effect="Permit"), SYNTAX),
    ("identity", but(NotAction="s3:*"), SYNTAX),
    ("identity", but(Condition={"StringIs": {"aws:username": "x"}}), SYNTAX),
    ("identity", but(Effect="ALLOW"), LEGACY),
    ("identity", but(Resource="arn:aws:s3::bucket"), LEGACY),
    ("identity", but(Condition={"DateGreaterThan": {"aws:CurrentTime": "tomorrow"}}), LEGACY),
    ("identity", but(Sid="a-b"),
     "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"),
    ("identity", document(ALLOW | {"Sid": "a"}, ALLOW | {"Sid": "a"}),
     "Statement IDs (SID) in a single policy must be unique."),
    ("identity", but(Principal="*"), "Policy document should not specify a principal."),
    ("session", but(NotPrincipal={"AWS": "*"}), "Policy document should not specify a principal."),
    ("identity", but(Action=None), "Policy statement must contain actions."),
    ("identity", but(Action=None, Resource=None), "Policy statement must contain actions."),
    ("boundary", but(Resource=None), "Policy statement must contain resources."),
    ("identity", but(Resource=[], Action="nothing"), "Policy statement must contain resources."),
    ("identity", but(Resource="bucket", Action="a:b:c"), 'Resource bucket must be in ARN format or "*".'),
    ("identity", but(Resource=""), 'Resource  must be in ARN format or "*".'),
    ("identity", but(Resource="arn:azure:s3:::b"), 'Partition "azure" is not valid for resource "arn:azure:s3:::b".'),
    ("identity", but(Resource="aws:s3:::b"), 'Partition "s3" is not valid for resource "arn:s3:::b:*".'),
    ("identity", but(Resource="arn:aws"), "Resource vendor must be fully qualified and cannot contain regexes."),
    ("identity", but(Resource="arn:aws:iam:eu-west-1::user/x"),
     "IAM resource arn:aws:iam:eu-west-1::user/x cannot contain region information."),
    ("identity", but(Resource="arn:aws:s3:eu-west-1:111122223333:b/k"),
     "Resource arn:aws:s3:eu-west-1:111122223333:b/k can not contain region information."),
    ("identity", but(Resource="arn:aws:iam::111122223333:ada"), PATHS),
    ("identity", but(Action="GetObject"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ("identity", but(Action="s3:Get:Object"), "Actions/Condition can contain only one colon."),
    ("identity", but(Action="s 3:GetObject"), "Vendor s 3 is not valid"),
    ("identity", but(Condition=keyed(f"https://{PROVIDER}:sub")), "Actions/Condition can contain only one colon."),
    ("trust", trusting(Condition=keyed(f"https://{PROVIDER}:sub")), "Condition can contain only one colon."),
    ("trust", trusting(Condition=keyed(f"{PROVIDER}:sub:more")), "Condition can contain only one colon."),
    ("trust", trusting(Resource="*"), "Has prohibited field Resource"),
    ("trust", trusting(Principal=None), "Missing required field Principal"),
    ("trust", trusting(Principal={}), "Missing required field Principal cannot be empty!"),
    ("trust", trusting(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
    ("trust", trusting(Principal={"AWS": "arn:aws:iam::111122223333:group/ops"}),
     'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/ops"'),
    ("trust", trusting(Principal={"AWS": "arn:aws::iam::111122223333:root"}),
     'Invalid principal in policy: "AWS":"arn:aws::iam::111122223333:root"'),
    ("trust", trusting(Principal={"Service": "amazonaws.com"}),
     'Invalid principal in policy: "SERVICE":"amazonaws.com"'),
    ("trust", trusting(Principal={"Service": "no-such-service.amazonaws.com"}),
     'Invalid principal in policy: "SERVICE":"no-such-service.amazonaws.com"'),
    ("trust", trusting(Principal={"Federated": "https://idp.example.com"}),
     "Federated principals must be valid domain names or SAML metadata ARNs"),
    ("trust", "{", "This policy contains invalid Json"),
    ("resource", document(ALLOW), "Missing required field Principal"),
    ("resource", document(EVERYBODY | {"Resource": "bucket"}), "Policy has invalid resource"),
    ("endpoint", document(ALLOW), "Missing required field Principal"),
    ("scp", document(EVERYBODY),
     "The provided policy document does not meet the requirements of the specified policy type."),
    ("rcp", document(ALLOW),
     "The provided policy document does not meet the requirements of the specified policy type."),
]  # fmt: skip


@pytest.mark.parametrize(("use", "text", "words"), WORDS)
def test_refused_in_the_words_of_aws(use: Use, text: str, words: str) -> None:
    with pytest.raises(Malformed) as refused:
        check(text, use)
    assert str(refused.value) == words
    assert refused.value.detail


GOOD: list[tuple[Use, str]] = [
    # Keys of identity providers have slashes, those of tags and encryption contexts colons.
    ("trust", trusting(Condition=keyed(f"{PROVIDER}:sub") | {"StringLike": {f"{PROVIDER}:aud": "sts.amazonaws.com"}})),
    ("trust", trusting(Condition=keyed("idp.example.com/realms/a/:sub"))),
    ("trust", trusting(
        Condition=keyed("localhost:8443:sub") | {"StringLike": {"idp.example.com:8443/realms/a:aud": "x"}}
    )),
    ("trust", trusting(Condition=keyed("accounts.google.com:google/organization_number"))),
    ("identity", but(Condition=keyed("aws:ResourceTag/eks:cluster-name"))),
    ("identity", but(Condition=keyed("aws:RequestTag/aws:cloudformation:stack-name"))),
    ("resource", document(EVERYBODY | {"Condition": keyed("kms:EncryptionContext:aws:s3:arn")})),
    ("identity", but(Condition=keyed("kms:RecipientAttestation:PCR0"))),
    ("resource", document(EVERYBODY | {"Condition": keyed("resource:labels:colour")})),
    # Names of statements, as services' own default policies have them.
    ("resource", document(EVERYBODY | {"Sid": "Enable IAM User Permissions"})),
    ("resource", document(EVERYBODY | {"Sid": "__default_statement_ID"}, Version="2008-10-17",
                          Id="__default_policy_ID")),
    ("trust", trusting(Sid="")),
    # Policies that are about what bears them.
    ("resource", document({"Effect": "Allow", "Principal": {"AWS": "444455556666"},
                           "Action": ["ecr:BatchGetImage", "ecr:Get*"]})),
    ("resource", trusting()),
    # What of S3 lies in a region.
    ("identity", but(Resource="arn:aws:s3:us-west-2:111122223333:accesspoint/mine/object/*")),
    ("identity", but(Resource=["arn:aws:s3:us-west-2:111122223333:job/*",
                               "arn:aws:s3:eu-west-1:111122223333:storage-lens/x"])),
    ("resource", document(EVERYBODY | {"Resource": "arn:aws:s3:eu-west-1:111122223333:access-grants/default"})),
    # ARNs that are completed with stars.
    ("identity", but(Resource=["arn:aws:sqs", "arn:aws:sqs:eu-west-1", "arn:aws:s3:*"])),
    # Principals of every kind.
    ("resource", document(EVERYBODY | {"Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:root",
        "arn:aws:sts::111122223333:assumed-role/r/s", "AIDAEXAMPLE1234567890"]}})),
    ("resource", document(EVERYBODY | {"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access "
                                                            "Identity E1"}})),
    ("trust", trusting(Principal={"Federated": ["cognito-identity.amazonaws.com",
        f"arn:aws:iam::111122223333:oidc-provider/{PROVIDER}"]})),
    ("rcp", document(EVERYBODY)),
    ("scp", document(ALLOW)),
    ("guardrail", document(ALLOW)),
    ("guardrail", document(EVERYBODY)),
    ("endpoint", document(EVERYBODY)),
]  # fmt: skip


@pytest.mark.parametrize(("use", "text"), GOOD)
def test_taken_as_iam_takes_it(use: Use, text: str) -> None:
    check(text, use)
    assert first_problem(text, use) == ""


def test_managed_policies_are_of_the_current_version() -> None:
    for version in ("2008-10-17", None):
        data = {"Statement": [ALLOW]} | ({"Version": version} if version else {})
        text = orjson.dumps(data).decode()
        check(text, "identity")
        with pytest.raises(Malformed, match="must be version 2012-10-17 or greater"):
            check(text, "identity", managed=True)


@pytest.mark.parametrize("use", USES)
def test_unknown_members_are_errors_for_every_use(use: Use) -> None:
    for member in ("Actions", "Conditions", "Principals", "Resources", "effect"):
        assert first_problem(document(EVERYBODY | {member: "x"}), use)
    assert first_problem('{"Statement": [], "Statement": []}', use)


def test_services_under_all_their_names() -> None:
    for name in (
        "ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "edgelambda.amazonaws.com",
        "replicator.lambda.amazonaws.com", "logs.eu-west-1.amazonaws.com", "states.us-east-1.amazonaws.com",
        "vpc-flow-logs.amazonaws.com", "delivery.logs.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com.cn",
        "spotfleet.amazonaws.com", "custom-resource.application-autoscaling.amazonaws.com", "s3.amazonaws.com",
        "monitoring.rds.amazonaws.com", "elasticmapreduce.aws.internal", "alexa-appkit.amazon.com",
    ):  # fmt: skip
        assert is_service_principal(name), name
    for name in (
        "ec2",
        "ec2.example.com",
        "amazonaws.com",
        ".amazonaws.com",
        "eu-west-1.amazonaws.com",
        "no.amazonaws.com",
    ):
        assert not is_service_principal(name), name
