"""More of the case tables: values that are not there, names that are told in part, what no customer can do."""

from __future__ import annotations

from typing import Any

from tests.support.policy.cases import (
    ADA,
    ALLOW,
    DENY,
    EVE,
    FULL,
    KEY,
    LINKED,
    ME,
    NO,
    NONE,
    OBJECT,
    OTHER,
    READER,
    ROOT,
    SESSION,
    case,
    doc,
    st,
    trust,
    verdict,
)

QUEUE = f"arn:aws:sqs:eu-west-1:{ME}:jobs"
SEND = {"action": "sqs:SendMessage", "resource_arn": QUEUE}
FEDERATED = f"arn:aws:sts::{ME}:federated-user/kim"
SAML = f"arn:aws:iam::{ME}:saml-provider/corp"
OIDC = f"arn:aws:iam::{ME}:oidc-provider/token.example.com"
LAMBDA = "lambda.amazonaws.com"

# --- reference_policies_variables: variables without a value ----------------------------------------------------------
PAGE = "reference_policies_variables#policy-vars-no-value"
ARN = "arn:aws:s3:::b"
for operator, wanted, given, holds in (
    ("StringEquals", "${ex:none}", "x", False), ("StringEquals", "${ex:none}", "", False),
    ("StringNotEquals", "${ex:none}", "x", True),
    ("StringEqualsIgnoreCase", "${ex:none}", "x", False), ("StringNotEqualsIgnoreCase", "${ex:none}", "x", True),
    ("StringLike", "${ex:none}*", "x", False), ("StringNotLike", "${ex:none}*", "x", True),
    ("StringLike", "*${ex:none}", "x", False),
    ("ArnEquals", "arn:aws:s3:::${ex:none}", ARN, False), ("ArnNotEquals", "arn:aws:s3:::${ex:none}", ARN, True),
    ("ArnLike", "arn:aws:s3:::${ex:none}*", ARN, False), ("ArnNotLike", "arn:aws:s3:::${ex:none}*", ARN, True),
    ("StringEquals", ["x", "${ex:none}"], "x", True), ("StringEquals", ["${ex:none}", "y"], "x", False),
    ("StringNotEquals", ["x", "${ex:none}"], "x", False),
    ("StringNotEquals", ["${ex:none}", "y"], "x", True), ("StringLike", ["${ex:none}", "x*"], "xy", True),
    ("ArnNotLike", ["arn:aws:s3:::${ex:none}", ARN], ARN, False),
    ("StringEqualsIfExists", "${ex:none}", "x", False), ("StringNotEqualsIfExists", "${ex:none}", "x", True),
    ("StringEqualsIfExists", "${ex:none}", None, True),
    ("StringNotEquals", "${ex:none}", None, True), ("StringEquals", "${ex:none}", None, False),
    ("ForAllValues:StringEquals", "${ex:none}", ["x"], False),
    ("ForAllValues:StringEquals", ["x", "${ex:none}"], ["x"], True),
    ("ForAllValues:StringEquals", "${ex:none}", [], True), ("ForAllValues:StringEquals", "${ex:none}", None, True),
    ("ForAllValues:StringNotEquals", "${ex:none}", ["x", "y"], True),
    ("ForAnyValue:StringEquals", "${ex:none}", ["x"], False),
    ("ForAnyValue:StringEquals", ["${ex:none}", "x"], ["x", "y"], True),
    ("ForAnyValue:StringNotEquals", "${ex:none}", ["x"], True),
    ("ForAnyValue:StringNotLike", "${ex:none}", [], False), ("StringEquals", "${ex:none, 'x'}", "x", True),
    ("StringNotEquals", "${ex:none, 'x'}", "x", False),
    ("StringEquals", "${aws:TagKeys}", "team", False), ("StringNotEquals", "${aws:TagKeys}", "team", True),
    ("StringEquals", "${aws:TagKeys, 'x'}", "x", True),
    ("StringEquals", "${ex:many}", "a", False), ("StringNotEquals", "${ex:many}", "a", True),
    ("StringEquals", "${ex:empty}", "", False),
):  # fmt: skip
    for effect in ("Allow", "Deny"):
        context: dict[str, Any] = {"aws:TagKeys": ["team"], "ex:many": ["a", "b"], "ex:empty": []}
        if given is not None:
            context["ex:key"] = given
        case(
            PAGE, f"{effect} if {operator} {wanted} with {given}",
            verdict(holds) if effect == "Allow" else DENY if holds else ALLOW,
            context=context,
            identity=[doc(st(effect, Condition={operator: {"ex:Key": wanted}})), *([FULL] if effect == "Deny" else [])],
        )  # fmt: skip
