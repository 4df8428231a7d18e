"""STS: who am I, and sessions of roles and users."""

from __future__ import annotations

from api.aws import session as sessions
from api.aws.call import Call, Read, Result
from api.aws.errors import AwsError, invalid
from api.aws.session import Credentials, Session
from domain.policy.document import MalformedDocument, parse_document
from domain.policy.sources import managed

_HOUR = 3_600
MAX_POLICY = 2_048


def get_caller_identity(call: Call) -> Result:
    return {"UserId": call.identity.user_id, "Account": call.account, "Arn": call.identity.arn}


def get_access_key_info(call: Call) -> Result:
    user = call.directory.by_access_key.get(call.given["AccessKeyId"])
    if user is None:
        raise invalid(f"The access key {call.given['AccessKeyId']} is not known here.")
    return {"Account": user.account}


def assume_role(call: Call) -> Result:
    """The role's trust policy and the caller's own permissions were asked by now."""
    role = call.directory.by_arn[call.given["RoleArn"]]
    name, lasts = call.given["RoleSessionName"], call.get("DurationSeconds", _HOUR)
    most = int((role.value("entity") or {}).get("max_session_duration", _HOUR))
    if lasts > most:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    own = call.identity.session
    if own is not None and call.identity.kind == "AssumedRole" and lasts > _HOUR:
        raise invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    tags = {each["Key"]: each["Value"] for each in call.get("Tags") or ()}
    if own is not None:
        tags = {key: own.tags[key] for key in own.transitive if key in own.tags} | tags
    source_identity = call.get("SourceIdentity") or (own.source_identity if own is not None else "")
    issued, expires = sessions.begin(call.now, lasts)
    policies = _session_policies(call)
    found = sessions.issue(
        call.vault,
        Session(
            access_key_id=sessions.new_id("ASIA"), secret=sessions.new_secret(),
            principal=f"arn:{call.partition}:sts::{role.account}:assumed-role/{role.name}/{name}",
            unique_id=role.id, session_name=name, issued=issued, expires=expires, policies=policies,
            has_policies=bool(policies), tags=tags,
            transitive=tuple(call.get("TransitiveTagKeys") or ()) + (own.transitive if own is not None else ()),
            source_identity=source_identity,
        ),
    )  # fmt: skip
    result: Result = {
        "Credentials": _shown(found),
        "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{name}", "Arn": found.session.principal},
    }
    if source_identity:
        result["SourceIdentity"] = source_identity
    if policies:
        result["PackedPolicySize"] = min(100, sum(len(each) for each in policies) * 100 // MAX_POLICY)
    return result


def _session_policies(call: Call) -> tuple[str, ...]:
    found = []
    document = call.get("Policy")
    if document is not None:
        try:
            parse_document(document)
        except MalformedDocument as error:
            raise AwsError("MalformedPolicyDocument", str(error)) from None
        found.append(document)
    for each in call.get("PolicyArns") or ():
        policy = managed(call.directory, each["arn"])
        if policy.document is None:
            raise AwsError("MalformedPolicyDocument", policy.why)
        found.append(policy.document)
    if sum(len(each) for each in found) > 4 * MAX_POLICY:
        raise AwsError("PackedPolicyTooLarge", "Packed size of session policies and tags consumes more than 100%")
    return tuple(found)


def get_session_token(call: Call) -> Result:
    if call.identity.session is not None:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    is_root = call.identity.kind == "Root"
    lasts = call.get("DurationSeconds", _HOUR if is_root else 12 * _HOUR)
    if is_root:
        lasts = min(lasts, _HOUR)
    issued, expires = sessions.begin(call.now, lasts)
    found = sessions.issue(
        call.vault,
        Session(
            access_key_id=sessions.new_id("ASIA"), secret=sessions.new_secret(), principal=call.identity.arn,
            unique_id=call.identity.user_id, issued=issued, expires=expires,
        ),
    )  # fmt: skip
    return {"Credentials": _shown(found)}


def _shown(found: Credentials) -> dict[str, object]:
    session = found.session
    return {
        "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret, "SessionToken": found.token,
        "Expiration": sessions.instant(session.expires),
    }  # fmt: skip


READS: dict[str, Read] = {
    "GetCallerIdentity": get_caller_identity,
    "GetAccessKeyInfo": get_access_key_info,
    "AssumeRole": assume_role,
    "GetSessionToken": get_session_token,
}
