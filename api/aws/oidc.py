"""OpenID Connect: tokens checked against the keys that their issuer publishes.

Sources: https://openid.net/specs/openid-connect-discovery-1_0.html, RFC 7517, RFC 7519. A server's certificate counts
when this machine trusts it, or when its thumbprint (SHA-1) is one of the provider's.
"""

from __future__ import annotations

import hashlib
import http.client
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec
import orjson

from erstwhile.api.aws.errors import AwsError

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256")
TIMEOUT = 5.0
MAX_ANSWER = 256 * 1024
KEPT = 600.0
"""Seconds for which an issuer's keys are kept."""
AGAIN = 5.0
"""Seconds after which a key that is not among them is looked for anew."""
LEEWAY = 60


class Provider(msgspec.Struct, frozen=True):
    """A registered provider: its URL without scheme, the audiences it may speak to, and its thumbprints."""

    arn: str
    host: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]


def _invalid(why: str) -> AwsError:
    return AwsError("InvalidIdentityToken", f"The web identity token is not valid: {why}")


def issuer_of(token: str) -> str:
    """Who issued the token, as it says itself: its URL without scheme. Raises AwsError InvalidIdentityToken."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _invalid(str(error)) from None
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise _invalid("it has no issuer")
    return issuer.removeprefix("https://").rstrip("/")


class Issuers:
    """Keys of issuers, fetched when needed. May be used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, tuple[float, jwt.PyJWKSet]] = {}

    def verify(self, token: str, provider: Provider) -> Mapping[str, Any]:
        """The claims. Raises AwsError."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _invalid(f"its algorithm must be one of {', '.join(ALGORITHMS)}")
            key = self._key(provider, str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[header["alg"]], leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud"], "verify_aud": False, "verify_iss": False},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise AwsError("ExpiredTokenException", "Token expired: the web identity token is too old") from None
        except jwt.PyJWTError as error:
            raise _invalid(str(error)) from None
        if not set(audiences(claims)) & set(provider.client_ids):
            raise _invalid("Incorrect token audience")
        return claims

    def _key(self, provider: Provider, kid: str) -> jwt.PyJWK:
        with self._lock:
            fetched, held = self._keys.get(provider.host, (-KEPT, None))
        age = time.monotonic() - fetched
        found = _find(held, kid) if held is not None and age < KEPT else None
        if found is None and (held is None or age > AGAIN):
            held = _fetch_keys(provider)
            with self._lock:
                self._keys[provider.host] = (time.monotonic(), held)
            found = _find(held, kid)
        if found is None:
            raise _invalid(f"its issuer has no key {kid!r}")
        return found


def audiences(claims: Mapping[str, Any]) -> list[str]:
    """Whom a token speaks to; azp counts where it is there, as AWS has it."""
    if isinstance(claims.get("azp"), str):
        return [claims["azp"]]
    audience = claims.get("aud")
    return [str(each) for each in audience] if isinstance(audience, list) else [str(audience)]


def _find(keys: jwt.PyJWKSet, kid: str) -> jwt.PyJWK | None:
    if not kid and len(keys.keys) == 1:
        return keys.keys[0]
    return next((key for key in keys.keys if key.key_id == kid), None)


def _fetch_keys(provider: Provider) -> jwt.PyJWKSet:
    configuration = _fetch(f"https://{provider.host}/.well-known/openid-configuration", provider.thumbprints)
    if str(configuration.get("issuer", "")).removeprefix("https://").rstrip("/") != provider.host:
        raise _unreachable(provider.host, "its configuration names another issuer")
    try:
        return jwt.PyJWKSet.from_dict(_fetch(str(configuration.get("jwks_uri", "")), provider.thumbprints))
    except jwt.PyJWTError as error:
        raise _unreachable(provider.host, str(error)) from None


def _fetch(url: str, thumbprints: Collection[str]) -> dict[str, Any]:
    """JSON over HTTPS, without redirections. Raises AwsError IDPCommunicationError."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise _unreachable(url, "https is expected")
    try:
        connection = _connected(parts.hostname, parts.port or 443, thumbprints)
        try:
            connection.request("GET", parts.path or "/", headers={"Accept": "application/json"})
            response = connection.getresponse()
            raw = response.read(MAX_ANSWER + 1)
        finally:
            connection.close()
        if response.status != 200 or len(raw) > MAX_ANSWER:
            raise _unreachable(url, f"it answered {response.status}")
        found = orjson.loads(raw)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreachable(url, str(error)) from None
    if not isinstance(found, dict):
        raise _unreachable(url, "JSON of another form came")
    return found


def _connected(host: str, port: int, thumbprints: Collection[str]) -> http.client.HTTPSConnection:
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    try:
        connection.connect()
        return connection
    except ssl.SSLCertVerificationError:
        connection.close()
        if not thumbprints:
            raise
    # This machine does not know who signed the certificate; the provider's thumbprints may.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    connection.connect()
    certificate = connection.sock.getpeercert(binary_form=True) or b""
    if hashlib.sha1(certificate, usedforsecurity=False).hexdigest() not in {each.lower() for each in thumbprints}:
        connection.close()
        raise ssl.SSLError("its certificate is neither trusted here nor one of the provider's thumbprints")
    return connection


def _unreachable(where: str, why: str) -> AwsError:
    return AwsError("IDPCommunicationError", f"The identity provider {where[:200]} could not be asked: {why}")