PERIMETER = {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
for named, org, expected in (("no organization", None, DENY), ("another one", "o-2", DENY), ("the same", "o-1", ALLOW)):
    context = {"aws:ResourceOrgID": "o-1"} | ({"aws:PrincipalOrgID": org} if org else {})
    ban = st("Deny", "*", Condition=PERIMETER)
    case(PAGE, f"a data perimeter, of {named}", expected, context=context, identity=[FULL, doc(ban)])
    case(PAGE, f"a perimeter in an SCP, of {named}", expected, context=context, identity=[FULL], scp=[[FULL, doc(ban)]])
    case(PAGE, f"a perimeter in an RCP, of {named}", expected, context=context, identity=[FULL],
         rcp=[[FULL, doc(ban | {"Principal": "*"})]])  # fmt: skip
    case(PAGE, f"a perimeter in a bucket's policy, of {named}", expected, context=context, identity=[FULL],
         resource=doc(ban | {"Principal": "*"}))  # fmt: skip
    case(PAGE, f"a perimeter in a boundary, of {named}", expected, context=context, identity=[FULL],
         permissions_boundary=[doc(st(action="*"), ban)])  # fmt: skip
    case(PAGE, f"a perimeter in a session policy, of {named}", expected, context=context, principal=SESSION,
         identity=[FULL], session=[FULL, doc(ban)])  # fmt: skip
for member, resource, expected in (
    ("Resource", "arn:aws:s3:::${aws:PrincipalTag/team}/*", NO),
    ("Resource", ["arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::payroll/*"], ALLOW),
    ("NotResource", "arn:aws:s3:::${aws:PrincipalTag/team}/*", ALLOW),
    ("NotResource", ["arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::payroll/*"], NO),
    ("NotResource", "arn:aws:s3:::${aws:TagKeys}/*", ALLOW),
):
    part = {member: resource, "Effect": "Allow", "Action": "*"}
    denied = DENY if expected == ALLOW else ALLOW
    context = {"aws:TagKeys": ["payroll"]}
    case(PAGE, f"Allow of {member} {resource}", expected, identity=[doc(part)], context=context)
    case(PAGE, f"Deny of {member} {resource}", denied, context=context, identity=[FULL, doc(part | {"Effect": "Deny"})])
    case(PAGE, f"SCP's Deny of {member} {resource}", denied, context=context, identity=[FULL],
         scp=[[FULL, doc(part | {"Effect": "Deny"})]])  # fmt: skip
    case(PAGE, f"a bucket's Deny of {member} {resource}", denied, context=context, identity=[FULL],
         resource=doc(part | {"Effect": "Deny", "Principal": "*"}))  # fmt: skip
    case(PAGE, f"a session's Allow of {member} {resource}", expected, context=context, principal=SESSION,
         identity=[FULL], session=[doc(part)])  # fmt: skip

# --- reference_policies_elements_condition_operators#Conditions_Null --------------------------------------------------
PAGE = "reference_policies_elements_condition_operators#Conditions_Null"
for told, values, is_null in (
    ("an empty string", "", True), ("an empty list", [], True), ("empty strings", ["", ""], True),
    ("nothing", None, True),
    ("a value", "x", False), ("an empty string and a value", ["", "x"], False),
):  # fmt: skip
    context = {} if values is None else {"ex:Keys": values}
    for wanted_null in ("true", "false"):
        case(PAGE, f"Null {wanted_null} of {told}", verdict(is_null == (wanted_null == "true")), context=context,
             identity=[doc(st(Condition={"Null": {"ex:Keys": wanted_null}}))])  # fmt: skip
    for operator in (
        "ForAllValues:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAllValues:NumericLessThanIfExists",
    ):
        if is_null:
            case(PAGE, f"{operator} of {told}", ALLOW, context=context,
                 identity=[doc(st(Condition={operator: {"ex:Keys": "7"}}))])  # fmt: skip
    for operator in ("ForAnyValue:StringLike", "ForAnyValue:StringNotEquals", "ForAnyValue:StringEqualsIfExists"):
        if is_null:
            case(PAGE, f"{operator} of {told}", NO, context=context,
                 identity=[doc(st(Condition={operator: {"ex:Keys": "*"}}))])  # fmt: skip
case(PAGE, "ForAllValues, and a value there must be", NO, context={"ex:Keys": []},
     identity=[doc(st(Condition={"ForAllValues:StringEquals": {"ex:Keys": "a"},
                                 "Null": {"ex:Keys": "false"}}))])  # fmt: skip
PAGE = "reference_policies_condition-single-vs-multi-valued-context-keys"
for operator in (
    "StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike", "StringEqualsIfExists",
    "ArnLike", "ArnNotLike", "Bool", "NumericEquals", "NumericNotEquals", "DateNotEquals", "IpAddress", "NotIpAddress",
):  # fmt: skip
    case(PAGE, f"{operator} of several values without a set operator", NO, context={"ex:Keys": ["a", "b"]},
         identity=[doc(st(Condition={operator: {"ex:Keys": ["a", "10"]}}))])  # fmt: skip

# --- reference_identifiers: ARNs that are told in part ----------------------------------------------------------------
PAGE = "reference_identifiers#identifiers-arns"
for short, holds in (
    ("arn:aws:sqs", True), ("arn:aws:sqs:eu-west-1", True), (f"arn:aws:sqs:eu-west-1:{ME}", True),
    (f"arn:aws:sqs:*:{ME}", True),
    ("arn:aws:sns", False), ("arn:aws:sqs:eu-west-2", False), (f"arn:aws:sqs:eu-west-1:{OTHER}", False),
    ("arn:aws:sq", False),
    ("arn:aws-cn:sqs", False), ("arn:aws:sqs:eu-west-?", True),
):  # fmt: skip
    case(PAGE, f"{short} in an identity policy", verdict(holds), identity=[doc(st(action="*", resource=short))], **SEND)
    case(PAGE, f"all but {short}", verdict(not holds), identity=[doc(st(action="*", NotResource=short))], **SEND)
    case(PAGE, f"a deny of {short}", DENY if holds else ALLOW,
         identity=[FULL, doc(st("Deny", "*", short))], **SEND)  # fmt: skip
    case(PAGE, f"{short} in a boundary", verdict(holds), identity=[FULL],
         permissions_boundary=[doc(st(action="*", resource=short))], **SEND)  # fmt: skip
    case(PAGE, f"{short} in a session policy", verdict(holds), identity=[FULL], principal=SESSION,
         session=[doc(st(action="*", resource=short))], **SEND)  # fmt: skip

# --- reference_policies_elements_notprincipal -------------------------------------------------------------------------
PAGE = "reference_policies_elements_notprincipal with a boundary"
for principal in (ADA, READER, SESSION):
    names = [ADA, READER, SESSION, ROOT]
    barred = doc(st("Deny", "*", NotPrincipal={"AWS": names}))
    case(
        PAGE,
        f"Deny, {principal}",
        DENY,
        principal=principal,
        identity=[FULL],
        permissions_boundary=[FULL],
        resource=barred,
    )
    # Of the role, the session that is listed is taken out, and no other.
    without: str = "conditional" if principal == READER else ALLOW
    case(PAGE, f"Deny, {principal} without one", without, principal=principal, identity=[FULL], resource=barred)
    case(PAGE, f"Deny, {principal} with an empty list of boundaries", without, principal=principal, identity=[FULL],
         permissions_boundary=[], resource=barred)  # fmt: skip
case(PAGE, "Deny of all but one session, another one", DENY, principal=f"{SESSION}2", identity=[FULL], resource=barred)
for name, outcome in (("", ALLOW), ("AROAREADER:somebody", DENY)):
    # A session is taken out only where it is listed itself, and this one is known by name.
    case(PAGE, f"Deny of all but a role, whose session is {name or 'not known'}", outcome, principal=READER,
         identity=[FULL], resource=doc(st("Deny", "*", NotPrincipal={"AWS": [READER, ROOT]})),
         context={"aws:userid": name} if name else {})  # fmt: skip
case(PAGE, "Deny of everyone but *", DENY, identity=[FULL], permissions_boundary=[FULL],
     resource=doc(st("Deny", "*", NotPrincipal="*")))  # fmt: skip
PAGE = "reference_policies_elements_notprincipal with Allow"
element: Any
for principal, element, expected in (
    (ADA, {"AWS": ADA}, NO), (ADA, {"AWS": ROOT}, NO), (ADA, {"AWS": ME}, NO), (ADA, {"AWS": EVE}, ALLOW),
    (ADA, "*", NO), (ADA, {"AWS": "*"}, NO),
    (SESSION, {"AWS": READER}, NO), (SESSION, {"AWS": SESSION}, NO), (SESSION, {"AWS": f"{SESSION}2"}, ALLOW),
    (READER, {"AWS": READER}, NO),
    (READER, {"AWS": SESSION}, "conditional"), (READER, {"AWS": [SESSION, ROOT]}, NO), ("*", {"AWS": ADA}, ALLOW),
    ("*", "*", NO),
    (LAMBDA, {"Service": LAMBDA}, NO), (LAMBDA, {"Service": "ec2.amazonaws.com"}, ALLOW),
    (FEDERATED, {"AWS": FEDERATED}, NO), (FEDERATED, {"AWS": ADA}, ALLOW),
    (ROOT, {"AWS": EVE}, ALLOW),
):  # fmt: skip
    case(PAGE, f"all but {element}, {principal}", expected, principal=principal,
         resource=doc(st(action="*", NotPrincipal=element)))  # fmt: skip

# --- guardrails on every kind of caller -------------------------------------------------------------------------------
PAGE = "orgs_manage_policies_scps (Organizations)"
OPEN = doc(st(action="*", Principal="*"))
BAN = doc(st("Deny", "*"))
for principal, bound in (
    (ADA, True), (READER, True), (SESSION, True), (ROOT, True), (FEDERATED, True), ("*", False), (LAMBDA, False),
    (SAML, False), (OIDC, False), (LINKED, False),
    (f"arn:aws:iam::{ME}:role/AWSServiceRoleForMe", True),
    (f"arn:aws:sts::{ME}:assumed-role/AWSServiceRoleForMe/x", True),
    (f"arn:aws:iam::{ME}:role/my/aws-service-role/x", True),
):  # fmt: skip
    case(
        PAGE, f"a deny and {principal}", DENY if bound else ALLOW, principal=principal, resource=OPEN, scp=[[FULL, BAN]]
    )
    case(PAGE, f"nothing allowed and {principal}", verdict(not bound), principal=principal, resource=OPEN, scp=[[NONE]])
WEB = {"resource_arn": READER, "action": "sts:AssumeRoleWithWebIdentity", "principal": OIDC}
case(PAGE, "a web identity that assumes a role", ALLOW, scp=[[BAN]],
     resource=trust({"Federated": OIDC}, action="sts:AssumeRoleWithWebIdentity"), **WEB)  # fmt: skip
PAGE = "orgs_manage_policies_rcps (Organizations)"
for principal, reached in (
    (ADA, True), (SESSION, True), (ROOT, True), (EVE, True), ("*", True), (LAMBDA, True), (FEDERATED, True),
    (LINKED, False),
    (f"arn:aws:iam::{ME}:role/AWSServiceRoleForMe", True),
):  # fmt: skip
    case(PAGE, f"a deny and {principal}", DENY if reached else ALLOW, principal=principal, identity=[FULL],
         resource=OPEN,
         rcp=[[FULL, doc(st("Deny", "*", Principal="*"))]])  # fmt: skip
for action, reached in (
    ("events:PutRule", True), ("dynamodb:GetItem", True), ("ecr-public:DescribeRepositories", True),
    ("xray:GetGroups", True), ("wafv2:GetWebACL", True),
    ("cloudtrail-data:PutAuditEvents", True), ("cloudtrail:LookupEvents", False), ("sns:Publish", False),
    ("ses:SendEmail", False), ("route53:GetChange", False),
):  # fmt: skip
    case(
        PAGE,
        f"whether {action} is under them",
        verdict(not reached),
        action=action,
        resource_arn="*",
        identity=[FULL],
        rcp=[[]],
    )
MANAGED_KEY: dict[str, Any] = {"identity": [FULL], "resource": OPEN, "rcp": [[]]}
for alias, expected in (({"kms:ResourceAliases": ["alias/aws/s3"]}, ALLOW),
                        ({"kms:RequestAlias": "alias/aws/ebs"}, ALLOW),
                       ({"kms:ResourceAliases": ["alias/aws-like"]}, NO), ({}, NO)):  # fmt: skip
    case("resource-control-policies (KMS)", f"a key with {alias}", expected, action="kms:Decrypt", resource_arn=KEY,
         context=alias, **MANAGED_KEY)  # fmt: skip

# --- what no customer can do ------------------------------------------------------------------------------------------
SSO_ROLE = f"arn:aws:iam::{ME}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
SSO = f"arn:aws:iam::{ME}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole"
ALIAS = f"arn:aws:kms:eu-west-1:{ME}:alias/aws/s3"
MINE = f"arn:aws:iam::{ME}:policy/mine"
PAGE = "what AWS alone does"
for action, resource, expected in (
    ("iam:UpdateAssumeRolePolicy", SSO_ROLE, NO), ("iam:AttachRolePolicy", SSO_ROLE, NO),
    ("iam:DetachRolePolicy", SSO_ROLE, NO), ("iam:PutRolePolicy", SSO_ROLE, NO),
    ("iam:DeleteRolePolicy", SSO_ROLE, NO), ("iam:DeleteRole", SSO_ROLE, NO), ("iam:TagRole", SSO_ROLE, NO),
    ("iam:UpdateRole", SSO_ROLE, NO),
    ("iam:PutRolePermissionsBoundary", SSO_ROLE, NO), ("IAM:updateassumerolepolicy", SSO_ROLE, NO),
    ("iam:GetRole", SSO_ROLE, ALLOW), ("iam:ListRolePolicies", SSO_ROLE, ALLOW),
    ("iam:DetachRolePolicy", LINKED, NO), ("iam:PutRolePolicy", LINKED, NO), ("iam:UpdateAssumeRolePolicy", LINKED, NO),
    ("iam:DeleteRole", LINKED, NO),
    ("iam:DeleteServiceLinkedRole", LINKED, ALLOW), ("iam:UpdateRoleDescription", LINKED, ALLOW),
    ("iam:CreateServiceLinkedRole", LINKED, ALLOW), ("iam:GetRole", LINKED, ALLOW),
    ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ME}:role/AWSReservedSSO_like", ALLOW),
    ("iam:DeleteRole", f"arn:aws:iam::{ME}:role/AWSServiceRoleForMe", ALLOW),
    ("iam:CreatePolicyVersion", MANAGED, NO), ("iam:DeletePolicy", MANAGED, NO),
    ("iam:DeletePolicyVersion", MANAGED, NO), ("iam:SetDefaultPolicyVersion", MANAGED, NO),
    ("iam:TagPolicy", MANAGED, NO), ("iam:GetPolicy", MANAGED, ALLOW), ("iam:CreatePolicyVersion", MINE, ALLOW),
    ("iam:DeletePolicy", MINE, ALLOW),
    ("kms:CreateAlias", ALIAS, NO), ("kms:UpdateAlias", ALIAS, NO), ("kms:DeleteAlias", ALIAS, NO),
    ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{ME}:alias/aws-like", ALLOW),
):  # fmt: skip
    for principal in (ADA, ROOT, SESSION):
        case(PAGE, f"{action} of {resource} by {principal}", expected, principal=principal, action=action, owner="",
             resource_arn=resource, identity=[FULL])  # fmt: skip
