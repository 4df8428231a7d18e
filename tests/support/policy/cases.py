"""Case tables: each case names the rule that it tests and the page that states it.

Pages are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/, by name, unless they say otherwise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

ME, OTHER = "111122223333", "444455556666"
ADA = f"arn:aws:iam::{ME}:user/ada"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
READER = f"arn:aws:iam::{ME}:role/path/reader"
SESSION = f"arn:aws:sts::{ME}:assumed-role/reader/nightly"
ROOT = f"arn:aws:iam::{ME}:root"
LINKED = f"arn:aws:iam::{ME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
OBJECT = "arn:aws:s3:::payroll/march/x.csv"
KEY = f"arn:aws:kms:eu-west-1:{ME}:key/1"
ALLOW, DENY, NO = "allow", "explicit_deny", "implicit_deny"


class Case(NamedTuple):
    page: str
    rule: str
    given: dict[str, Any]
    expected: str

    @property
    def id(self) -> str:
        return f"{self.page}: {self.rule}"


CASES: list[Case] = []


def st(effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": effect}
    if "NotAction" not in more:
        found["Action"] = action
    if resource is not None and "NotResource" not in more:
        found["Resource"] = resource
    return found | more


def doc(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def of_everybody(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"Statement": [{"Principal": "*"} | each for each in document["Statement"]]}


def case(page: str, rule: str, expected: str, **given: Any) -> None:
    """`given`: principal, action, resource, owner, context; anything else is a layer's documents."""
    request = {
        "principal": given.pop("principal", ADA),
        "action": given.pop("action", "s3:GetObject"),
        "resource": given.pop("resource_arn", OBJECT),
        "context": given.pop("context", {}),
    }
    if "rcp" in given:  # they are about everybody, and say so
        given["rcp"] = [[of_everybody(each) for each in level] for level in given["rcp"]]
    owner = given.pop("owner", ME)
    if owner:
        request["resource_account"] = owner
    CASES.append(Case(page, rule, request | {"policies": given}, expected))


def verdict(holds: bool) -> str:
    return ALLOW if holds else NO


FULL = doc(st(action="*"))

# --- reference_policies_elements_action ------------------------------------------------------------------------------
for pattern, action, holds in (
    ("s3:GetObject", "s3:GetObject", True), ("s3:getobject", "s3:GetObject", True),
    ("S3:GetObject", "s3:GetObject", True),
    ("s3:GetObject", "S3:GETOBJECT", True), ("s3:GetObject", "s3:GetObjectAcl", False),
    ("s3:Get*", "s3:GetObjectAcl", True),
    ("s3:*Object", "s3:GetObject", True), ("s3:*Object", "s3:GetObjectAcl", False), ("s3:*", "s3:PutObject", True),
    ("s3:*", "s3express:CreateSession", False), ("*", "iam:CreateUser", True), ("*:*", "iam:CreateUser", True),
    ("s3:Get?bject", "s3:GetObject", True), ("s3:Get?Object", "s3:GetObject", False),
    ("s3:GetObject?", "s3:GetObject", False),
    ("s3:G*t*", "s3:GetObject", True), ("iam:*AccessKey*", "iam:CreateAccessKey", True),
    ("iam:*AccessKey*", "iam:ListAccessKeys", True), ("iam:*AccessKey*", "iam:CreateUser", False),
    ("s3:GetObject*", "s3:GetObject", True), ("s3:??tObject", "s3:PutObject", True),
    ("ec2:Describe*", "ec2:DescribeInstances", True),
):  # fmt: skip
    case(
        "reference_policies_elements_action",
        f"{pattern} and {action}",
        verdict(holds),
        action=action,
        identity=[doc(st(action=pattern))],
    )
case("reference_policies_elements_action", "any of a list", ALLOW, identity=[doc(st(action=["iam:*", "s3:Get*"]))])
case("reference_policies_elements_action", "none of a list", NO, identity=[doc(st(action=["iam:*", "s3:Put*"]))])
for listed, action, holds in (
    ("iam:*", "s3:GetObject", True), ("s3:*", "s3:GetObject", False), (["iam:*", "s3:Put*"], "s3:GetObject", True),
    (["iam:*", "s3:Get*"], "s3:GetObject", False), ("S3:GETOBJECT", "s3:GetObject", False),
    ("*", "s3:GetObject", False),
):  # fmt: skip
    case(
        "reference_policies_elements_notaction",
        f"Allow all but {listed}",
        verdict(holds),
        action=action,
        identity=[doc(st(NotAction=listed))],
    )
    case("reference_policies_elements_notaction", f"Deny all but {listed}", DENY if holds else ALLOW, action=action,
         identity=[FULL, doc(st("Deny", NotAction=listed))])  # fmt: skip

