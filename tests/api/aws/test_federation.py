"""Roles assumed with SAML assertions and web identity tokens, and tokens that this service issues itself."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from erstwhile.api.aws.federation import outgoing_requests
from erstwhile.api.aws.federation.oidc import Issuers
from erstwhile.api.aws.operations import federation
from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.clients import anonymous, fails, session
from tests.support.aws.identity_providers import Issuer, SamlProvider
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import allow, trust


def test_a_role_is_assumed_with_a_saml_assertion(aws: AwsServer) -> None:
    iam, sts, idp = aws.client("iam"), anonymous(aws), SamlProvider()
    provider = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    role = iam.create_role(
        RoleName="web",
        AssumeRolePolicyDocument=trust({"Federated": provider}, ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                                       StringEquals={"saml:aud": "https://signin.aws.amazon.com/saml"}),
    )["Role"]["Arn"]  # fmt: skip
    iam.put_role_policy(RoleName="web", PolicyName="p", PolicyDocument=allow("iam:ListRoles"))
    told = {"Role": [f"{role},{provider}"], "RoleSessionName": ["ada"], "PrincipalTag:team": ["blue"]}
    asked = {"RoleArn": role, "PrincipalArn": provider}
    found = sts.assume_role_with_saml(**asked, SAMLAssertion=idp.assertion(told))
    assert found["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/ada"
    assert (found["Subject"], found["SubjectType"], found["Issuer"]) == ("ada@example.com", "persistent", idp.entity_id)
    inside = session(aws, "iam", found["Credentials"])
    inside.list_roles()
    fails("AccessDenied", "iam:ListUsers", inside.list_users)

    def refused(code: str, containing: str, assertion: str, **more: Any) -> None:
        fails(code, containing, sts.assume_role_with_saml, **asked | more, SAMLAssertion=assertion)

    stranger = rsa.generate_private_key(65537, 2048)
    refused("InvalidIdentityToken", "no key of the provider", idp.assertion(told, key=stranger))
    refused("InvalidIdentityToken", "no key of the provider", idp.assertion(told, signed=False))
    refused("InvalidIdentityToken", "issuer", idp.assertion(told, issuer="https://evil.example.com"))
    refused("InvalidIdentityToken", "base64", "!!!!")
    refused("ExpiredTokenException", "redeemed", idp.assertion(told, expires=-timedelta(hours=1)))
    refused("InvalidIdentityToken", "RoleSessionName", idp.assertion(told | {"RoleSessionName": []}))
    refused("AccessDenied", "does not name this role", idp.assertion(told | {"Role": [f"{arn('role/x')},{provider}"]}))
    refused("ValidationError", "is not known", idp.assertion(told), PrincipalArn=provider + "x")
    refused("AccessDenied", "AssumeRoleWithSAML", idp.assertion(told), RoleArn=arn("role/none"))
    refused("ValidationError", "MaxSessionDuration", idp.assertion(told), DurationSeconds=7200)
    iam.update_assume_role_policy(
        RoleName="web", PolicyDocument=trust({"Federated": provider}, "sts:AssumeRoleWithSAML")
    )
    refused("AccessDenied", "sts:TagSession", idp.assertion(told))
    with aws.database.connect() as connection:
        entries = audit_page(connection, Filters(action="sts:*"), 100, "").entries
    outcomes = [(each["outcome"], each["actor"]["type"], each["actor"]["id"]) for each in entries]
    assert ("success", "SAMLUser", "ada@example.com") in outcomes and (
        "refused",
        "SAMLUser",
        "ada@example.com",
    ) in outcomes


def test_a_signed_assertion_cannot_be_wrapped(aws: AwsServer) -> None:
    """An attacker's assertion beside a signed one is not looked at."""
    import base64

    from lxml import etree

    iam, sts, idp = aws.client("iam"), anonymous(aws), SamlProvider()
    provider = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    roles = {
        name: iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=trust({"Federated": provider}, "sts:AssumeRoleWithSAML")
        )["Role"]["Arn"]
        for name in ("low", "high")
    }
    signed = etree.fromstring(
        base64.b64decode(idp.assertion({"Role": [f"{roles['low']},{provider}"], "RoleSessionName": ["ada"]}))
    )
    forged = etree.fromstring(base64.b64decode(
        idp.assertion({"Role": [f"{roles['high']},{provider}"], "RoleSessionName": ["ada"]},
                      signed=False)))  # fmt: skip
    evil = forged[0]
    evil.set("ID", "_evil")
    signed.insert(0, evil)
    wrapped = base64.b64encode(etree.tostring(signed)).decode()
    fails(
        "InvalidIdentityToken",
        "one assertion is expected",
        sts.assume_role_with_saml,
        RoleArn=roles["high"],
        PrincipalArn=provider,
        SAMLAssertion=wrapped,
    )


@pytest.fixture
def issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    made = Issuer(tmp_path)
    monkeypatch.setattr(outgoing_requests, "resolved", lambda _host, _port: made.address)
    monkeypatch.setattr(federation, "_ISSUERS", Issuers())
    yield made
    made.close()