case(PAGE, "IAM Identity Center changes its own roles", ALLOW, principal=SSO, action="iam:UpdateAssumeRolePolicy",
     resource_arn=SSO_ROLE, identity=[FULL])  # fmt: skip
case(
    PAGE,
    "it changes no others' roles",
    NO,
    principal=SSO,
    action="iam:DetachRolePolicy",
    resource_arn=LINKED,
    identity=[FULL],
)
case(
    PAGE,
    "an explicit deny is told",
    DENY,
    action="iam:DeletePolicy",
    resource_arn=MANAGED,
    owner="",
    identity=[FULL, BAN],
)

# --- STS, and the root's own buckets ----------------------------------------------------------------------------------
PAGE = "API_AssumeRole (STS)"
for element in ({"AWS": ROOT}, {"AWS": ME}, "*"):
    case(PAGE, f"the root assumes no role that trusts {element}", NO, principal=ROOT, resource=trust(element),
         action="sts:AssumeRole", resource_arn=READER)  # fmt: skip
case(PAGE, "nor a role of another account", NO, principal=f"arn:aws:iam::{OTHER}:root", resource=trust({"AWS": OTHER}),
     action="sts:AssumeRole", resource_arn=READER)  # fmt: skip
PAGE = "id_credentials_sts-comparison"
for action, resource in (("sts:GetSessionToken", "*"), ("sts:GetFederationToken", FEDERATED)):
    for principal, expected in ((ADA, ALLOW), (ROOT, ALLOW), (SESSION, NO), (READER, NO), (FEDERATED, NO), ("*", NO)):
        case(PAGE, f"{action} by {principal}", expected, principal=principal, action=action, resource_arn=resource,
             identity=[FULL], session=None if principal != FEDERATED else [FULL])  # fmt: skip