# --- reference_policies_elements_resource ----------------------------------------------------------------------------
for pattern, resource, holds in (
    ("*", OBJECT, True), (OBJECT, OBJECT, True), ("arn:aws:s3:::payroll/*", OBJECT, True),
    ("arn:aws:s3:::payroll", OBJECT, False),
    ("arn:aws:s3:::Payroll/*", OBJECT, False), ("arn:aws:s3:::pay*/x.csv", OBJECT, True),
    ("arn:aws:s3:::payroll/*/x.csv", OBJECT, True),
    ("arn:aws:s3:::payroll/*.txt", OBJECT, False), ("arn:aws:s3:::payroll/march/?.csv", OBJECT, True),
    ("arn:aws:s3:::payroll/march/??.csv", OBJECT, False), ("arn:aws:s3:::*", OBJECT, True),
    ("arn:aws:s3:*", OBJECT, True),
    ("arn:aws:*", OBJECT, True), ("arn:*:x.csv", OBJECT, False),
    ("arn:aws:sqs:*:*:jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", True),
    ("arn:aws:sqs:eu-*:*:jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", True),
    ("arn:aws:sqs:*-1:*:jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", True),
    ("arn:aws:s*-1:111122223333:jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", False),
    ("arn:aws:s*:jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", True),
    ("arn:aws:sqs*jobs", f"arn:aws:sqs:eu-west-1:{ME}:jobs", False),
    ("arn:aws:sqs:eu-west-?:*", f"arn:aws:sqs:eu-west-1:{ME}:jobs", True),
    ("arn:aws:sqs?eu-west-1:*", f"arn:aws:sqs:eu-west-1:{ME}:jobs", False),
    ("arn:aws:sns:*:*:*", f"arn:aws:sqs:eu-west-1:{ME}:jobs", False),
    ("arn:aws:logs:*:*:log-group:/a/*:x", f"arn:aws:logs:eu-west-1:{ME}:log-group:/a/b:c:x", True),
    ("arn:aws:logs:eu-west-1:111122223333:log-group:*x", f"arn:aws:logs:eu-west-1:{ME}:log-group:/a:b:x", True),
    ("arn:aws:s3:::payroll/a[b]*", "arn:aws:s3:::payroll/a[b]c", True),
    ("arn:aws:s3:::payroll/a.b", "arn:aws:s3:::payroll/axb", False),
):  # fmt: skip
    case("reference_policies_elements_resource", f"{pattern} and {resource}", verdict(holds), resource_arn=resource,
         action="sqs:SendMessage", identity=[doc(st(action="*", resource=pattern))])  # fmt: skip
    case("reference_policies_elements_notresource", f"all but {pattern} and {resource}", verdict(not holds),
         resource_arn=resource,
         action="sqs:SendMessage", identity=[doc(st(action="*", NotResource=pattern))])  # fmt: skip
    case("reference_policies_elements_resource", f"a deny of {pattern} and {resource}", DENY if holds else ALLOW,
         resource_arn=resource,
         action="sqs:SendMessage", identity=[FULL, doc(st("Deny", action="*", resource=pattern))])  # fmt: skip

# --- reference_policies_elements_condition_operators -----------------------------------------------------------------
OPERATORS: tuple[tuple[str, Any, Any, bool], ...] = (
    ("StringEquals", "a", "a", True), ("StringEquals", "a", "A", False), ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True), ("StringEquals", "", "", True),
    ("StringNotEquals", "a", "b", True), ("StringNotEquals", "a", "a", False),
    ("StringNotEquals", ["a", "b"], "b", False), ("StringNotEquals", "a", "A", True),
    ("StringEqualsIgnoreCase", "a", "A", True), ("StringEqualsIgnoreCase", "a", "b", False),
    ("StringNotEqualsIgnoreCase", "a", "A", False),
    ("StringNotEqualsIgnoreCase", "a", "b", True), ("StringLike", "a*", "abc", True),
    ("StringLike", "a?", "abc", False), ("StringLike", "A*", "abc", False),
    ("StringLike", ["x*", "*c"], "abc", True), ("StringLike", "*", "", True), ("StringLike", "a*b*c", "a1b2c", True),
    ("StringNotLike", "a*", "abc", False),
    ("StringNotLike", "x*", "abc", True), ("StringNotLike", ["x*", "a*"], "abc", False),
    ("NumericEquals", "10", "10", True), ("NumericEquals", "10", "10.0", True), ("NumericEquals", 12, 12, True),
    ("NumericEquals", "10", "ten", False),
    ("NumericNotEquals", "10", "11", True), ("NumericNotEquals", "10", "10", False),
    ("NumericLessThan", "10", "9", True), ("NumericLessThan", "10", "10", False),
    ("NumericLessThan", "10", "-1", True), ("NumericLessThan", "9", "10", False),
    ("NumericLessThanEquals", "10", "10", True), ("NumericLessThanEquals", "10", "11", False),
    ("NumericGreaterThan", "10", "11", True), ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericGreaterThanEquals", "10", "9", False), ("NumericLessThan", ["1", "100"], "50", True),
    ("DateEquals", "2026-03-31T00:00:00Z", "2026-03-31", True),
    ("DateEquals", "2026-03-31T02:00:00+02:00", "2026-03-31T00:00:00Z", True),
    ("DateNotEquals", "2026-03-31", "2026-04-01", True), ("DateNotEquals", "2026-03-31", "2026-03-31", False),
    ("DateLessThan", "2026-03-31", "2026-03-30", True),
    ("DateLessThan", "2026-03-31", "2026-03-31", False), ("DateLessThanEquals", "2026-03-31", "2026-03-31", True),
    ("DateGreaterThan", "2026-03-31", "2026-03-31T00:00:01Z", True),
    ("DateGreaterThan", "2026-03-31", "2026-03-31", False), ("DateGreaterThanEquals", "2026-03-31", "2026-03-31", True),
    ("DateEquals", "1774915200", "2026-03-31T00:00:00Z", True),
    ("DateGreaterThan", "2026-01-01", "1774915200", True), ("DateLessThan", "2026-01-01", "never", False),
    ("Bool", "true", "true", True), ("Bool", "true", "false", False), ("Bool", "true", "TRUE", True),
    ("Bool", True, True, True), ("Bool", "false", "false", True),
    ("Bool", "true", "yes", False), ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True), ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
    ("IpAddress", "203.0.113.9", "203.0.113.9", True),
    ("IpAddress", "203.0.113.9/24", "203.0.113.77", True), ("IpAddress", "2001:db8::/32", "2001:db8:1::1", True),
    ("IpAddress", "2001:db8::/32", "2001:db9::1", False),
    ("IpAddress", "2001:DB8:0:0::/64", "2001:db8::1", True), ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "192.0.2.1", True),
    ("IpAddress", "203.0.113.0/24", "nowhere", False), ("NotIpAddress", "203.0.113.0/24", "203.0.114.9", True),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
    ("ArnEquals", "arn:aws:s3:::b", "arn:aws:s3:::b", True), ("ArnEquals", "arn:aws:s3:::*", "arn:aws:s3:::b", True),
    ("ArnLike", "arn:aws:sns:*:*:t", "arn:aws:sns:r:1:t", True),
    ("ArnLike", "arn:aws:sns:*:t", "arn:aws:sns:r:1:t", False),
    ("ArnLike", "arn:aws:s*s:*:*:t", "arn:aws:sns:r:1:t", True),
    ("ArnLike", "arn:aws:sns:*:1:*", "arn:aws:sns:r:1:t:u", True),
    ("ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::c", True),
    ("ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::b", False),
    ("ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::b", False),
    ("ArnNotLike", "arn:aws:s3:::x*", "arn:aws:s3:::b", True), ("Null", "false", "v", True),
    ("Null", "true", "v", False),
)  # fmt: skip
PAGE = "reference_policies_elements_condition_operators"
for operator, wanted, given_value, holds in OPERATORS:
    for effect in ("Allow", "Deny"):
        expected = verdict(holds) if effect == "Allow" else (DENY if holds else ALLOW)
        documents = [doc(st(effect, Condition={operator: {"ex:Key": wanted}}))] + ([FULL] if effect == "Deny" else [])
        case(
            PAGE,
            f"{effect} if {operator} {wanted} with {given_value}",
            expected,
            context={"ex:key": given_value},
            identity=documents,
        )
