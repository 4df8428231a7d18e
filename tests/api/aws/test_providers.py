"""What identity providers say is checked, and asking them costs nobody else anything."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from lxml import etree

from erstwhile.api.aws.federation import outgoing_requests
from erstwhile.api.aws.federation.oidc import Issuers
from erstwhile.api.aws.operations import federation
from tests.support.aws.clients import anonymous, fails
from tests.support.aws.identity_providers import Issuer, SamlProvider
from tests.support.aws.server import AwsServer
from tests.support.documents import trust

SIGNED_BY_NOBODY = (
    '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><ds:Signature '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></p:Response>'
)


class Corp:
    """A SAML provider that a role trusts."""

    def __init__(self, aws: AwsServer) -> None:
        self.idp, self.iam, self.sts = SamlProvider(), aws.client("iam"), anonymous(aws)
        self.provider = self.iam.create_saml_provider(Name="corp", SAMLMetadataDocument=self.idp.metadata)[
            "SAMLProviderArn"
        ]
        document = trust({"Federated": self.provider}, ["sts:AssumeRoleWithSAML", "sts:TagSession"])
        self.role = self.iam.create_role(RoleName="web", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    def told(self, **more: list[str]) -> dict[str, list[str]]:
        return {"Role": [f"{self.role},{self.provider}"], "RoleSessionName": ["ada"]} | more

    def ask(self, assertion: str, **more: Any) -> Any:
        return self.sts.assume_role_with_saml(
            RoleArn=self.role, PrincipalArn=self.provider, SAMLAssertion=assertion, **more
        )

    def refused(self, code: str, words: str, assertion: str) -> None:
        fails(code, words, self.ask, assertion=assertion)


@pytest.fixture
def corp(aws: AwsServer) -> Corp:
    return Corp(aws)


def lasts(answer: Any) -> float:
    seconds: float = (answer["Credentials"]["Expiration"] - datetime.now(UTC)).total_seconds()
    return seconds


def test_saml_assertions_are_for_us_and_for_long_enough(corp: Corp, aws: AwsServer) -> None:
    idp, told = corp.idp, corp.told()
    for audience in ("urn:amazon:webservices", "https://signin.aws.amazon.com/saml", aws.url):
        corp.ask(idp.assertion(told, audience=audience))
    corp.ask(idp.assertion(told, recipient="https://eu-central-1.signin.aws.amazon.com/saml"))
    for wrong in ("https://other.example.com", "https://signin.aws.amazon.com.evil.example/saml", ""):
        corp.refused("InvalidIdentityToken", "AudienceRestriction", idp.assertion(told, audience=wrong))
        if wrong:
            corp.refused("InvalidIdentityToken", "Recipient", idp.assertion(told, recipient=wrong))
    soon = idp.assertion(told, session_ends=timedelta(minutes=20))
    assert 1_000 < lasts(corp.ask(soon)) <= 1_200
    corp.refused(
        "ExpiredTokenException", "SessionNotOnOrAfter", idp.assertion(told, session_ends=-timedelta(minutes=1))
    )
    assert 3_500 < lasts(corp.ask(idp.assertion(told))) <= 3_600
    corp.refused("ValidationError", "MaxSessionDuration", idp.assertion(corp.told(SessionDuration=["7200"])))
    corp.iam.update_role(RoleName="web", MaxSessionDuration=7200)
    assert 7_100 < lasts(corp.ask(idp.assertion(corp.told(SessionDuration=["7200"])))) <= 7_200
    assert lasts(corp.ask(idp.assertion(corp.told(SessionDuration=["7200"])), DurationSeconds=900)) <= 900
    for wrong in ("60", "43201", "x", "²", "9" * 5_000):
        corp.refused("InvalidIdentityToken", "SessionDuration", idp.assertion(corp.told(SessionDuration=[wrong])))


@pytest.mark.parametrize("name", ["a", "", "a b", "a/b", "x" * 65, "ada\u202e", "é" * 4])
def test_session_names_have_their_form(corp: Corp, name: str) -> None:
    corp.refused("InvalidIdentityToken", "RoleSessionName", corp.idp.assertion(corp.told(RoleSessionName=[name])))
    if name:
        corp.refused("InvalidIdentityToken", "SourceIdentity", corp.idp.assertion(corp.told(SourceIdentity=[name])))


def test_tags_of_assertions_have_limits(corp: Corp) -> None:
    many = {f"PrincipalTag:k{number}": ["v"] for number in range(51)}
    long = {"PrincipalTag:k": ["v" * 257]}
    for wrong in (
        many,
        long,
        {"PrincipalTag:" + "k" * 129: ["v"]},
        {"PrincipalTag:aws:x": ["v"]},
        {"PrincipalTag:a": ["&lt;"]},
    ):
        corp.refused("InvalidIdentityToken", "ession tags", corp.idp.assertion(corp.told(**wrong)))


def wrapped(signed: str) -> Iterator[tuple[str, Any]]:
    """A signed response, and what an attacker makes of it: eight ways to put another one where it is looked at."""
    names = {"a": "urn:oasis:names:tc:SAML:2.0:assertion", "ds": "http://www.w3.org/2000/09/xmldsig#"}

    def parts() -> tuple[Any, Any, Any, Any]:
        response = etree.fromstring(base64.b64decode(signed))
        own = response.find("a:Assertion", names)
        evil = etree.fromstring(etree.tostring(own))
        evil.remove(evil.find("ds:Signature", names))
        evil.find("a:Subject/a:NameID", names).text = "root@example.com"
        return response, own, evil, own.find("ds:Signature", names)

    for where in ("before", "after", "around", "inside", "object", "extension", "same id", "no id"):
        response, own, evil, signature = parts()
        evil.set("ID", "_evil" if where != "same id" else own.get("ID"))
        if where == "no id":
            del evil.attrib["ID"]
        if where in ("before", "same id", "no id"):
            response.insert(0, evil)
        elif where == "after":
            response.append(evil)
        elif where == "around":
            response.replace(own, evil)
            evil.append(own)
        elif where == "inside":
            own.append(evil)
        elif where == "object":
            etree.SubElement(signature, f"{{{names['ds']}}}Object").append(evil)
        else:
            response.replace(own, evil)
            evil.append(signature)
            etree.SubElement(response, "{urn:x}Extensions").append(own)
        yield where, response


def test_wrapped_signatures_are_refused(corp: Corp) -> None:
    good = corp.idp.assertion(corp.told())
    corp.ask(good)
    for where, response in wrapped(good):
        try:
            corp.refused("InvalidIdentityToken", "not valid", base64.b64encode(etree.tostring(response)).decode())
        except AssertionError as error:
            raise AssertionError(where) from error


@pytest.mark.parametrize(
    "text",
    ["", "<a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>" * 300 + "</a>" * 300, "<p:Response/>", "\0", "<?x?>",
     SIGNED_BY_NOBODY],
)  # fmt: skip
def test_what_is_no_assertion_is_refused(corp: Corp, text: str) -> None:
    corp.refused("InvalidIdentityToken", "not valid", base64.b64encode(text.encode()).decode() or "====")


def test_broken_signatures_are_refused(corp: Corp) -> None:
    """Each part of a signature taken away, emptied, or changed to what the verifier does not know."""
    good = etree.fromstring(base64.b64decode(corp.idp.assertion(corp.told())))
    signature = "{http://www.w3.org/2000/09/xmldsig#}*"
    told = ("KeyInfo", "X509Data", "X509Certificate")  # the provider's own metadata says which keys count
    for number, original in enumerate(good.iter(signature)):
        if number == 0 or original.tag.endswith(told):
            continue
        for change in ("remove", "empty", "algorithm"):
            response = etree.fromstring(etree.tostring(good))
            element = list(response.iter(signature))[number]
            if change == "remove":
                element.getparent().remove(element)
            elif change == "empty":
                element[:], element.text = [], ""
            elif element.get("Algorithm"):
                element.set("Algorithm", "urn:x")
            if etree.tostring(response, method="c14n") != etree.tostring(good, method="c14n"):
                corp.refused("InvalidIdentityToken", "not valid", base64.b64encode(etree.tostring(response)).decode())


def test_saml_providers_tell_until_when_they_are_valid(corp: Corp) -> None:
    found = corp.iam.get_saml_provider(SAMLProviderArn=corp.provider)
    assert abs(found["ValidUntil"] - found["CreateDate"] - timedelta(days=36_525)) < timedelta(days=2)
    metadata = corp.idp.metadata.replace(" entityID", ' validUntil="2031-05-06T07:08:09Z" entityID')
    corp.iam.update_saml_provider(SAMLProviderArn=corp.provider, SAMLMetadataDocument=metadata)
    [listed] = corp.iam.list_saml_providers()["SAMLProviderList"]
    assert listed["ValidUntil"] == datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


class Web:
    """An OpenID Connect provider that a role trusts."""

    def __init__(self, aws: AwsServer, issuer: Issuer) -> None:
        self.aws, self.issuer, self.sts = aws, issuer, anonymous(aws)
        iam = aws.client("iam")
        self.provider = iam.create_open_id_connect_provider(
            Url=f"https://{issuer.host}", ClientIDList=["app"], ThumbprintList=[issuer.thumbprint]
        )["OpenIDConnectProviderArn"]
        document = trust({"Federated": self.provider}, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"])
        self.role = iam.create_role(RoleName="web", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    def ask(self, **claims: Any) -> Any:
        return self.sts.assume_role_with_web_identity(
            RoleArn=self.role, RoleSessionName="ada", WebIdentityToken=self.issuer.token(**claims)
        )


@pytest.fixture
def web(aws: AwsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    issuer = Issuer(tmp_path)
    monkeypatch.setattr(outgoing_requests, "resolved", lambda _host, _port: issuer.address)
    monkeypatch.setattr(federation, "_ISSUERS", Issuers())
    monkeypatch.setattr("erstwhile.api.aws.federation.oidc.AGAIN", 0.0)
    yield Web(aws, issuer)
    issuer.close()


def test_answers_of_another_shape_are_the_providers_failure(web: Web) -> None:
    good: dict[str, Any] = dict(web.issuer.answers)
    names, keys = "/.well-known/openid-configuration", "/keys"
    for path, answer in (
        (names, []), (names, None), (names, "x"), (names, {}),
        (names, {"issuer": 7, "jwks_uri": "https://idp.example.com/keys"}),
        (names, good[names] | {"issuer": "https://other.example.com"}), (names, good[names] | {"jwks_uri": 7}),
        (names, good[names] | {"jwks_uri": "http://idp.example.com/keys"}),
        (names, good[names] | {"jwks_uri": "https://[::1"}),
        (names, good[names] | {"jwks_uri": "https://idp.example.com/ keys"}), (keys, {}), (keys, {"keys": 7}),
        (keys, {"keys": [7]}),
        (keys, {"keys": [{"kty": "RSA", "n": 7, "e": []}]}), (keys, {"keys": [{"kty": "EC", "kid": []}]}), (keys, []),
        (keys, {"keys": [{}] * 101}), (keys, {"keys": "x" * 300_000}),
    ):  # fmt: skip
        web.issuer.answers = good | {path: answer}
        fails("IDPCommunicationError", "could not be asked", web.ask)
    web.issuer.answers = good
    web.ask()


def test_claims_of_another_shape_are_the_tokens_failure(web: Web) -> None:
    tags = "https://aws.amazon.com/tags"
    wrong: list[dict[str, Any]] = [
        {tags: 7}, {tags: []}, {tags: {"principal_tags": []}}, {tags: {"principal_tags": {"a": 7}}}, {tags: "x"},
        {tags: {"principal_tags": {"a": [7]}}}, {tags: {"principal_tags": {"a": ["b"]}, "transitive_tag_keys": 7}},
        {"https://aws.amazon.com/source_identity": 7}, {"https://aws.amazon.com/source_identity": ["a"]}, {"sub": 7},
        {"sub": ""}, {"sub": "x" * 257}, {"sub": "a\nb"}, {"aud": 7}, {"aud": []}, {"aud": {}}, {"exp": "x"},
        {"exp": []},
        {"iat": "x"}, {"exp": 1e400}, {"nbf": "x"}, {"azp": 7, "aud": "other"}, {"sub": None},
    ]  # fmt: skip
    for claims in wrong:
        fails("InvalidIdentityToken", "", web.ask, **claims)
    deep = base64.urlsafe_b64encode(b"[" * 9_000).rstrip(b"=").decode()
    head = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"one"}').rstrip(b"=").decode()
    for token in (f"{head}.{deep}.x", f"{deep}.{head}.x", "a.b.c", "ä.b.cde", "....", f"{head}.{head}.x"):
        asked = {"RoleArn": web.role, "RoleSessionName": "ada", "WebIdentityToken": token}
        fails("InvalidIdentityToken", "", web.sts.assume_role_with_web_identity, **asked)
    found = web.ask(**{tags: {"principal_tags": {"team": ["blue"]}, "transitive_tag_keys": ["team"]}})
    assert found["AssumedRoleUser"]["Arn"].endswith("/web/ada")


def test_an_issuer_that_does_not_answer_is_waited_for_by_its_own_callers_alone(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    monkeypatch.setattr(outgoing_requests, "SECONDS", 3.0)
    monkeypatch.setattr(outgoing_requests, "resolved", lambda _h, _p: (socket.AF_INET, silent.getsockname()))
    failures: list[str] = []

    def ask(sts: Any, token: str) -> None:
        try:
            sts.assume_role_with_web_identity(RoleArn=web.role, RoleSessionName="ada", WebIdentityToken=token)
        except ClientError as error:
            failures.append(str(error))

    callers = [(anonymous(web.aws), web.issuer.token()) for _ in range(20)]  # all at once, on a busy machine too
    threads = [threading.Thread(target=ask, args=caller) for caller in callers]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    sts = web.aws.client("sts")
    waiting = sum(thread.is_alive() for thread in threads)
    for _ in range(5):
        sts.get_caller_identity()
        web.aws.client("iam").create_group(GroupName=f"g{time.monotonic_ns()}")
    assert waiting == 20  # and they still wait while others are served
    for thread in threads:
        thread.join(60)
    assert len(failures) == 20 and all("IDPCommunicationError" in each for each in failures), failures[:2]
    silent.settimeout(0.1)
    asked = 0
    try:
        while True:
            silent.accept()[0].close()
            asked += 1
    except TimeoutError:
        pass
    silent.close()
    assert asked <= 4  # one request at a time, however many wait for it


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1%eth0",
     "fc00::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::1", "224.0.0.1", "ff02::1",
     "255.255.255.255", "::", "198.18.0.1", "240.0.0.1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(outgoing_requests.PRIVATE, raising=False)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (address, 443))])
    with pytest.raises(outgoing_requests.Unreachable, match="no public address"):
        outgoing_requests.fetch_json("https://idp.example.com/keys")
    monkeypatch.setenv(outgoing_requests.PRIVATE, "10.0.0.0/8, idp.example.com")
    assert outgoing_requests.may_ask("idp.example.com", address)
    assert outgoing_requests.may_ask("other.example.com", "10.9.9.9") and not outgoing_requests.may_ask(
        "other.example.com", "127.0.0.1"
    )
    assert outgoing_requests.may_ask("other.example.com", "8.8.8.8")


@pytest.mark.parametrize("url", ["http://idp.example.com/", "https://[::1", "file:///etc/passwd", "https://a b/", ""])
def test_only_https_is_asked(url: str) -> None:
    with pytest.raises(outgoing_requests.Unreachable, match="https"):
        outgoing_requests.fetch_json(url)