for principal, expected in (
    ("*", NO),
    (OIDC, NO),
    (SAML, NO),
    (ADA, ALLOW),
    (SESSION, ALLOW),
    (ROOT, ALLOW),
    (FEDERATED, ALLOW),
):
    case("API_GetCallerIdentity (STS)", f"signed, {principal}", expected, principal=principal,
         action="sts:GetCallerIdentity", resource_arn="*")  # fmt: skip
PAGE = "id_credentials_temp_control-access_getfederationtoken"
for told, policies, expected in (
    ("no session policies", {"identity": [FULL]}, NO), ("session policies", {"identity": [FULL], "session": [FULL]},
        ALLOW),
    ("session policies of more than its user may", {"identity": [NONE], "session": [FULL]}, NO),
    ("session policies of less", {"identity": [FULL], "session": [NONE]}, NO),
    ("a resource policy that names it", {"resource": doc(st(action="*", Principal={"AWS": FEDERATED}))}, ALLOW),
    ("a resource policy that names its account", {"identity": [FULL],
        "resource": doc(st(action="*", Principal={"AWS": ME}))}, NO),
    ("a resource policy that names it, and a deny of its user's", {"identity": [BAN], "resource": OPEN}, DENY),
):  # fmt: skip
    case(PAGE, told, expected, principal=FEDERATED, **SEND, **policies)
