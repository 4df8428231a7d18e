"""Roles assumed with a token of an identity provider: SAML assertions and web identities. These calls are not signed;
what the provider signed says who calls, and the role's trust policy whether that is enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erstwhile.api.aws import issuing, oidc, saml
from erstwhile.api.aws.call import Call, Connect, Operation, Plan, Work
from erstwhile.api.aws.errors import AwsError, denied, invalid
from erstwhile.api.aws.operations import tagged
from erstwhile.api.aws.permissions import require_role
from erstwhile.domain.decide.lookups import find_setting
from erstwhile.domain.directory import Entity
from erstwhile.domain.events import Actor
from erstwhile.domain.identifiers import policy_name_of
from erstwhile.domain.numbers import parse_number
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.request import Request

_ISSUERS = oidc.Issuers()


def _role(call: Call) -> Entity:
    require_role(call.directory, call.given["RoleArn"], denied(f"Not authorized to perform sts:{call.operation}"))
    return call.directory.by_arn[call.given["RoleArn"]]


def _require_trust(
    call: Call, role: Entity, actor: Actor, keys: Mapping[str, tuple[str, ...]], extra: list[str]
) -> None:
    """Raises AwsError AccessDenied unless the role trusts the provider with this very token."""
    for action in (f"sts:{call.operation}", *extra):
        request = Request(principal=actor.arn, action=action, resource=role.arn, context={**call.context, **keys})
        if not authorize(call.directory, request).allowed:
            raise AwsError("AccessDenied", f"Not authorized to perform {action}", 403, actor=actor)


def _tag_keys(tags: Mapping[str, str], transitive: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    if tags:
        found["aws:tagkeys"] = tuple(tags)
    if transitive:
        found["sts:transitivetagkeys"] = transitive
    return found


def _beside(tags: Mapping[str, str], source_identity: str) -> list[str]:
    return [*(["sts:TagSession"] if tags else []), *(["sts:SetSourceIdentity"] if source_identity else [])]


def assume_role_with_saml(call: Call) -> Plan:
    role, arn = _role(call), call.given["PrincipalArn"]
    provider = find_setting(call.directory, role.account, "saml-provider", arn)
    if provider is None:
        raise invalid(f"The SAML provider {arn} is not known.")
    metadata = saml.read_metadata(str(tagged.values_of(provider).get("SAMLMetadataDocument", "")))
    token = saml.verify(call.given["SAMLAssertion"], metadata, call.now)
    given = token.attributes
    pairs = [{part.strip() for part in value.split(",")} for value in given.get("Role", ())]
    if {role.arn, arn} not in pairs:
        raise denied("Not authorized to perform sts:AssumeRoleWithSAML: the assertion does not name this role")
    name = (given.get("RoleSessionName") or ("",))[0]
    if not 2 <= len(name) <= 64:
        raise AwsError("InvalidIdentityToken", "RoleSessionName is required in the assertion (2 to 64 characters).")
    tags = {key.removeprefix("PrincipalTag:"): values[0] for key, values in given.items()
            if key.startswith("PrincipalTag:") and values}  # fmt: skip
    transitive = tuple(key for key in given.get("TransitiveTagKeys", ()) if key in tags)
    source_identity = (given.get("SourceIdentity") or ("",))[0]
    qualifier = saml.name_qualifier(token.issuer, role.account, policy_name_of(arn))
    keys = {
        "saml:aud": (token.recipient,), "saml:iss": (token.issuer,), "saml:sub": (token.subject,),
        "saml:sub_type": (token.subject_type,), "saml:namequalifier": (qualifier,),
        "saml:doc": (f"{role.account}/{policy_name_of(arn)}",), "sts:rolesessionname": (name,),
        **_tag_keys(tags, transitive),
    }  # fmt: skip
    if source_identity:
        keys["sts:sourceidentity"] = (source_identity,)
    actor = Actor(arn=arn, id=token.subject, type="SAMLUser")
    _require_trust(call, role, actor, keys, _beside(tags, source_identity))
    lasts = issuing.role_duration(call, role)
    told = parse_number((given.get("SessionDuration") or ("",))[0])
    if told is not None:
        lasts = min(lasts, told) if "DurationSeconds" in call.given else min(told, 12 * issuing.HOUR)
    made = issuing.role_session(
        call, role, name, lasts, tags=tags, transitive=transitive, source_identity=source_identity, provider=arn
    )
    answer = issuing.role_shown(made) | {
        "Subject": token.subject, "SubjectType": token.subject_type, "Issuer": token.issuer,
        "Audience": token.recipient, "NameQualifier": qualifier,
    }  # fmt: skip
    return issuing.plan(call, made, answer, actor)


def assume_role_with_web_identity(call: Call) -> Work:
    role, token = _role(call), call.given["WebIdentityToken"]
    host = oidc.issuer_of(token)
    arn = f"{role.arn.split(':iam:')[0]}:iam::{role.account}:oidc-provider/{host}"
    entity = find_setting(call.directory, role.account, "oidc-provider", arn)
    if entity is None:
        raise AwsError("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for https://{host}")
    value = tagged.values_of(entity)
    provider = oidc.Provider(arn, host, tuple(value.get("ClientIDList", ())), tuple(value.get("ThumbprintList", ())))

    def do(_connect: Connect) -> Mapping[str, Any]:
        return _ISSUERS.verify(token, provider)

    def then(call: Call, claims: Mapping[str, Any]) -> Plan:
        return _with_claims(call, _role(call), provider, claims)

    return Work(do, then)


_TAGS = "https://aws.amazon.com/tags"


def _with_claims(call: Call, role: Entity, provider: oidc.Provider, claims: Mapping[str, Any]) -> Plan:
    name, subject = call.given["RoleSessionName"], str(claims["sub"])
    audience = oidc.audiences(claims)[0]
    held = claims.get(_TAGS)
    told = held if isinstance(held, dict) else {}
    tags = {str(key): str(values[0]) for key, values in (told.get("principal_tags") or {}).items() if values}
    transitive = tuple(str(key) for key in told.get("transitive_tag_keys") or () if key in tags)
    source_identity = str(claims.get("https://aws.amazon.com/source_identity") or "")
    keys: dict[str, tuple[str, ...]] = {
        f"{provider.host.lower()}:aud": (audience,), f"{provider.host.lower()}:sub": (subject,),
        "sts:rolesessionname": (name,), **_tag_keys(tags, transitive),
    }  # fmt: skip
    for claim in ("amr", "email", "oaud"):
        if claim in claims:
            values = claims[claim] if isinstance(claims[claim], list) else [claims[claim]]
            keys[f"{provider.host.lower()}:{claim}"] = tuple(str(each) for each in values)
    if source_identity:
        keys["sts:sourceidentity"] = (source_identity,)
    actor = Actor(arn=provider.arn, id=subject, type="WebIdentityUser")
    _require_trust(call, role, actor, keys, _beside(tags, source_identity))
    made = issuing.role_session(
        call, role, name, issuing.role_duration(call, role),
        tags=tags, transitive=transitive, source_identity=source_identity, provider=provider.arn,
    )  # fmt: skip
    answer = issuing.role_shown(made) | {
        "SubjectFromWebIdentityToken": subject,
        "Provider": provider.arn,
        "Audience": audience,
    }
    return issuing.plan(call, made, answer, actor)


OPERATIONS: dict[str, Operation] = {
    "AssumeRoleWithSAML": assume_role_with_saml,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
}