MISSING: tuple[tuple[str, bool], ...] = (
    ("StringEquals", False), ("StringNotEquals", True), ("StringLike", False), ("StringNotLike", True),
    ("NumericLessThan", False), ("NumericNotEquals", True),
    ("DateGreaterThan", False), ("DateNotEquals", True), ("Bool", False), ("BinaryEquals", False), ("IpAddress", False),
    ("NotIpAddress", True), ("ArnLike", False),
    ("ArnNotLike", True), ("StringEqualsIgnoreCase", False), ("StringNotEqualsIgnoreCase", True), ("ArnEquals", False),
    ("ArnNotEquals", True),
)  # fmt: skip
for operator, holds in MISSING:
    case(
        PAGE, f"{operator} of an absent key", verdict(holds), identity=[doc(st(Condition={operator: {"ex:Key": "1"}}))]
    )
    case(
        PAGE,
        f"{operator}IfExists of an absent key",
        ALLOW,
        identity=[doc(st(Condition={f"{operator}IfExists": {"ex:Key": "1"}}))],
    )
    case(
        PAGE,
        f"ForAnyValue:{operator} of an absent key",
        NO,
        identity=[doc(st(Condition={f"ForAnyValue:{operator}": {"ex:Key": "1"}}))],
    )
    case(
        PAGE,
        f"ForAllValues:{operator} of an absent key",
        ALLOW,
        identity=[doc(st(Condition={f"ForAllValues:{operator}": {"ex:Key": "1"}}))],
    )
case(PAGE, "Null true of an absent key", ALLOW, identity=[doc(st(Condition={"Null": {"ex:Key": "true"}}))])
case(PAGE, "Null false of an absent key", NO, identity=[doc(st(Condition={"Null": {"ex:Key": "false"}}))])
case(
    PAGE,
    "IfExists of a key that is there",
    NO,
    context={"ex:Key": "b"},
    identity=[doc(st(Condition={"StringEqualsIfExists": {"ex:Key": "a"}}))],
)
case(
    PAGE,
    "key names ignore case",
    ALLOW,
    context={"EX:KEY": "a"},
    identity=[doc(st(Condition={"StringEquals": {"ex:kEY": "a"}}))],
)
case(
    PAGE,
    "all operators must hold",
    NO,
    context={"ex:a": "1"},
    identity=[doc(st(Condition={"StringEquals": {"ex:a": "1"}, "Bool": {"ex:b": "true"}}))],
)
case(
    PAGE,
    "all keys must hold",
    NO,
    context={"ex:a": "1", "ex:b": "2"},
    identity=[doc(st(Condition={"StringEquals": {"ex:a": "1", "ex:b": "1"}}))],
)
case(
    PAGE,
    "all operators hold",
    ALLOW,
    context={"ex:a": "1", "ex:b": "true"},
    identity=[doc(st(Condition={"StringEquals": {"ex:a": "1"}, "Bool": {"ex:b": "true"}}))],
)

