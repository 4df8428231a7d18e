"""The words of AWS's MalformedPolicyDocument: clients match on them. IAM's parser of identity policies has some of
its own; trust policies and other resource policies go through an older one, which S3 has too; Organizations has one
sentence for all.

Source: the errors that clients report of AWS, such as
https://github.com/aws-cloudformation/cfn-lint/issues/935 (colons), https://github.com/99designs/iamy/issues/65 (legacy
parsing), https://github.com/aws/aws-cdk/issues/22445 (regions), https://github.com/hashicorp/terraform/issues/13449
(principals), https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1084 (a condition's colons)
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.policy.language.grammar.uses import GUARDRAILS, OF_PRINCIPALS, Use

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
GUARDRAIL = "The provided policy document does not meet the requirements of the specified policy type."
IAM_PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
    "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
)  # fmt: skip

_IDENTITY = {
    "old_version": "Policy document must be version 2012-10-17 or greater.",
    "effect_case": LEGACY,
    "date": LEGACY,
    "short": LEGACY,
    "sid": "Statement IDs (SID) must be alpha-numeric. "
    "Check that your input satisfies the regular expression [0-9A-Za-z]*",
    "sid_twice": "Statement IDs (SID) in a single policy must be unique.",
    "no_action": "Policy statement must contain actions.",
    "no_resource": "Policy statement must contain resources.",
    "prefix": "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    "colons": "Actions/Condition can contain only one colon.",
    "vendor": "Vendor {vendor} is not valid",
    "no_arn": 'Resource {resource} must be in ARN format or "*".',
    "partition": 'Partition "{partition}" is not valid for resource "{resource}".',
    "vendor_missing": "Resource vendor must be fully qualified and cannot contain regexes.",
    "iam_region": "IAM resource {resource} cannot contain region information.",
    "region": "Resource {resource} can not contain region information.",
    "iam_path": f'IAM resource path must either be "*" or start with {", ".join(IAM_PATHS)}.',
    "principal_forbidden": "Policy document should not specify a principal.",
}
_RESOURCE = {
    "json": "This policy contains invalid Json",
    "member": "Unknown field {member}",
    "version": "The policy must contain a valid version string",
    "no_statement": "Could not parse the policy: Statement is empty!",
    "no_effect": "Missing required field Effect",
    "effect": "Invalid effect: {effect}",
    "effect_case": "Invalid effect: {effect}",
    "sid_twice": "The Statement Ids in the policy are not unique",
    "no_action": "Missing required field Action",
    "prefix": "Policy has invalid action",
    "colons": "Policy has invalid action",
    "vendor": "Policy has invalid action",
    "no_resource": "Missing required field Resource",
    "no_arn": "Policy has invalid resource",
    "short": "Policy has invalid resource",
    "partition": "Policy has invalid resource",
    "vendor_missing": "Policy has invalid resource",
    "iam_region": "Policy has invalid resource",
    "region": "Policy has invalid resource",
    "iam_path": "Policy has invalid resource",
    "condition_colons": "Condition can contain only one colon.",
    "no_principal": "Missing required field Principal",
    "empty_principal": "Missing required field Principal cannot be empty!",
    "principal": 'Invalid principal in policy: "{kind}":"{name}"',
    "principal_kind": 'Invalid principal in policy: "{kind}"',
    "federated": "Federated principals must be valid domain names or SAML metadata ARNs",
    "date": LEGACY,
}
_TRUST = _RESOURCE | {
    "sid": _IDENTITY["sid"],
    "has_resource": "Has prohibited field Resource",
    "trust_action": "AssumeRole policy may only specify STS AssumeRole actions.",
    "prefix": "AssumeRole policy may only specify STS AssumeRole actions.",
    "colons": _IDENTITY["colons"],
    "vendor": "AssumeRole policy may only specify STS AssumeRole actions.",
}
_IDENTITY["condition_colons"] = _IDENTITY["colons"]


def aws_words(use: Use, kind: str, /, **named: Any) -> str:
    """What AWS says to a kind of problem in a document for some use; `Syntax errors in policy.` where nothing else
    is known."""
    if use in GUARDRAILS:
        return GUARDRAIL
    table = _IDENTITY if use in OF_PRINCIPALS else _TRUST if use == "trust" else _RESOURCE
    return table.get(kind, SYNTAX).format(**named)


def invalid_principal(kind: str, name: str) -> str:
    """Of a principal that is not there, or cannot be one."""
    return f'Invalid principal in policy: "{kind if kind == "AWS" else kind.upper()}":"{name}"'
