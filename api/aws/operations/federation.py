"""AssumeRoleWithSAML and AssumeRoleWithWebIdentity: sessions of roles for the bearer of an identity provider's token.

These calls are not signed. The token, which the provider signed, says who calls; the role's trust policy decides
whether the caller may assume the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Work
from erstwhile.api.aws.access.permissions import require_role
from erstwhile.api.aws.federation import oidc, provider_claims, saml
from erstwhile.api.aws.operations import issuing, tagged
from erstwhile.api.aws.wire.errors import AwsError, denied, invalid
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Actor
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.identifiers import policy_name_of

_ISSUERS = oidc.Issuers()


def _role(call: Call) -> Entity:
    require_role(call.directory, call.given["RoleArn"], denied(f"Not authorized to perform sts:{call.operation}"))
    return call.directory.at_arn(call.given["RoleArn"])


def _require_trust(call: Call, role: Entity, actor: Actor, keys: ContextValues, extra: list[str]) -> None:
    """Raises AwsError AccessDenied unless the role's trust policy allows the provider to assume it with this token."""
    for action in (f"sts:{call.operation}", *extra):
        request = Request(principal=actor.arn, action=action, resource=role.arn, context={**call.context, **keys})
        if not authorize(call.directory, request).allowed:
            raise AwsError("AccessDenied", f"Not authorized to perform {action}", 403, actor=actor)


def _tag_keys(tags: Mapping[str, str], transitive: tuple[str, ...]) -> ContextDict:
    found: ContextDict = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    if tags:
        found["aws:tagkeys"] = tuple(tags)
    if transitive:
        found["sts:transitivetagkeys"] = transitive
    return found


def _beside(tags: Mapping[str, str], source_identity: str) -> list[str]:
    return [*(["sts:TagSession"] if tags else []), *(["sts:SetSourceIdentity"] if source_identity else [])]


def assume_role_with_saml(call: Call) -> Work:
    role, arn = _role(call), call.given["PrincipalArn"]
    provider = find_setting(call.directory, role.account, "saml-provider", arn)
    if provider is None:
        raise invalid(f"The SAML provider {arn} is not known.")
    document = str(tagged.values_of(provider).get("SAMLMetadataDocument", ""))

    def do(_connect: Connect) -> saml.Assertion:
        return saml.verify(call.given["SAMLAssertion"], saml.read_metadata(document), call.now)

    def then(call: Call, token: saml.Assertion) -> Plan:
        return _with_assertion(call, _role(call), token)

    return Work(do, then, computes=True)


def _with_assertion(call: Call, role: Entity, token: saml.Assertion) -> Plan:
    arn, given = call.given["PrincipalArn"], token.attributes
    provider_claims.require_for_us(token, call.base_url())
    pairs = [{part.strip() for part in value.split(",")} for value in given.get("Role", ())]
    if {role.arn, arn} not in pairs:
        raise denied("Not authorized to perform sts:AssumeRoleWithSAML: the assertion does not name this role")
    name = provider_claims.session_name(given)
    tags = provider_claims.tags({key.removeprefix("PrincipalTag:"): values[0] for key, values in given.items()
                      if key.startswith("PrincipalTag:") and values})  # fmt: skip
    transitive = tuple(key for key in given.get("TransitiveTagKeys", ()) if key in tags)
    source_identity = provider_claims.source_identity((given.get("SourceIdentity") or ("",))[0])
    subject = provider_claims.subject(token.subject)
    qualifier = saml.name_qualifier(token.issuer, role.account, policy_name_of(arn))
    keys = {
        "saml:aud": (token.recipient,), "saml:iss": (token.issuer,), "saml:sub": (subject,),
        "saml:sub_type": (token.subject_type,), "saml:namequalifier": (qualifier,),
        "saml:doc": (f"{role.account}/{policy_name_of(arn)}",), "sts:rolesessionname": (name,),
        **_tag_keys(tags, transitive),
    }  # fmt: skip
    if source_identity:
        keys["sts:sourceidentity"] = (source_identity,)
    actor = Actor(arn=arn, id=subject, type="SAMLUser")
    _require_trust(call, role, actor, keys, _beside(tags, source_identity))
    made = issuing.role_session(
        call, role, name, provider_claims.lasts(token, issuing.role_duration(call, role), call),
        tags=tags, transitive=transitive, source_identity=source_identity, provider=arn,
    )  # fmt: skip
    answer = issuing.role_shown(made) | {
        "Subject": subject, "SubjectType": token.subject_type, "Issuer": token.issuer,
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

    def then(call: Call, claims: Mapping[str, Any]) -> Plan:
        return _with_claims(call, _role(call), provider, claims)

    return Work(lambda _connect: None, then, asks=lambda: _ISSUERS.verify(token, provider))


def _with_claims(call: Call, role: Entity, provider: oidc.Provider, claims: Mapping[str, Any]) -> Plan:
    name, subject = call.given["RoleSessionName"], provider_claims.subject(str(claims["sub"]))
    audience = oidc.audiences(claims)[0]
    tags, transitive = provider_claims.tags_of_claims(claims)
    source_identity = provider_claims.source_identity(claims.get("https://aws.amazon.com/source_identity") or "")
    host = provider.host.lower()
    keys: ContextDict = {
        f"{host}:aud": (audience,), f"{host}:sub": (subject,), "sts:rolesessionname": (name,),
        **_tag_keys(tags, transitive),
    }  # fmt: skip
    for claim in ("amr", "email", "oaud"):
        if claim in claims:
            values = claims[claim] if isinstance(claims[claim], list) else [claims[claim]]
            keys[f"{host}:{claim}"] = tuple(str(each) for each in values)
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