# --- reference_policies_condition-single-vs-multi-valued-context-keys ------------------------------------------------
PAGE = "reference_policies_condition-single-vs-multi-valued-context-keys"
for operator, wanted, values, holds in (
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True), ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
    ("ForAllValues:StringEquals", ["a"], [], True), ("ForAnyValue:StringEquals", ["a"], ["a", "b"], True),
    ("ForAnyValue:StringEquals", ["c"], ["a", "b"], False),
    ("ForAnyValue:StringEquals", ["a"], [], False), ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
    ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True), ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
    ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
    ("ForAllValues:StringLike", ["a*"], ["ab", "bc"], False), ("ForAnyValue:StringLike", ["a*"], ["bc", "ab"], True),
    ("ForAnyValue:StringNotLike", ["a*"], ["ab"], False),
    ("ForAllValues:NumericLessThan", ["10"], ["1", "2"], True),
    ("ForAllValues:NumericLessThan", ["10"], ["1", "20"], False),
    ("ForAnyValue:IpAddress", ["10.0.0.0/8"], ["192.0.2.1", "10.1.1.1"], True),
    ("ForAllValues:ArnLike", ["arn:aws:s3:::a*"], ["arn:aws:s3:::ab"], True),
    ("ForAllValues:StringEqualsIgnoreCase", ["A"], ["a"], True),
    ("ForAnyValue:Bool", ["true"], ["false", "true"], True),
    ("StringEquals", ["a"], ["a"], True), ("StringNotEquals", ["a"], ["a"], False),
    ("StringNotEquals", ["a"], ["b"], True), ("forallvalues:stringequals", ["a"], ["a"], True),
):  # fmt: skip
    case(
        PAGE,
        f"{operator} {wanted} with {values}",
        verdict(holds),
        context={"ex:Keys": values},
        identity=[doc(st(Condition={operator: {"ex:Keys": wanted}}))],
    )

# --- reference_policies_variables ------------------------------------------------------------------------------------
PAGE = "reference_policies_variables"
for pattern, resource, context, holds in (
    ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ada/x", {}, True),
    ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/x", {}, False),
    ("arn:aws:s3:::b/${AWS:UserName}/*", "arn:aws:s3:::b/ada/x", {}, True),
    ("arn:aws:s3:::b/${ex:none}/*", "arn:aws:s3:::b//x", {}, False),
    ("arn:aws:s3:::b/${ex:none, 'all'}/*", "arn:aws:s3:::b/all/x", {}, True),
    ("arn:aws:s3:::b/${ex:t, 'all'}/*", "arn:aws:s3:::b/red/x", {"ex:t": "red"}, True),
    ("arn:aws:s3:::b/${ex:t, 'all'}/*", "arn:aws:s3:::b/all/x", {"ex:t": "red"}, False),
    ("arn:aws:s3:::b/${ex:t}", "arn:aws:s3:::b/x", {"ex:t": "*"}, False),
    ("arn:aws:s3:::b/${ex:t}", "arn:aws:s3:::b/*", {"ex:t": "*"}, True),
    ("arn:aws:s3:::b/a${*}", "arn:aws:s3:::b/a*", {}, True), ("arn:aws:s3:::b/a${*}", "arn:aws:s3:::b/ab", {}, False),
    ("arn:aws:s3:::b/a${?}", "arn:aws:s3:::b/a?", {}, True), ("arn:aws:s3:::b/a${?}", "arn:aws:s3:::b/ab", {}, False),
    ("arn:aws:s3:::b/a${$}", "arn:aws:s3:::b/a$", {}, True),
    ("arn:aws:s3:::b/${ex:t}", "arn:aws:s3:::b/x", {"ex:t": ["x", "y"]}, False),
    ("arn:aws:s3:::${aws:PrincipalAccount}-logs/*", "arn:aws:s3:::111122223333-logs/x", {}, True),
    ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:::b/red/x", {"aws:PrincipalTag/team": "red"}, True),
    ("arn:aws:s3:::b/${aws:PrincipalTag/Team}/*", "arn:aws:s3:::b/red/x", {"aws:PrincipalTag/team": "red"}, True),
):  # fmt: skip
    case(
        PAGE,
        f"{pattern} and {resource} with {context}",
        verdict(holds),
        resource_arn=resource,
        context=context,
        identity=[doc(st(resource=pattern))],
    )
