"""STS operations with signed calls: GetCallerIdentity and the like, and sessions of roles and users."""

from __future__ import annotations

from erstwhile.api.aws.access import denial_message
from erstwhile.api.aws.access.call import Call, Operation, Plan, Result
from erstwhile.api.aws.access.resource import root_account
from erstwhile.api.aws.operations import issuing
from erstwhile.api.aws.operations.issuing import HOUR
from erstwhile.api.aws.operations.organizations import has_feature, require_management
from erstwhile.api.aws.wire.errors import denied, invalid
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS, place_of

TASK_POLICIES = frozenset(
    (
        "IAMAuditRootUserCredentials",
        "IAMCreateRootUserPassword",
        "IAMDeleteRootUserCredentials",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    )
)
"""Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html"""
_ROOT_MOST = 900


def get_caller_identity(call: Call) -> Result:
    return {"UserId": call.identity.user_id, "Account": call.account, "Arn": call.identity.arn}


def get_access_key_info(call: Call) -> Result:
    user = call.directory.with_access_key(call.given["AccessKeyId"]) or call.keys.kept(call.given["AccessKeyId"])
    if user is None:
        raise invalid(f"The access key {call.given['AccessKeyId']} is not known here.")
    return {"Account": user.account}


def assume_role(call: Call) -> Plan:
    """Issues a session of a role. The endpoint has already checked the role's trust policy and the caller's
    permissions."""
    role = call.directory.at_arn(call.given["RoleArn"])
    own = call.identity.session
    is_chained = own is not None and call.identity.kind == "AssumedRole"
    lasts = issuing.role_duration(call, role)
    if is_chained and lasts > HOUR:
        raise invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    tags, transitive = issuing.session_tags(call)
    source_identity = call.get("SourceIdentity") or ""
    if own is not None and is_chained:
        overridden = sorted(set(tags) & set(own.transitive))
        if overridden:
            raise invalid(f"The session tag {overridden[0]} is transitive and cannot be set anew.")
        tags = {key: own.tags[key] for key in own.transitive if key in own.tags} | tags
        transitive = (*own.transitive, *transitive)
        if own.source_identity and source_identity not in ("", own.source_identity):
            raise denied("The source identity of this session is set and cannot be changed.")
        source_identity = source_identity or own.source_identity
    made = issuing.role_session(
        call, role, call.given["RoleSessionName"], lasts,
        tags=tags, transitive=transitive, source_identity=source_identity, mfa=call.identity.mfa,
    )  # fmt: skip
    return issuing.plan(call, made, issuing.role_shown(made))


def get_session_token(call: Call) -> Plan:
    if call.identity.session is not None:
        raise denied("Cannot call GetSessionToken with session credentials")
    is_root = call.identity.kind == "Root"
    lasts = call.get("DurationSeconds", HOUR if is_root else 12 * HOUR)
    made = issuing.session(
        call, call.identity.arn, call.identity.user_id, min(lasts, HOUR) if is_root else lasts, mfa=call.identity.mfa
    )
    return issuing.plan(call, made, {"Credentials": issuing.shown(made)})


def get_federation_token(call: Call) -> Plan:
    """Issues a session for a federated user, which has the permissions that both the caller's and the session's
    policies allow."""
    if call.identity.session is not None:
        raise denied("Cannot call GetFederationToken with session credentials")
    name = call.given["Name"]
    lasts = call.get("DurationSeconds", 12 * HOUR)
    if call.identity.kind == "Root":
        lasts = min(lasts, HOUR)
    tags, _ = issuing.session_tags(call)
    arn = f"arn:{call.partition}:sts::{call.account}:federated-user/{name}"
    policies = issuing.session_policies(call)
    made = issuing.session(
        call, arn, call.identity.user_id, lasts, session_name=name, tags=tags, policies=policies, has_policies=True
    )
    shown: Result = {
        "Credentials": issuing.shown(made),
        "FederatedUser": {"FederatedUserId": f"{call.account}:{name}", "Arn": arn},
    }
    return issuing.plan(call, made, shown | issuing.packed(policies, tags))


def assume_root(call: Call) -> Plan:
    """Issues a short session as the root user of a member account, for one task.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    place = require_management(call)
    account = root_account(call.given["TargetPrincipal"])
    if not has_feature(call, "root-sessions"):
        raise denied("Root sessions are not enabled: call EnableOrganizationsRootSessions first.")
    theirs = place_of(call.directory, account)
    if theirs is None or theirs.organization_id != place.organization_id or theirs.is_management:
        raise denied(f"{account} is no member account of the organization.")
    if call.directory.mode(account) != "governed":
        raise denied(f"The account {account} is not governed here.")
    arn = call.given["TaskPolicyArn"].get("arn", "")
    if arn.partition(":iam::aws:policy/root-task/")[2] not in TASK_POLICIES:
        raise invalid(
            f"TaskPolicyArn must be one of arn:aws:iam::aws:policy/root-task/: {', '.join(sorted(TASK_POLICIES))}"
        )
    lasts = call.get("DurationSeconds", _ROOT_MOST)
    # A task policy only denies, everything but its task; so this policy, which allows all, leaves exactly the task.
    policies = (*issuing.documents_of(call, [arn]), FULL_ACCESS)
    root = f"arn:{call.partition}:iam::{account}:root"
    made = issuing.session(call, root, account, lasts, policies=policies, has_policies=True)
    return issuing.plan(call, made, {"Credentials": issuing.shown(made)})


def decode_authorization_message(call: Call) -> Result:
    return {"DecodedMessage": denial_message.decode(call, call.given["EncodedMessage"])}


OPERATIONS: dict[str, Operation] = {
    "GetCallerIdentity": get_caller_identity,
    "GetAccessKeyInfo": get_access_key_info,
    "AssumeRole": assume_role,
    "GetSessionToken": get_session_token,
    "GetFederationToken": get_federation_token,
    "AssumeRoot": assume_root,
    "DecodeAuthorizationMessage": decode_authorization_message,
}