PAGE = "API_DeleteBucketPolicy (S3)"
LOCKED = doc(st("Deny", "*", Principal="*"))
for action in ("s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:GetBucketPolicy"):
    bucket = {"action": action, "resource_arn": "arn:aws:s3:::payroll"}
    case(PAGE, f"{action} by the owner's root", ALLOW, principal=ROOT, resource=LOCKED, **bucket)
    case(PAGE, f"{action} by a user", DENY, identity=[FULL], resource=LOCKED, **bucket)
    case(PAGE, f"{action} by another's root", DENY, principal=ROOT, owner=OTHER, resource=LOCKED, **bucket)
    case(
        PAGE, f"{action} by the root, an SCP denies", DENY, principal=ROOT, resource=LOCKED, scp=[[FULL, BAN]], **bucket
    )
    case(
        PAGE, f"{action} by a root, whoever owns it", "conditional", principal=ROOT, owner="", resource=LOCKED, **bucket
    )
case(
    PAGE,
    "nothing else",
    DENY,
    principal=ROOT,
    resource=LOCKED,
    action="s3:ListBucket",
    resource_arn="arn:aws:s3:::payroll",
)

# --- reference_policies_elements_principal: sessions ------------------------------------------------------------------
PAGE = "reference_policies_elements_principal: sessions"
ASSUME = {"action": "sts:AssumeRole", "resource_arn": f"arn:aws:iam::{ME}:role/target"}
OTHERS = f"arn:aws:sts::{ME}:assumed-role/writer/nightly"
for principal, element, userid, expected in (
    (READER, SESSION, "", "conditional"), (SESSION, SESSION, "", ALLOW), (READER, OTHERS, "", NO),
    (READER, SESSION, "AROAREADER:nightly", ALLOW),
    (READER, SESSION, "AROAREADER:daily", NO), (f"{SESSION}x", SESSION, "", NO),
):  # fmt: skip
    named_as = {"principal": principal, "context": {"aws:userid": userid} if userid else {}}
    case(
        PAGE,
        f"a trust policy names {element}, {principal} {userid}",
        expected,
        resource=trust({"AWS": element}),
        **ASSUME,
        **named_as,
    )
    case(
        PAGE,
        f"a bucket's names {element}, {principal} {userid}",
        expected,
        resource=doc(st(Principal={"AWS": element})),
        **named_as,
    )