case(
    PAGE,
    "literal before 2012-10-17",
    NO,
    resource_arn="arn:aws:s3:::b/ada/x",
    identity=[doc(st(resource="arn:aws:s3:::b/${aws:username}/*"), version="2008-10-17")],
)
case(
    PAGE,
    "literal before 2012-10-17, as written",
    ALLOW,
    resource_arn="arn:aws:s3:::b/${aws:username}/x",
    identity=[doc(st(resource="arn:aws:s3:::b/${aws:username}/*"), version="2008-10-17")],
)
case(
    PAGE,
    "no Version is 2008-10-17",
    NO,
    resource_arn="arn:aws:s3:::b/ada/x",
    identity=[{"Statement": st(resource="arn:aws:s3:::b/${aws:username}/*")}],
)
case(
    PAGE,
    "in a condition",
    ALLOW,
    context={"aws:PrincipalTag/team": "red", "aws:ResourceTag/team": "red"},
    identity=[doc(st(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}))],
)
case(
    PAGE,
    "in a condition that differs",
    NO,
    context={"aws:PrincipalTag/team": "red", "aws:ResourceTag/team": "blue"},
    identity=[doc(st(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}))],
)
case(
    PAGE,
    "in a condition, absent",
    ALLOW,
    context={"ex:a": "x"},
    identity=[doc(st(Condition={"StringNotEquals": {"ex:a": "${ex:none}"}}))],
)
case(
    PAGE,
    "in ArnLike",
    ALLOW,
    context={"ex:arn": "arn:aws:iam::1:user/ada"},
    identity=[doc(st(Condition={"ArnLike": {"ex:arn": "arn:aws:iam::*:user/${aws:username}"}}))],
)
case(
    PAGE,
    "not in numbers",
    NO,
    context={"ex:n": "5", "ex:m": "5"},
    identity=[doc(st(Condition={"NumericEquals": {"ex:n": "${ex:m}"}}))],
)
case(
    PAGE,
    "a role has no aws:username",
    NO,
    principal=SESSION,
    resource_arn="arn:aws:s3:::b/reader/x",
    identity=[doc(st(resource="arn:aws:s3:::b/${aws:username}/*"))],
)

# --- reference_policies_evaluation-logic -----------------------------------------------------------------------------
PAGE = "reference_policies_evaluation-logic"
NONE = doc(st(action="iam:None"))
BAN = doc(st("Deny"))
case(PAGE, "default deny", NO)
case(PAGE, "default deny with other policies", NO, identity=[NONE])
for layer in ("identity", "permissions_boundary", "session"):
    case(PAGE, f"an explicit deny in {layer} wins", DENY, **({"identity": [FULL]} | {layer: [FULL, BAN]}))
for layer in ("scp", "rcp"):
    case(PAGE, f"an explicit deny in {layer} wins", DENY, identity=[FULL], **{layer: [[FULL], [FULL, BAN]]})
    case(PAGE, f"each level of {layer} must allow", NO, identity=[FULL], **{layer: [[FULL], [NONE], [FULL]]})
    case(PAGE, f"an empty level of {layer} allows nothing", NO, identity=[FULL], **{layer: [[FULL], []]})
    case(PAGE, f"all levels of {layer} allow", ALLOW, identity=[FULL], **{layer: [[FULL], [NONE, FULL], [FULL]]})
    case(PAGE, f"{layer} never grants", NO, **{layer: [[FULL]]})
    case(PAGE, f"{layer} spares service-linked roles", ALLOW, principal=LINKED, identity=[FULL], **{layer: [[]]})
    case(
        PAGE,
        f"a deny of {layer} spares service-linked roles",
        ALLOW,
        principal=LINKED,
        identity=[FULL],
        **{layer: [[FULL, BAN]]},
    )
case(PAGE, "an SCP limits the root user", NO, principal=ROOT, scp=[[NONE]])
case(PAGE, "an SCP denies the root user", DENY, principal=ROOT, scp=[[FULL, BAN]])
case(PAGE, "an SCP has no say over anybody", ALLOW, principal="*", resource=doc(st(Principal="*")), scp=[[FULL]])
case(PAGE, "an RCP reaches anybody", NO, principal="*", resource=doc(st(Principal="*")), rcp=[[NONE]])
case(
    PAGE,
    "an RCP reaches other accounts",
    DENY,
    principal=EVE,
    identity=[FULL],
    resource=doc(st(Principal="*")),
    rcp=[[FULL, BAN]],
)
case(
    PAGE,
    "an RCP reaches services",
    DENY,
    principal="lambda.amazonaws.com",
    resource=doc(st(Principal={"Service": "lambda.amazonaws.com"})),
    rcp=[[FULL, BAN]],
)
for action, reached in (
    ("s3:GetObject", True),
    ("sqs:SendMessage", True),
    ("kms:Decrypt", True),
    ("secretsmanager:GetSecretValue", True),
    ("ec2:RunInstances", False),
    ("iam:CreateUser", False),
    ("lambda:InvokeFunction", False),
):
    case(
        "orgs_manage_policies_rcps (Organizations)",
        f"RCPs and {action}",
        NO if reached else ALLOW,
        action=action,
        resource_arn="*",
        identity=[FULL],
        rcp=[[]],
    )
