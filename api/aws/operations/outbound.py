"""Outbound web identity federation: tokens with which principals of this account authenticate to other services.

Each account has an issuer of its own, which publishes its keys at its URL (`api.http.issuers`).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
"""

from __future__ import annotations

import uuid
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Result, Work
from erstwhile.api.aws.operations import issuing
from erstwhile.api.aws.sessions.session import instant
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.commands.settings import CreateSetting, RemoveSetting
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.token_issuers import CATEGORY
from erstwhile.domain.policy.inputs.guardrails import place_of
from erstwhile.domain.vocabulary.instants import format_instant

_NAME = "account"
DEFAULT_LASTS = 300
ALGORITHMS = ("ES384", "RS256")
_CLAIMS = "https://sts.amazonaws.com/"


def setting_of(directory: Directory, account: str) -> Entity | None:
    return find_setting(directory, account, CATEGORY, _NAME)


def _secret_id(account: str) -> str:
    return f"issuer/{account}"


def _pem(key: Any) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return str(key.private_bytes(*form).decode())


def enable(call: Call) -> Work:
    if setting_of(call.directory, call.account) is not None:
        raise AwsError("FeatureEnabled", "Outbound web identity federation is already enabled.", 409)
    issuer = f"{call.base_url()}/issuers/{uuid.uuid4()}"

    def do(_connect: Connect) -> dict[str, Any]:
        return {"ES384": ec.generate_private_key(ec.SECP384R1()), "RS256": rsa.generate_private_key(65537, 3072)}

    def then(call: Call, keys: dict[str, Any]) -> Plan:
        published = [_jwk(algorithm, key) for algorithm, key in keys.items()]
        command = CreateSetting(
            account=call.account, category=CATEGORY, name=_NAME,
            attributes={"issuer": issuer, "keys": orjson.dumps(published).decode()},
        )  # fmt: skip
        secret = orjson.dumps({algorithm: _pem(key) for algorithm, key in keys.items()}).decode()
        side_statement = call.keys.update_statement(_secret_id(call.account), call.account, "issuer", secret)
        return Plan(
            command=command, side_statement=side_statement, answer=lambda _directory: {"IssuerIdentifier": issuer}
        )

    return Work(do, then)


def _jwk(algorithm: str, key: Any) -> dict[str, str]:
    public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": f"{algorithm.lower()}-{uuid.uuid4().hex[:12]}", "use": "sig", "alg": algorithm}


def _enabled(call: Call) -> Entity:
    entity = setting_of(call.directory, call.account)
    if entity is None:
        raise AwsError("FeatureDisabled", "Outbound web identity federation is not enabled.", 404)
    return entity


def disable(call: Call) -> Plan:
    _enabled(call)
    command = RemoveSetting(account=call.account, category=CATEGORY, name=_NAME)
    return Plan(command=command, side_statement=call.keys.delete_statement(_secret_id(call.account)))


def info(call: Call) -> Result:
    value = _enabled(call).setting
    return {"IssuerIdentifier": value["issuer"], "JwtVendingEnabled": True}


def get_web_identity_token(call: Call) -> Work:
    entity = setting_of(call.directory, call.account)
    if entity is None:
        raise AwsError(
            "OutboundWebIdentityFederationDisabledException", "Outbound web identity federation is not enabled.", 403
        )
    algorithm, lasts = call.given["SigningAlgorithm"], int(call.get("DurationSeconds", DEFAULT_LASTS))
    if algorithm not in ALGORITHMS:
        raise invalid(f"SigningAlgorithm must be one of {', '.join(ALGORITHMS)}")
    issued, expires = int(call.now.timestamp()), int(call.now.timestamp()) + lasts
    if call.identity.session is not None and expires > call.identity.session.expires:
        raise AwsError(
            "SessionDurationEscalationException", "The token would last longer than the session that asks for it.", 403
        )
    value = entity.setting
    kid = next(each["kid"] for each in orjson.loads(value["keys"]) if each["alg"] == algorithm)
    audience, token_id = call.given["Audience"], str(uuid.uuid4())
    claims = {
        "iss": value["issuer"], "aud": audience if len(audience) > 1 else audience[0], "sub": _subject(call),
        "iat": issued, "exp": expires, "jti": token_id, _CLAIMS: _told(call),
    }  # fmt: skip

    def do(connect: Connect) -> str:
        with connect() as connection:
            held = call.keys.read(connection, _secret_id(call.account))
        if held is None:
            raise AwsError("ServiceFailure", "The issuer's keys cannot be read here.", 500)
        return jwt.encode(claims, orjson.loads(held.secret)[algorithm], algorithm=algorithm, headers={"kid": kid})

    def then(call: Call, token: str) -> Plan:
        expiry = instant(expires)
        command = issuing.recorded(call, token_id, format_instant(expiry))
        return Plan(command=command, answer=lambda _: {"WebIdentityToken": token, "Expiration": expiry})

    return Work(do, then)


def _subject(call: Call) -> str:
    """The ARN of a session's role; for other callers their own ARN."""
    if call.identity.kind == "AssumedRole":
        role = call.directory.get(call.account, "role", call.identity.user_id.partition(":")[0])
        if role is not None:
            return role.arn
    return call.identity.arn


def _told(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        "aws_account": call.account, "source_region": call.region, "principal_id": call.identity.arn,
    }  # fmt: skip
    place = place_of(call.directory, call.account)
    if place is not None:
        found |= {"org_id": place.organization_id, "ou_path": [place.path]}
    principal = call.directory.get(call.account, "user", call.identity.user_id)
    tags = principal.tags if principal is not None else {}
    if call.identity.session is not None:
        tags |= call.identity.session.tags
    if tags:
        found["principal_tags"] = tags
    asked = {each["Key"]: each["Value"] for each in call.get("Tags") or ()}
    return found | ({"request_tags": asked} if asked else {})


OPERATIONS: dict[str, Operation] = {
    "EnableOutboundWebIdentityFederation": enable,
    "DisableOutboundWebIdentityFederation": disable,
    "GetOutboundWebIdentityFederationInfo": info,
    "GetWebIdentityToken": get_web_identity_token,
}
