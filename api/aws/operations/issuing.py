"""Issues session credentials: checks the limits of a session, and records its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from erstwhile.api.aws.access.call import Call, Plan, Result
from erstwhile.api.aws.secrets.generated import new_id, new_secret
from erstwhile.api.aws.sessions import session as sessions
from erstwhile.api.aws.sessions.session import Credentials, Session
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.commands.account import RecordSession
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Actor
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.policy.language.validate import Malformed, check
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.refusals import MalformedPolicyDocument

HOUR = 3_600
MAX_POLICY = 2_048
MAX_TAGS = 50
MAX_PACKED = 4 * MAX_POLICY
"""The most characters of session policies and tags together. AWS does not publish how it packs them."""


def role_duration(call: Call, role: Entity) -> int:
    """The duration of a role's session in seconds. Raises AwsError ValidationError beyond the role's own limit."""
    lasts = int(call.get("DurationSeconds", HOUR))
    if lasts > role.max_session_duration:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return lasts


def session_tags(call: Call) -> tuple[dict[str, str], tuple[str, ...]]:
    """(tags, keys of the transitive ones). Raises AwsError."""
    tags: dict[str, str] = {}
    for each in call.get("Tags") or ():
        if each["Key"].lower() in (key.lower() for key in tags):
            raise invalid(f"Duplicate tag key {each['Key']}: keys are compared without regard to case")
        if each["Key"].lower().startswith("aws:"):
            raise invalid("Tag keys must not begin with aws:")
        tags[each["Key"]] = each["Value"]
    transitive = tuple(call.get("TransitiveTagKeys") or ())
    missing = [key for key in transitive if key not in tags]
    if missing:
        raise invalid(f"The transitive tag key {missing[0]} must be one of the session's tags.")
    return tags, transitive


def session_policies(call: Call) -> tuple[str, ...]:
    """The documents of Policy and PolicyArns. Raises AwsError, Refusal."""
    found: list[str] = []
    document = call.get("Policy")
    if document is not None:
        try:
            check(document, "session")
        except Malformed as error:
            raise MalformedPolicyDocument(str(error), error.detail) from None
        found.append(document)
    found += documents_of(call, [each.get("arn", "") for each in call.get("PolicyArns") or ()])
    return tuple(found)


def documents_of(call: Call, arns: Iterable[str]) -> tuple[str, ...]:
    """The documents of managed policies. Raises AwsError for a policy whose document is unknown."""
    found = []
    for arn in arns:
        policy = managed(call.directory, arn)
        if policy.document is None:
            raise AwsError(
                "MalformedPolicyDocument", f"{policy.why}: `erstwhile import managed-policies` imports AWS's catalogue"
            )
        found.append(policy.document)
    return tuple(found)


def packed(policies: Sequence[str], tags: Mapping[str, str]) -> Result:
    """{"PackedPolicySize": percent}; {} without policies and tags. Raises AwsError PackedPolicyTooLarge."""
    size = sum(len(each) for each in policies) + sum(len(key) + len(value) for key, value in tags.items())
    if size > MAX_PACKED or len(tags) > MAX_TAGS:
        raise AwsError("PackedPolicyTooLarge", "Packed size of session policies and tags consumes more than 100%")
    return {"PackedPolicySize": max(1, size * 100 // MAX_PACKED)} if size else {}


def session(call: Call, principal: str, unique_id: str, lasts: int, **more: Any) -> Credentials:
    """Makes session credentials of a principal; `more` are further members of Session."""
    issued, expires = sessions.begin(call.now, lasts)
    return sessions.issue(
        call.vault,
        Session(
            access_key_id=new_id("ASIA"), secret=new_secret(), principal=principal,
            unique_id=unique_id, issued=issued, expires=expires, **more,
        ),
    )  # fmt: skip


def role_session(call: Call, role: Entity, name: str, lasts: int, **more: Any) -> Credentials:
    """Makes a session of a role, limited by the call's session policies."""
    policies = session_policies(call)
    packed(policies, more.get("tags", {}))
    principal = f"{role.arn.split(':iam:')[0]}:sts::{role.account}:assumed-role/{role.name}/{name}"
    return session(
        call, principal, role.id, lasts, session_name=name, policies=policies, has_policies=bool(policies), **more
    )


def shown(made: Credentials) -> dict[str, object]:
    """The credentials in the form of the response."""
    session = made.session
    return {
        "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret, "SessionToken": made.token,
        "Expiration": sessions.instant(session.expires),
    }  # fmt: skip


def role_shown(made: Credentials) -> Result:
    """The response members that the three ways of assuming a role share."""
    own = made.session
    found: Result = {
        "Credentials": shown(made),
        "AssumedRoleUser": {"AssumedRoleId": f"{own.unique_id}:{own.session_name}", "Arn": own.principal},
    }
    if own.source_identity:
        found["SourceIdentity"] = own.source_identity
    return found | packed(own.policies, own.tags)


def plan(call: Call, made: Credentials, answer: Result, actor: Actor | None = None) -> Plan:
    """A plan that appends the session to the log before the response contains its credentials."""
    own = made.session
    account = own.principal.split(":")[4]
    command = RecordSession(
        account=account, subject=_subject(call, account, own), arn=own.principal, access_key_id=own.access_key_id,
        expires_at=format_instant(sessions.instant(own.expires)), limited=own.has_policies, mfa=own.mfa,
    )  # fmt: skip
    return Plan(command=command, answer=lambda _directory: answer, actor=actor)


def recorded(call: Call, token_id: str, expires_at: str) -> RecordSession:
    """A plan for a web identity token, with which the caller authenticates to other services."""
    kind = "role" if call.identity.kind == "AssumedRole" else "user"
    entity = call.directory.get(call.account, kind, call.identity.user_id.partition(":")[0])
    subject = Ref(kind, entity.name, entity.id) if entity is not None else Ref("root", "root", call.account)
    return RecordSession(
        account=call.account, subject=subject, arn=call.identity.arn, access_key_id=token_id, expires_at=expires_at
    )


def _subject(call: Call, account: str, own: Session) -> Ref:
    for kind in ("user", "role"):
        entity = call.directory.get(account, kind, own.unique_id)
        if entity is not None:
            return Ref(kind, entity.name, entity.id)
    return Ref("root", "root", account)
