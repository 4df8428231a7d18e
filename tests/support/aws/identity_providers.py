"""Identity providers of the tests: one that signs SAML assertions, and one that issues web identity tokens over TLS."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

Key = Any
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"


def self_signed(key: Key, name: str = "localhost", days: int = 30) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC) - timedelta(days=60)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + timedelta(days=60 + days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip


def pem(key: Key) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return str(key.private_bytes(*form).decode())


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def text_of(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


class SamlProvider:
    """Signs what it is told to say."""

    entity_id = "https://idp.example.com/saml"

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.certificate = self_signed(self.key, "idp.example.com")

    @property
    def metadata(self) -> str:
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity_id}">'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
            f"<ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            "</md:IDPSSODescriptor></md:EntityDescriptor>"
        )

    def assertion(
        self, attributes: dict[str, list[str]], expires: timedelta = timedelta(minutes=5), signed: bool = True,
        issuer: str = "", key: Key = None, status: str = "", audience: str = "urn:amazon:webservices",
        recipient: str = "https://signin.aws.amazon.com/saml", session_ends: timedelta | None = None,
    ) -> str:  # fmt: skip
        """A response with one signed assertion, in base64."""
        until = stamp(datetime.now(UTC) + expires)
        ends = ""
        if session_ends is not None:
            ends = f'<a:AuthnStatement SessionNotOnOrAfter="{stamp(datetime.now(UTC) + session_ends)}"/>'
        told = "".join(
            f'<a:Attribute Name="{ATTRIBUTES}{name}">'
            + "".join(f"<a:AttributeValue>{v}</a:AttributeValue>" for v in values)
            + "</a:Attribute>"
            for name, values in attributes.items()
        )
        text = (
            '<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" '
            'IssueInstant="2026-01-01T00:00:00Z">'
            f"<a:Issuer>{issuer or self.entity_id}</a:Issuer>"
            '<a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada@example.com</a:'
            "NameID>"
            '<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<a:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{recipient}"/>'
            f'</a:SubjectConfirmation></a:Subject><a:Conditions NotOnOrAfter="{until}"><a:AudienceRestriction>'
            f"<a:Audience>{audience}</a:Audience></a:AudienceRestriction></a:Conditions>{ends}"
            f"<a:AttributeStatement>{told}</a:AttributeStatement></a:Assertion>"
        )
        made = etree.fromstring(text)
        if signed:
            signer = XMLSigner(
                method=SignatureConstructionMethod.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"
            )
            made = signer.sign(
                made, key=key or self.key, cert=[self.certificate], reference_uri="_1", id_attribute="ID"
            )
        response = etree.fromstring('<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r"/>')
        if status:
            response.append(
                etree.fromstring(
                    '<p:Status xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><p:StatusCode '
                    f'Value="{status}"/></p:Status>'
                )
            )
        response.append(made)
        return base64.b64encode(etree.tostring(response)).decode()


class Issuer:
    """An OpenID Connect issuer on a loopback port of its own, which a name server would send its callers to."""

    host = "idp.example.com"

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        tls = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self_signed(tls, self.host)
        (folder / "tls.pem").write_text(pem(tls) + text_of(self.certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "tls.pem")
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.seen.append(self.path)
                body = json.dumps(issuer.answers.get(self.path, {})).encode()
                self.send_response(200 if self.path in issuer.answers else 404)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = (socket.AF_INET, ("127.0.0.1", self._server.server_port))
        self.seen: list[str] = []
        public = jwt.get_algorithm_by_name("ES256").to_jwk(self.key.public_key(), as_dict=True)
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": f"https://{self.host}",
                "jwks_uri": f"https://{self.host}/keys",
            },
            "/keys": {"keys": [{**public, "kid": "one", "alg": "ES256", "use": "sig"}]},
        }
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def thumbprint(self) -> str:
        return hashlib.sha1(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def token(self, key: Key = None, **claims: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        given = {"iss": f"https://{self.host}", "aud": "app", "sub": "repo:ada", "iat": now, "exp": now + 300} | claims
        return jwt.encode(given, key or self.key, algorithm="ES256", headers={"kid": "one"})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
