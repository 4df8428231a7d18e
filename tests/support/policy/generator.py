"""Random requests with policies, over all features of the language, small enough in words to collide often."""

from __future__ import annotations

import random
from typing import Any

ACCOUNTS = ("111122223333", "444455556666")
RCP_ACTIONS = (
    "aoss:BatchGetCollection", "appconfig:GetApplication", "appstream:DescribeFleets", "autoscaling:SetDesiredCapacity",
    "autoscaling-plans:DescribeScalingPlans", "budgets:ViewBudget", "clouddirectory:GetDirectory",
    "cloudfront:GetDistribution", "cloudsearch:DescribeDomains", "cloudtrail-data:PutAuditEvents",
    "codeartifact:DescribeDomain", "codebuild:StartBuild", "codecommit:GitPull", "codepipeline:GetPipeline",
    "cognito-identity:DescribeIdentityPool", "cognito-idp:DescribeUserPool", "comprehend:DetectEntities",
    "comprehendmedical:DetectPHI", "compute-optimizer:GetEnrollmentStatus",
    "cost-optimization-hub:GetRecommendation", "dax:GetItem", "dsql:DbConnect", "dynamodb:GetItem",
    "ecr:BatchGetImage", "ecr-public:DescribeRepositories", "events:PutRule", "firehose:PutRecord",
    "fis:GetExperiment", "fms:GetPolicy", "gamelift:DescribeFleetAttributes", "health:DescribeEvents",
    "inspector-scan:ScanSbom", "kendra:Query", "kinesisvideo:PutMedia", "kms:Encrypt", "logs:PutLogEvents",
    "memorydb:DescribeClusters", "networkmonitor:GetMonitor", "notifications:ListChannels", "opensearch:GetApplication",
    "pca-connector-ad:GetConnector", "personalize:DescribeDataset", "polly:SynthesizeSpeech", "pricing:GetProducts",
    "resource-groups:GetGroup", "rolesanywhere:GetProfile", "s3:GetBucketAcl", "secretsmanager:GetSecretValue",
    "servicediscovery:GetService", "signin:CreateOAuth2Token", "sqs:SendMessage", "sts:AssumeRole",
    "support:DescribeCases", "swf:DescribeDomain", "textract:DetectDocumentText",
    "timestream-influxdb:GetDbInstance", "transcribe:GetTranscriptionJob", "transfer:DescribeServer",
    "translate:TranslateText", "wafv2:GetWebACL", "workspaces:DescribeWorkspaces", "xray:GetGroups",
)  # fmt: skip
"""One of each service under resource control policies."""
ACTIONS = (
    "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:ListBucket", "kms:Decrypt", "kms:RetireGrant",
    "sqs:SendMessage", "ec2:RunInstances", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession",
    "sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetFederationToken", "sts:AssumeRoleWithSAML",
    "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "iam:UpdateAssumeRolePolicy",
    "iam:DetachRolePolicy", "iam:UpdateRoleDescription", "iam:GetRole", "iam:CreatePolicyVersion", "kms:UpdateAlias",
    "route53:GetHostedZone",
)  # fmt: skip
ALL_ACTIONS = (*ACTIONS, *ACTIONS, *ACTIONS, *RCP_ACTIONS)
RESOURCES = (
    "arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/home/ada/x", "arn:aws:s3:::bucket/a:b*c", "arn:aws:s3:::bucket",
    "arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:sqs:eu-west-1:444455556666:queue",
    "arn:aws:iam::111122223333:role/path/reader", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "*",
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3",
    "arn:aws:kms:eu-west-1:111122223333:alias/mine", "arn:aws:route53:::hostedzone/Z1",
    "arn:aws:ec2:us-east-1::image/ami-1", "arn:aws:apigateway:us-east-1::/restapis/r1",
)  # fmt: skip
PATTERNS = (
    "*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/home/${aws:username}/*", "arn:aws:s3:::*",
    "arn:aws:s3:::b?cket/*",
    "arn:aws:*:*:111122223333:*", "arn:aws:s3:::bucket/*y", "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'home'}/*",
    "arn:aws:s3:::bucket/a:b${*}c", "arn:aws:sqs:*-west-1:444455556666:queue", "arn:aws:kms:eu-*:111122223333:key/*",
    "arn:aws:s*:eu-west-?:*", "arn:aws:s*-west-1:444455556666:queue", "arn:aws:?qs:*:444455556666:qu*",
    "arn:*:bucket/key", "arn:aws:iam::111122223333:role/*", "arn:aws:s3:::${s3:prefix}*",
    "arn:aws:s3:::bucket/${aws:nothing}", "arn:aws:s3:::bucket/${aws:TagKeys}*", "arn:aws:iam::aws:policy/*",
    "arn:aws:route53:::hostedzone/*", "arn:aws:s3:::${aws:PrincipalTag/team}",
)  # fmt: skip
SHORT = (
    *PATTERNS, "arn:aws:s3", "arn:aws:sqs", "arn:aws:sqs:eu-west-1", "arn:aws:sqs:eu-west-1:444455556666",
    "arn:aws:sqs:*:444455556666", "arn:aws:kms:eu-west-?", "arn:aws:iam:*:111122223333",
)  # fmt: skip
"""With ARNs of fewer than six parts, which policies about principals may have."""
PRINCIPALS = (
    "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:iam::111122223333:role/path/reader", "arn:aws:sts::111122223333:assumed-role/reader/session",
    "arn:aws:sts::111122223333:assumed-role/reader/other", "arn:aws:iam::444455556666:role/reader",
    "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:user/eve",
    "lambda.amazonaws.com", "*", "arn:aws:iam::111122223333:oidc-provider/example.com",
    "arn:aws:iam::111122223333:saml-provider/corp", "arn:aws:sts::111122223333:federated-user/ada",
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "arn:aws:iam::111122223333:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO",
    "arn:aws:iam::111122223333:role/AWSServiceRoleForMine",
    "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/session",
)  # fmt: skip
NAMES: tuple[tuple[str, str], ...] = (
    ("AWS", "*"), ("AWS", "111122223333"), ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "arn:aws:iam::444455556666:root"), ("AWS", "arn:aws:iam::111122223333:user/ada"),
    ("AWS", "arn:aws:iam::444455556666:user/eve"), ("AWS", "arn:aws:iam::111122223333:role/path/reader"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/reader/session"), ("AWS", "AIDAADA"), ("AWS", "AROAREADER"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/reader/third"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/reader/session"), ("AWS", "*"),
    ("AWS", "arn:aws:sts::111122223333:federated-user/ada"), ("AWS", "arn:aws:iam::444455556666:role/reader"),
    ("Service", "lambda.amazonaws.com"), ("Service", "ec2.amazonaws.com"),
    ("Federated", "arn:aws:iam::111122223333:oidc-provider/example.com"),
    ("Federated", "arn:aws:iam::111122223333:saml-provider/corp"), ("CanonicalUser", "79a59df900b949e5"),
)  # fmt: skip
_ADA, _ROOT = "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::111122223333:root"
_READER, _BUCKET = "arn:aws:iam::111122223333:role/path/reader", "arn:aws:s3:::bucket"
TOGETHER = (
    (_ROOT, "s3:PutBucketPolicy", _BUCKET), (_ROOT, "s3:DeleteBucketPolicy", _BUCKET),
    (_ROOT, "s3:GetBucketPolicy", _BUCKET),
    ("arn:aws:iam::444455556666:root", "s3:PutBucketPolicy", _BUCKET), (_READER, "s3:GetObject", f"{_BUCKET}/key"),
    (_READER, "sts:AssumeRole", _READER), (_ROOT, "sts:AssumeRole", _READER),
    (_ADA, "iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    (_ADA, "kms:UpdateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"),
    (_ADA, "s3:GetObject", f"{_BUCKET}/home/ada/x"),
    ("arn:aws:sts::111122223333:federated-user/ada", "s3:GetObject", f"{_BUCKET}/key"),
    ("arn:aws:iam::111122223333:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO", "iam:DetachRolePolicy",
     "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"),
)  # fmt: skip
"""Principals, actions and resources that rules of their own are about, and that chance seldom brings together."""
KEYS: dict[str, tuple[str, ...]] = {
    "aws:username": ("ada", "bob", "a*"),
    "aws:PrincipalTag/team": ("red", "home", "Red"),
    "aws:SourceIp": ("203.0.113.9", "2001:db8::1", "10.0.0.1", "nonsense"),
    "aws:CurrentTime": ("2026-03-31T12:00:00Z", "2026-01-01", "1774958400", "never"),
    "aws:MultiFactorAuthPresent": ("true", "false", "TRUE"),
    "s3:max-keys": ("10", "100", "-1", "1.5", "many"),
    "aws:TagKeys": ("team", "cost", "Team"),
    "s3:prefix": ("home/", "home/ada", "*"),
    "aws:PrincipalArn": (
        "arn:aws:iam::111122223333:role/reader",
        "arn:aws:iam::111122223333:user/ada",
        "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    ),
    "aws:PrincipalOrgID": ("o-1", "o-2"),
    "aws:ResourceOrgID": ("o-1", "o-2"),
    "kms:ResourceAliases": ("alias/aws/s3", "alias/mine"),
    "aws:RequestTag/team": ("team", "cost", "ada", "red"),
    "aws:ResourceAccount": ACCOUNTS,
    "aws:userid": ("AIDAADA", "AROAREADER:session"),
    "aws:SourceVpce": ("vpce-1",),
}
OPERATORS: dict[str, tuple[str, ...]] = {
    "String": ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
    "Numeric": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Date": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Arn": ("Equals", "NotEquals", "Like", "NotLike"),
    "": ("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
}
WANTED = (
    "ada", "a*", "A?a", "${aws:username}", "${aws:PrincipalTag/team, 'red'}", "${aws:nothing}", "red", "home", "true",
    "false", "10", "100.0", "-1", "203.0.113.0/24", "2001:db8::/32", "10.0.0.1", "2026-03-31T00:00:00Z", "2026-01-01",
    "1774958400", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:user/${aws:username}", "arn:*", "team", "*",
    "home/${*}",
    "vpce-1", "AIDAADA", "AROA*:*", "111122223333", "${aws:TagKeys}", "${aws:PrincipalTag/team}", "x${aws:nothing}*",
    "",
    "${aws:PrincipalOrgID}", "${aws:ResourceOrgID}", "o-1", "arn:aws:iam::${aws:nothing}:*", "${aws:nothing, 'ada'}",
    "alias/aws/*",
)  # fmt: skip


def some(chance: random.Random, choices: Any, most: int = 3) -> Any:
    """One, or a list of some."""
    if chance.random() < 0.5:
        return chance.choice(choices)
    return [chance.choice(choices) for _ in range(chance.randint(1, most))]


def condition(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2))):
        family = chance.choice(list(OPERATORS))
        operator = family + chance.choice(OPERATORS[family])
        if operator != "Null" and chance.random() < 0.2:
            operator += "IfExists"
        if chance.random() < 0.25:
            operator = chance.choice(("ForAllValues:", "ForAnyValue:")) + operator
        key = chance.choice(list(KEYS))
        choices: Any = ("true", "false") if operator.endswith("Null") else WANTED + KEYS[key]
        found.setdefault(operator, {})[key] = some(chance, choices)
    return found


def names(chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return "*"
    found: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2, 3))):
        kind, name = chance.choice(NAMES)
        found.setdefault(kind, []).append(name)
    return found