case(
    "orgs_manage_policies_rcps (Organizations)",
    "RCPs and kms:RetireGrant",
    ALLOW,
    action="kms:RetireGrant",
    resource_arn=KEY,
    identity=[FULL],
    resource=doc(st(action="kms:*", Principal={"AWS": ADA})),
    rcp=[[]],
)
case(PAGE, "the root user may all", ALLOW, principal=ROOT)
case(PAGE, "a resource policy denies the root user", DENY, principal=ROOT, resource=doc(st("Deny", Principal="*")))
case(PAGE, "session policies limit", NO, principal=SESSION, identity=[FULL], session=[NONE])
case(PAGE, "session policies do not grant", NO, principal=SESSION, identity=[NONE], session=[FULL])
case(PAGE, "session and identity policies agree", ALLOW, principal=SESSION, identity=[FULL], session=[FULL])
case("access_policies_boundaries", "a boundary limits", NO, identity=[FULL], permissions_boundary=[NONE])
case("access_policies_boundaries", "a boundary does not grant", NO, permissions_boundary=[FULL])
case("access_policies_boundaries", "boundary and identity agree", ALLOW, identity=[FULL], permissions_boundary=[FULL])
case(
    "access_policies_boundaries",
    "all three agree",
    ALLOW,
    principal=SESSION,
    identity=[FULL],
    permissions_boundary=[FULL],
    session=[FULL],
)
case(
    "access_policies_boundaries",
    "a boundary limits what session and identity allow",
    NO,
    principal=SESSION,
    identity=[FULL],
    permissions_boundary=[NONE],
    session=[FULL],
)
for name, principal, policy_principal, no_boundary, no_session in (
    ("the user", ADA, {"AWS": ADA}, ALLOW, None), ("the role", SESSION, {"AWS": READER}, NO, NO),
    ("the session", SESSION, {"AWS": SESSION}, ALLOW, ALLOW),
    ("everyone", ADA, "*", ALLOW, None), ("everyone, a session", SESSION, "*", ALLOW, ALLOW),
    ("everyone in AWS", SESSION, {"AWS": "*"}, ALLOW, ALLOW),
):  # fmt: skip
    grant = doc(st(Principal=policy_principal))
    case("access_policies_boundaries", f"a resource policy names {name}", ALLOW, principal=principal, resource=grant)
    case(
        "access_policies_boundaries",
        f"a resource policy names {name}, a boundary does not allow",
        no_boundary,
        principal=principal,
        permissions_boundary=[NONE],
        resource=grant,
    )
    case(
        "access_policies_boundaries",
        f"a resource policy names {name}, an identity policy denies",
        DENY,
        principal=principal,
        identity=[BAN],
        resource=grant,
    )
    if no_session:
        case(
            "access_policies_boundaries",
            f"a resource policy names {name}, a session policy does not allow",
            no_session,
            principal=principal,
            session=[NONE],
            resource=grant,
        )