case(PAGE, "the role is named too", ALLOW, principal=READER, resource=doc(st(Principal={"AWS": [SESSION, READER]})))
case(PAGE, "a deny of a session, of which the role has all else", "conditional", principal=READER, identity=[FULL],
     resource=doc(st("Deny", Principal={"AWS": SESSION})))  # fmt: skip
case(
    PAGE,
    "a deny of a session that may nothing anyway",
    NO,
    principal=READER,
    resource=doc(st("Deny", Principal={"AWS": SESSION})),
)
case(PAGE, "one session is let and another is not", "conditional", principal=READER,
     resource=doc(st(Principal={"AWS": SESSION}), st("Deny", Principal={"AWS": f"{SESSION}2"})))  # fmt: skip
case(PAGE, "an endpoint's policy names a session", "conditional", principal=READER, identity=[FULL],
     context={"aws:SourceVpce": "vpce-1"}, vpc_endpoint=[doc(st(action="*", Principal={"AWS": SESSION}))])  # fmt: skip

# --- service authorization reference: ARNs without an account ---------------------------------------------------------
PAGE = "reference_policies_actions-resources-contextkeys"
for action, resource in (
    ("securityhub:BatchImportFindings", "arn:aws:securityhub:us-east-1::product/aws/guardduty"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1::type/resource/AWS-S3-Bucket"),
    ("route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z1"),
    ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1"),
    ("ec2:RunInstances", "arn:aws:ec2:eu-west-1::image/ami-1"),
    ("ec2:CreateVolume", "arn:aws:ec2:eu-west-1::snapshot/snap-1"),
    ("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod"),
    ("bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1::foundation-model/m"),
    ("ssm:SendCommand", "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"),
):  # fmt: skip
    whose = {"owner": "", "action": action, "resource_arn": resource}
    case(PAGE, f"{action} on {resource}", ALLOW, identity=[FULL], **whose)
    case(PAGE, f"{action} on {resource}, not allowed", NO, identity=[NONE], **whose)
    case(PAGE, f"{action} on {resource} by the root", ALLOW, principal=ROOT, **whose)
for resource in (OBJECT, "arn:aws:s3:::payroll", "arn:aws:record:::17", "arn:aws:sqs:eu-west-1::jobs"):
    case(
        PAGE,
        f"whose {resource} is",
        "conditional",
        action="sqs:SendMessage",
        owner="",
        resource_arn=resource,
        identity=[FULL],
    )