def test_a_role_is_assumed_with_a_web_identity(aws: AwsServer, issuer: Issuer) -> None:
    iam, sts = aws.client("iam"), anonymous(aws)
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{issuer.host}", ClientIDList=["app"], ThumbprintList=[issuer.thumbprint]
    )["OpenIDConnectProviderArn"]
    condition = {f"{issuer.host}:sub": "repo:*", f"{issuer.host}:aud": "app"}
    role = iam.create_role(
        RoleName="deploy",
        AssumeRolePolicyDocument=trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", StringLike=condition),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="deploy", PolicyName="p", PolicyDocument=allow("iam:ListRoles"))
    asked = {"RoleArn": role, "RoleSessionName": "run-1"}
    found = sts.assume_role_with_web_identity(**asked, WebIdentityToken=issuer.token())
    assert (found["SubjectFromWebIdentityToken"], found["Audience"], found["Provider"]) == ("repo:ada", "app", provider)
    session(aws, "iam", found["Credentials"]).list_roles()
    narrow = sts.assume_role_with_web_identity(**asked, WebIdentityToken=issuer.token(), Policy=allow("iam:ListUsers"))
    fails("AccessDenied", "session policy", session(aws, "iam", narrow["Credentials"]).list_roles)

    def refused(code: str, containing: str, token: str, **more: Any) -> None:
        fails(code, containing, sts.assume_role_with_web_identity, **asked | more, WebIdentityToken=token)

    refused("AccessDenied", "AssumeRoleWithWebIdentity", issuer.token(sub="fork:eve"))
    refused("InvalidIdentityToken", "audience", issuer.token(aud="other"))
    refused("InvalidIdentityToken", "Signature", issuer.token(key=ec.generate_private_key(ec.SECP256R1())))
    refused("ExpiredTokenException", "expired", issuer.token(exp=1_000_000_000))
    refused("InvalidIdentityToken", "No OpenIDConnect provider", issuer.token(iss="https://elsewhere.example.com"))
    refused("InvalidIdentityToken", "not valid", "not.a.token")
    refused(
        "InvalidIdentityToken",
        "algorithm",
        jwt.encode({"iss": f"https://{issuer.host}", "sub": "x"}, "", algorithm="none"),
    )
    refused("MalformedPolicyDocument", "Syntax errors", issuer.token(), Policy="{")
    refused("PackedPolicyTooLarge", "100%", issuer.token(), PolicyArns=[{"arn": big_policy(iam, n)} for n in range(3)])
    refused("IDPCommunicationError", "thumbprints", issuer.token(), RoleArn=_elsewhere(aws, issuer))
    with aws.database.connect() as connection:
        entries = audit_page(connection, Filters(action="sts:AssumeRoleWithWebIdentity"), 100, "").entries
    assert {(each["outcome"], each["actor"]["id"]) for each in entries} >= {
        ("success", "repo:ada"),
        ("refused", "fork:eve"),
    }


def big_policy(iam: Any, number: int) -> str:
    document = allow("s3:GetObject", "arn:aws:s3:::" + "x" * 4_000)
    return str(iam.create_policy(PolicyName=f"big{number}", PolicyDocument=document)["Policy"]["Arn"])


def _elsewhere(aws: AwsServer, issuer: Issuer) -> str:
    """The provider anew, without a thumbprint: its certificate is nobody's that is known here."""
    iam = aws.client("iam")
    provider = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"][0]["Arn"]
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=provider, ThumbprintList=["0" * 40])
    return arn("role/deploy")


def test_this_service_issues_web_identity_tokens(aws: AwsServer) -> None:
    iam, sts = aws.client("iam"), aws.client("sts")
    asked = {"Audience": ["app"], "SigningAlgorithm": "RS256"}
    fails("OutboundWebIdentityFederationDisabledException", "not enabled", sts.get_web_identity_token, **asked)
    fails("FeatureDisabled", "not enabled", iam.get_outbound_web_identity_federation_info)
    fails("FeatureDisabled", "not enabled", iam.disable_outbound_web_identity_federation)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    fails("FeatureEnabled", "already enabled", iam.enable_outbound_web_identity_federation)
    assert iam.get_outbound_web_identity_federation_info() | {"ResponseMetadata": 0} == {
        "IssuerIdentifier": issuer, "JwtVendingEnabled": True, "ResponseMetadata": 0,
    }  # fmt: skip
    iam.create_user(UserName="ada", Tags=[{"Key": "team", "Value": "blue"}])
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:GetWebIdentityToken"))
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    mine = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration") as response:
        configuration = orjson.loads(response.read())
    with urllib.request.urlopen(configuration["jwks_uri"]) as response:
        keys = jwt.PyJWKSet.from_dict(orjson.loads(response.read()))
    for algorithm in ("RS256", "ES384"):
        found = mine.get_web_identity_token(Audience=["app"], SigningAlgorithm=algorithm, DurationSeconds=600)
        token = found["WebIdentityToken"]
        kid = jwt.get_unverified_header(token)["kid"]
        claims = jwt.decode(token, keys[kid], algorithms=[algorithm], audience="app", issuer=issuer)
        assert claims["sub"] == arn("user/ada") and claims["exp"] - claims["iat"] == 600
        assert claims["https://sts.amazonaws.com/"]["principal_tags"] == {"team": "blue"}
    fails(
        "ValidationError", "SigningAlgorithm", mine.get_web_identity_token, Audience=["app"], SigningAlgorithm="HS256"
    )
    iam.disable_outbound_web_identity_federation()
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(configuration["jwks_uri"])
    caught.value.close()