# --- reference_policies_elements_principal ---------------------------------------------------------------------------
PAGE = "reference_policies_elements_principal"
for principal, element, expected in (
    (ADA, {"AWS": ADA}, ALLOW), (ADA, {"AWS": [EVE, ADA]}, ALLOW), (ADA, {"AWS": EVE}, NO), (ADA, {"AWS": ME}, NO),
    (ADA, {"AWS": ROOT}, NO),
    (ROOT, {"AWS": ME}, ALLOW), (SESSION, {"AWS": READER}, ALLOW),
    (SESSION, {"AWS": f"arn:aws:iam::{ME}:role/reader"}, ALLOW),
    (SESSION, {"AWS": f"arn:aws:iam::{ME}:role/path/writer"}, NO),
    (READER, {"AWS": READER}, ALLOW), (SESSION, {"AWS": f"arn:aws:sts::{ME}:assumed-role/reader/other"}, NO),
    (ADA, {"AWS": "*"}, ALLOW), (ADA, "*", ALLOW), ("*", "*", ALLOW), ("*", {"AWS": "*"}, ALLOW),
    ("*", {"AWS": ME}, NO),
    ("lambda.amazonaws.com", {"Service": "lambda.amazonaws.com"}, ALLOW),
    ("lambda.amazonaws.com", {"Service": "ec2.amazonaws.com"}, NO),
    ("lambda.amazonaws.com", {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, ALLOW),
    (ADA, {"Service": "lambda.amazonaws.com"}, NO), ("lambda.amazonaws.com", {"AWS": ME}, NO),
    (f"arn:aws:sts::{ME}:federated-user/kim", {"AWS": f"arn:aws:sts::{ME}:federated-user/kim"}, ALLOW),
    (ADA, {"Federated": "cognito-identity.amazonaws.com"}, NO), (ADA, {"CanonicalUser": "79a59d"}, NO),
    (ADA, {"AWS": f"arn:aws:iam::{ME}:user/ADA"}, NO), (ADA, {"AWS": "AIDADELETED"}, NO),
):  # fmt: skip
    case(PAGE, f"{element} and {principal}", expected, principal=principal, resource=doc(st(Principal=element)))
    deny_expected = (
        DENY
        if expected == ALLOW or (element in ({"AWS": ME}, {"AWS": ROOT}) and principal == ADA)
        else (ALLOW if principal == ROOT else NO)
    )
    case(
        PAGE,
        f"a deny of {element} and {principal}",
        deny_expected,
        principal=principal,
        resource=doc(st("Deny", Principal=element)),
    )
case(PAGE, "a unique id", ALLOW, context={"aws:userid": "AIDAADA"}, resource=doc(st(Principal={"AWS": "AIDAADA"})))
case(
    PAGE,
    "a role's unique id",
    ALLOW,
    principal=SESSION,
    context={"aws:userid": "AROAREADER:nightly"},
    resource=doc(st(Principal={"AWS": "AROAREADER"})),
)
PAGE = "reference_policies_elements_notprincipal"
for principal, listed, expected in (
    (ADA, [ADA, ROOT], ALLOW), (ADA, [ADA], DENY), (ADA, [ROOT], DENY), (SESSION, [SESSION, READER, ME], ALLOW),
    (SESSION, [READER, ME], DENY), (SESSION, [SESSION, ME], DENY),
    (READER, [READER, ROOT], ALLOW), (ROOT, [ROOT], ALLOW), (ROOT, [ADA], DENY), (EVE, [ADA, ROOT], DENY),
):  # fmt: skip
    case(
        PAGE,
        f"deny all but {listed} and {principal}",
        expected,
        principal=principal,
        identity=[FULL],
        resource=doc(st(Principal="*"), st("Deny", NotPrincipal={"AWS": listed})),
    )

# --- reference_policies_evaluation-logic-cross-account ---------------------------------------------------------------
PAGE = "reference_policies_evaluation-logic-cross-account"
for named in (EVE, OTHER, f"arn:aws:iam::{OTHER}:root", "*"):
    grant = doc(st(Principal={"AWS": named}))
    case(PAGE, f"both sides allow, naming {named}", ALLOW, principal=EVE, identity=[FULL], resource=grant)
    case(PAGE, f"only the resource allows, naming {named}", NO, principal=EVE, resource=grant)
    case(
        PAGE,
        f"the caller's boundary limits, naming {named}",
        NO,
        principal=EVE,
        identity=[FULL],
        permissions_boundary=[NONE],
        resource=grant,
    )
    case(
        PAGE,
        f"the caller's SCP limits, naming {named}",
        NO,
        principal=EVE,
        identity=[FULL],
        scp=[[NONE]],
        resource=grant,
    )
case(PAGE, "only the identity allows", NO, principal=EVE, identity=[FULL])
case(PAGE, "the resource names another", NO, principal=EVE, identity=[FULL], resource=doc(st(Principal={"AWS": ADA})))
case(
    PAGE,
    "the resource denies",
    DENY,
    principal=EVE,
    identity=[FULL],
    resource=doc(st(Principal="*"), st("Deny", Principal={"AWS": OTHER})),
)
case(PAGE, "the root of another account needs the resource's leave", NO, principal=f"arn:aws:iam::{OTHER}:root")
case(
    PAGE,
    "the root of another account",
    ALLOW,
    principal=f"arn:aws:iam::{OTHER}:root",
    resource=doc(st(Principal={"AWS": OTHER})),
)
case(PAGE, "nobody knows whose it is", "conditional", identity=[FULL], owner="")
case(PAGE, "nobody knows whose it is, both allow", ALLOW, identity=[FULL], resource=doc(st(Principal="*")), owner="")
case(PAGE, "nobody knows whose it is, nobody allows", NO, owner="")

# --- KMS: key policies and grants ------------------------------------------------------------------------------------
PAGE = "key-policies (KMS)"
ENABLE = doc(st(action="kms:*", Principal={"AWS": ROOT}))
DECRYPT = {"action": "kms:Decrypt", "resource_arn": KEY}
case(PAGE, "identity policies alone do not grant", NO, identity=[FULL], **DECRYPT)
case(PAGE, "the key policy lets the account decide", ALLOW, identity=[FULL], resource=ENABLE, **DECRYPT)
case(PAGE, "the key policy lets the account decide, which does not", NO, resource=ENABLE, **DECRYPT)
case(PAGE, "the key policy names the user", ALLOW, resource=doc(st(action="kms:*", Principal={"AWS": ADA})), **DECRYPT)
case(
    PAGE,
    "the key policy names another",
    NO,
    identity=[FULL],
    resource=doc(st(action="kms:*", Principal={"AWS": READER})),
    **DECRYPT,
)
case(
    PAGE,
    "the key policy does not let the root",
    NO,
    principal=ROOT,
    resource=doc(st(action="kms:*", Principal={"AWS": ADA})),
    **DECRYPT,
)
case(PAGE, "the key policy lets the root", ALLOW, principal=ROOT, resource=ENABLE, **DECRYPT)
case(
    PAGE,
    "another account, both allow",
    ALLOW,
    principal=EVE,
    identity=[FULL],
    resource=doc(st(action="kms:*", Principal={"AWS": OTHER})),
    **DECRYPT,
)
case(
    PAGE,
    "another account, the key only",
    NO,
    principal=EVE,
    resource=doc(st(action="kms:*", Principal={"AWS": OTHER})),
    **DECRYPT,
)
case(PAGE, "what concerns no key needs no key policy", ALLOW, action="kms:ListKeys", resource_arn="*", identity=[FULL])

# --- roles: id_roles_manage-assume -----------------------------------------------------------------------------------
PAGE = "id_roles_manage-assume"
ASSUME = {"action": "sts:AssumeRole", "resource_arn": READER}


def trust(principal: Any, effect: str = "Allow", action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return doc(st(effect, action, None, Principal=principal, **more))


case(PAGE, "identity policies alone do not grant", NO, identity=[FULL], **ASSUME)
case(PAGE, "trust in the user", ALLOW, resource=trust({"AWS": ADA}), **ASSUME)
case(PAGE, "trust in the account, identity allows", ALLOW, identity=[FULL], resource=trust({"AWS": ME}), **ASSUME)
case(PAGE, "trust in the account, identity does not allow", NO, resource=trust({"AWS": ME}), **ASSUME)
case(PAGE, "trust in another", NO, identity=[FULL], resource=trust({"AWS": EVE}), **ASSUME)
case(
    PAGE,
    "trust in another account, both",
    ALLOW,
    principal=EVE,
    identity=[FULL],
    resource=trust({"AWS": OTHER}),
    **ASSUME,
)
case(PAGE, "trust in another account, only trust", NO, principal=EVE, resource=trust({"AWS": EVE}), **ASSUME)
case(
    PAGE, "a service", ALLOW, principal="ec2.amazonaws.com", resource=trust({"Service": "ec2.amazonaws.com"}), **ASSUME
)
case(
    PAGE,
    "the external id",
    ALLOW,
    principal=EVE,
    identity=[FULL],
    context={"sts:ExternalId": "42"},
    resource=trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "42"}}),
    **ASSUME,
)
case(
    PAGE,
    "no external id",
    NO,
    principal=EVE,
    identity=[FULL],
    resource=trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "42"}}),
    **ASSUME,
)
case(
    PAGE,
    "the source identity",
    ALLOW,
    context={"sts:SourceIdentity": "ada"},
    resource=trust({"AWS": ADA}, Condition={"StringEquals": {"sts:SourceIdentity": "${aws:username}"}}),
    **ASSUME,
)
case(
    PAGE,
    "another source identity",
    NO,
    context={"sts:SourceIdentity": "eve"},
    resource=trust({"AWS": ADA}, Condition={"StringEquals": {"sts:SourceIdentity": "${aws:username}"}}),
    **ASSUME,
)
case(
    PAGE,
    "MFA",
    NO,
    context={"aws:MultiFactorAuthPresent": "false"},
    resource=trust({"AWS": ADA}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    **ASSUME,
)
case(
    PAGE,
    "session tags",
    ALLOW,
    action="sts:TagSession",
    resource_arn=READER,
    context={"aws:RequestTag/team": "red"},
    resource=trust(
        {"AWS": ADA}, action="sts:TagSession", Condition={"StringEquals": {"aws:RequestTag/team": ["red", "blue"]}}
    ),
)
case(
    PAGE,
    "session tags that are not let",
    NO,
    action="sts:TagSession",
    resource_arn=READER,
    context={"aws:RequestTag/team": "green"},
    resource=trust(
        {"AWS": ADA}, action="sts:TagSession", Condition={"StringEquals": {"aws:RequestTag/team": ["red", "blue"]}}
    ),
)
case(
    PAGE,
    "transitive tags",
    NO,
    action="sts:TagSession",
    resource_arn=READER,
    context={"sts:TransitiveTagKeys": ["team", "cost"]},
    resource=trust(
        {"AWS": ADA},
        action="sts:TagSession",
        Condition={"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}},
    ),
)
OIDC = f"arn:aws:iam::{ME}:oidc-provider/token.example.com"
WEB = {"action": "sts:AssumeRoleWithWebIdentity", "resource_arn": READER, "principal": OIDC}
case(PAGE, "a web identity", ALLOW, resource=trust({"Federated": OIDC}, action="sts:AssumeRoleWithWebIdentity"), **WEB)
case(
    PAGE,
    "a web identity of another provider",
    NO,
    resource=trust({"Federated": f"{OIDC}.net"}, action="sts:AssumeRoleWithWebIdentity"),
    **WEB,
)
case(
    PAGE,
    "a web identity with its subject",
    ALLOW,
    context={"token.example.com:sub": "repo:a/b"},
    resource=trust(
        {"Federated": OIDC},
        action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringLike": {"token.example.com:sub": "repo:a/*"}},
    ),
    **WEB,
)
SAML = f"arn:aws:iam::{ME}:saml-provider/corp"
case(
    PAGE,
    "SAML",
    ALLOW,
    action="sts:AssumeRoleWithSAML",
    resource_arn=READER,
    principal=SAML,
    context={"SAML:aud": "https://signin.aws.amazon.com/saml"},
    resource=trust(
        {"Federated": SAML},
        action="sts:AssumeRoleWithSAML",
        Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    ),
)

# --- VPC endpoints and others ----------------------------------------------------------------------------------------
PAGE = "vpc-endpoints-access (VPC)"
VIA = {"context": {"aws:SourceVpce": "vpce-1"}}
case(
    PAGE,
    "an endpoint policy must allow",
    NO,
    identity=[FULL],
    vpc_endpoint=[doc(st(action="sqs:*", Principal="*"))],
    **VIA,
)
case(
    PAGE,
    "an endpoint policy allows",
    ALLOW,
    identity=[FULL],
    vpc_endpoint=[doc(st(action="s3:*", Principal="*"))],
    **VIA,
)
case(PAGE, "an endpoint policy does not grant", NO, vpc_endpoint=[doc(st(action="*", Principal="*"))], **VIA)
case(
    PAGE,
    "an endpoint policy denies",
    DENY,
    identity=[FULL],
    vpc_endpoint=[doc(st(action="*", Principal="*"), st("Deny", Principal="*"))],
    **VIA,
)
case(
    PAGE, "an endpoint policy for one user", NO, identity=[FULL], vpc_endpoint=[doc(st(Principal={"AWS": EVE}))], **VIA
)
case("API_GetCallerIdentity (STS)", "needs no permission", ALLOW, action="sts:GetCallerIdentity", resource_arn="*")
case(
    "API_GetCallerIdentity (STS)",
    "even when it is denied",
    ALLOW,
    action="sts:GetCallerIdentity",
    resource_arn="*",
    identity=[doc(st("Deny", "*"))],
)
case("API_GetSessionToken (STS)", "users need no permission", ALLOW, action="sts:GetSessionToken", resource_arn="*")
case(
    "API_GetSessionToken (STS)", "a session does", NO, action="sts:GetSessionToken", resource_arn="*", principal=SESSION
)