def statement(
    chance: random.Random, with_principal: bool = False, effect: str | None = None, short: bool = False
) -> dict[str, Any]:
    actions = (
        *ALL_ACTIONS, *ACTIONS, *("*",) * 12, "iam:*", "s3:*BucketPolicy", "events:*", "s3:*", "s3:Get*",
        "S3:getobject",
        "s3:?etObject", "sts:*", "kms:*", "sts:Assume*",
    )  # fmt: skip
    found: dict[str, Any] = {"Effect": effect or chance.choice(("Allow", "Allow", "Allow", "Deny"))}
    found["NotAction" if chance.random() < 0.1 else "Action"] = some(chance, actions)
    found["NotResource" if chance.random() < 0.1 else "Resource"] = some(chance, SHORT if short else PATTERNS)
    if with_principal:
        found["NotPrincipal" if chance.random() < 0.15 else "Principal"] = names(chance)
    if chance.random() < 0.4:
        found["Condition"] = condition(chance)
    return found


def document(chance: random.Random, with_principal: bool = False, short: bool = False) -> dict[str, Any]:
    statements = [statement(chance, with_principal, short=short) for _ in range(chance.randint(1, 3))]
    found: dict[str, Any] = {"Statement": statements}
    if len(found["Statement"]) == 1 and chance.random() < 0.3:
        found["Statement"] = found["Statement"][0]
    version = chance.choice(("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None))
    return {"Version": version, **found} if version else found


def well_formed(asked: dict[str, Any]) -> dict[str, Any]:
    """The request, with documents as the grammar of their layers has them: resource control policies are about
    everybody, and what trusts somebody with a role speaks of STS alone and has no Resource."""
    policies = asked["policies"]
    for level in policies.get("rcp", ()):
        for each in level:
            each["Statement"] = [
                {k: v for k, v in one.items() if k != "NotPrincipal"} | {"Principal": "*"}
                for one in _listed(each["Statement"])
            ]
    if ":role/" in asked["resource"]:
        for each in _listed(policies.get("resource", [])):
            each["Statement"] = [_trusting(one) for one in _listed(each["Statement"])]
    return asked


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _trusting(given: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in given.items() if name not in ("Resource", "NotResource")}
    for member in ("Action", "NotAction"):
        if member in found:
            of_sts = [each for each in _listed(found[member]) if each == "*" or each.lower().startswith("sts:")]
            found[member] = of_sts or "sts:AssumeRole"
    return found


def trust_document(chance: random.Random) -> dict[str, Any]:
    """What a role's trust policy may say."""
    found = document(chance, True)
    statements = [_trusting(each) for each in _listed(found["Statement"])]
    for each in statements:
        actions = _listed(each.pop("NotAction", None) or each.pop("Action"))
        each["Action"] = ["sts:*" if action == "*" else action for action in actions]
    return found | {"Statement": statements}


def documents(chance: random.Random, with_principal: bool = False, short: bool = False) -> list[dict[str, Any]]:
    found = [document(chance, with_principal, short) for _ in range(chance.choice((1, 1, 2)))]
    if chance.random() < 0.5:
        everything: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        if with_principal:
            everything["Principal"] = "*"
        found.append({"Version": "2012-10-17", "Statement": [everything]})
    return found


def request(chance: random.Random) -> dict[str, Any]:
    """One request of `erstwhile evaluate`."""
    policies: dict[str, Any] = {}
    if chance.random() < 0.9:
        policies["identity"] = documents(chance, short=True)
    if chance.random() < 0.5:
        policies["resource"] = documents(chance, True) if chance.random() < 0.5 else document(chance, True)
    for layer, share in (("permissions_boundary", 0.25), ("session", 0.2)):
        if chance.random() < share:
            policies[layer] = documents(chance, short=True) if layer == "session" or chance.random() < 0.95 else []
    for layer in ("scp", "rcp"):
        if chance.random() < 0.2:
            policies[layer] = [documents(chance) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.1:
        policies["vpc_endpoint"] = documents(chance, True)
    context = {}
    for key, values in KEYS.items():
        if chance.random() < 0.05:
            context[key] = chance.choice(("", [], [""], ["", ""], ["", chance.choice(values)]))
        elif chance.random() < 0.4:
            context[key if chance.random() < 0.8 else key.upper()] = (
                [chance.choice(values) for _ in range(chance.randint(0, 3))]
                if chance.random() < 0.25
                else chance.choice(values)
            )
    principal, action, resource = chance.choice(PRINCIPALS), chance.choice(ALL_ACTIONS), chance.choice(RESOURCES)
    if chance.random() < 0.2:
        principal, action, resource = chance.choice(TOGETHER)
    found = {"principal": principal, "action": action, "resource": resource, "context": context, "policies": policies}
    if chance.random() < 0.6:
        found["resource_account"] = chance.choice(ACCOUNTS)
    return well_formed(found)
