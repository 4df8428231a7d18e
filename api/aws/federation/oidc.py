"""Checks OpenID Connect tokens against the keys that their issuer publishes.

Sources: https://openid.net/specs/openid-connect-discovery-1_0.html, RFC 7517, RFC 7519. A server's certificate is
accepted if this machine trusts it, or if its thumbprint (SHA-1) is one of the provider's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import jwt
import msgspec

from erstwhile.api.aws.federation import outgoing_requests
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.problems import Problem
from erstwhile.api.support.off_loop import Apart
from erstwhile.domain.vocabulary.bounded import Bounded

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256")
MAX_KEYS = 100
MAX_KEY_ID = 1_024
MAX_ISSUERS = 1_000
"""Issuers whose keys are cached."""
KEPT = 600.0
"""Seconds for which an issuer's keys are cached."""
AGAIN = 5.0
"""Seconds after which the keys are fetched again for an unknown key, or after a failure."""
LEEWAY = 60


class Provider(msgspec.Struct, frozen=True):
    """A registered provider: its URL without scheme, its client ids (audiences), and its thumbprints."""

    arn: str
    host: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]


def _invalid(why: str) -> AwsError:
    return AwsError("InvalidIdentityToken", f"The web identity token is not valid: {why}")


def issuer_of(token: str) -> str:
    """The issuer that the token states, as a URL without scheme. Raises AwsError InvalidIdentityToken."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise _invalid(str(error)[:200]) from None
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise _invalid("it has no issuer")
    return issuer.removeprefix("https://")


class _Kept(msgspec.Struct, frozen=True):
    """The result of a request to an issuer, and its time."""

    at: float
    keys: jwt.PyJWKSet | None
    failure: AwsError | None = None


_Asked = tuple[str, tuple[str, ...]]
"""(host, thumbprints): keys that were fetched under one certificate are not used for providers that trust another."""


def _asked(provider: Provider) -> _Asked:
    return provider.host, provider.thumbprints


class Issuers:
    """The public keys of issuers, fetched when needed by a few threads of their own. One request at a time fetches the
    keys of an issuer, and all callers wait for it. Both keys and failures are cached."""

    def __init__(self) -> None:
        self._threads = Apart("identity providers", threads=8, waiting=64, seconds=2 * outgoing_requests.SECONDS + 2)
        self._kept: Bounded[_Asked, _Kept] = Bounded(MAX_ISSUERS)
        self._asking: dict[_Asked, asyncio.Task[jwt.PyJWKSet]] = {}

    async def verify(self, token: str, provider: Provider) -> Mapping[str, Any]:
        """Checks the token and returns its claims. Raises AwsError."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _invalid(f"its algorithm must be one of {', '.join(ALGORITHMS)}")
            key = await self._key(provider, str(header.get("kid", ""))[:MAX_KEY_ID])
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[header["alg"]], leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud"], "verify_aud": False, "verify_iss": False},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise AwsError("ExpiredTokenException", "Token expired: the web identity token is too old") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _invalid(str(error)[:200]) from None
        if not set(audiences(claims)) & set(provider.client_ids):
            raise _invalid("Incorrect token audience")
        return claims

    async def _key(self, provider: Provider, kid: str) -> jwt.PyJWK:
        kept = self._kept.get(_asked(provider))
        age = time.monotonic() - kept.at if kept is not None else KEPT
        found = _find(kept.keys, kid) if kept is not None and kept.keys is not None and age < KEPT else None
        if found is None:
            if kept is not None and kept.failure is not None and age < AGAIN:
                raise AwsError(kept.failure.code, kept.failure.message)
            if kept is None or kept.keys is None or age > AGAIN:
                found = _find(await self._asked(provider), kid)
        if found is None:
            raise _invalid(f"its issuer has no key {kid!r}")
        return found

    async def _asked(self, provider: Provider) -> jwt.PyJWKSet:
        task = self._asking.get(_asked(provider))
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._asking[_asked(provider)] = asyncio.create_task(self._ask(provider))
            task.add_done_callback(partial(self._heard, _asked(provider)))
        return await asyncio.shield(task)

    async def _ask(self, provider: Provider) -> jwt.PyJWKSet:
        try:
            keys = await self._threads.run(_fetch_keys, provider)
        except Problem as problem:
            raise _unreachable(provider.host, problem.detail) from None
        except AwsError as failure:
            self._kept.keep(_asked(provider), _Kept(time.monotonic(), None, failure))
            raise
        self._kept.keep(_asked(provider), _Kept(time.monotonic(), keys))
        return keys

    def _heard(self, asked: _Asked, task: asyncio.Task[jwt.PyJWKSet]) -> None:
        """Removes the task. Reads its error, because there may be no caller left that does."""
        if self._asking.get(asked) is task:
            del self._asking[asked]
        if not task.cancelled():
            task.exception()


def audiences(claims: Mapping[str, Any]) -> list[str]:
    """The token's audience: azp if present, like AWS, else aud."""
    if isinstance(claims.get("azp"), str):
        return [claims["azp"]]
    audience = claims.get("aud")
    return [str(each) for each in audience] if isinstance(audience, list) else [str(audience)]


def _find(keys: jwt.PyJWKSet, kid: str) -> jwt.PyJWK | None:
    if not kid and len(keys.keys) == 1:
        return keys.keys[0]
    return next((key for key in keys.keys if key.key_id == kid), None)


def _fetch_keys(provider: Provider) -> jwt.PyJWKSet:
    """Raises AwsError IDPCommunicationError."""
    url = f"https://{provider.host.rstrip('/')}"
    configuration = _fetch(f"{url}/.well-known/openid-configuration", provider.thumbprints)
    issuer, keys = configuration.get("issuer"), configuration.get("jwks_uri")
    if not isinstance(issuer, str) or issuer.removeprefix("https://") != provider.host:
        raise _unreachable(provider.host, "its configuration names another issuer")
    if not isinstance(keys, str):
        raise _unreachable(provider.host, "its configuration names no jwks_uri")
    found = _fetch(keys, provider.thumbprints)
    held = found.get("keys")
    if not isinstance(held, list) or len(held) > MAX_KEYS:
        raise _unreachable(provider.host, f"a list of up to {MAX_KEYS} keys is expected")
    try:
        return jwt.PyJWKSet.from_dict({"keys": [each for each in held if isinstance(each, dict)]})
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreachable(provider.host, str(error)) from None


def _fetch(url: str, thumbprints: Collection[str]) -> dict[str, Any]:
    try:
        return outgoing_requests.fetch_json(url, thumbprints)
    except outgoing_requests.Unreachable as error:
        raise _unreachable(url, str(error)) from None


def _unreachable(where: str, why: str) -> AwsError:
    return AwsError("IDPCommunicationError", f"The identity provider {where[:200]} could not be asked: {why[:500]}")
