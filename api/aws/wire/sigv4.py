# mypyc: compiled
"""Checks Signature Version 4: that the owner of an access key signed exactly this request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.aws.wire.signed import Signed

ALGORITHM = "AWS4-HMAC-SHA256"
WINDOW = timedelta(minutes=5)
"""The permitted difference between a signature's time and this server's clock."""
_WINDOWS = {"sts": timedelta(minutes=15)}
"""The difference for services with another limit. Their presigned calls are valid as long, whatever X-Amz-Expires says:
tokens of EKS are calls with 60 seconds that are valid for 15 minutes.

Source: https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
"""
_BASIC = "%Y%m%dT%H%M%SZ"
MAX_PRESIGNED = 7 * 24 * 3600
_EMPTY = hashlib.sha256(b"").hexdigest()
_BASIC_FORM = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_SPACES = re.compile(" +")
_FIELDS = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


class Hmac:
    """HMAC-SHA-256 (RFC 2104) of one key. The pads are hashed once: setting a key up takes OpenSSL 3 eleven
    microseconds, using this takes two."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def _bytes(text: str) -> bytes:
    """The bytes of a header as sent: aiohttp turns bytes that are not UTF-8 into surrogates."""
    return text.encode("utf-8", "surrogateescape")


def _refuse(code: str, message: str, status: int = 403) -> AwsError:
    return AwsError(code, message, status)


def read(
    method: str,
    path: str,
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    body: bytes,
    services: tuple[str, ...],
    now: datetime,
) -> Signed:
    """Reads the signature from a request's headers or query and checks its time and scope. Raises AwsError."""
    names = dict(query) if query else {}
    authorization = headers.get("Authorization", "")
    if authorization:
        begin, _, signature = authorization.rpartition("Signature=")
        if begin.endswith((",", ", ")) and "," not in signature:
            # The form of AWS's clients: the part before the signature is the same in many requests.
            fields = {**_fields_before(begin), "Signature": signature.strip()}
        else:
            fields = _fields(authorization)
        at = headers.get("X-Amz-Date") or headers.get("Date") or ""
        token = headers.get("X-Amz-Security-Token", "")
        lasts = None
        signed_query = list(query)
    elif "X-Amz-Signature" in names:
        if names.get("X-Amz-Algorithm") != ALGORITHM:
            raise _refuse("IncompleteSignature", f"X-Amz-Algorithm must be {ALGORITHM}", 400)
        fields = {name: names.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
        at, token = names.get("X-Amz-Date", ""), names.get("X-Amz-Security-Token", "")
        lasts = _WINDOWS.get(services[0]) or _lasts(names.get("X-Amz-Expires", ""))
        signed_query = [(name, value) for name, value in query if name != "X-Amz-Signature"]
    else:
        raise _refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
    access_key_id, scope = _credential(fields["Credential"], services)
    signed_at = _instant(at)
    if at[:8] != scope[0]:
        raise _refuse(
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
        )
    _check_time(signed_at, lasts, now, _WINDOWS.get(services[0], WINDOW))
    joined = fields["SignedHeaders"].lower()
    names_signed = joined.split(";")
    if "host" not in names_signed:
        raise _refuse("SignatureDoesNotMatch", "'Host' must be a 'SignedHeader' in the AWS Authorization.")
    canonical_headers = "".join([f"{name}:{_trimmed(headers.get(name, ''))}\n" for name in names_signed])
    canonical = (
        f"{method}\n{_canonical_path(path)}\n{_canonical_query(signed_query)}\n{canonical_headers}\n{joined}\n"
        f"{_payload(headers, body, is_presigned=lasts is not None)}"
    )
    hashed = hashlib.sha256(_bytes(canonical)).hexdigest()
    text = f"{ALGORITHM}\n{at}\n{scope[0]}/{scope[1]}/{scope[2]}/aws4_request\n{hashed}"
    return Signed(
        access_key_id=access_key_id, scope=scope, signature=fields["Signature"], session_token=token,
        string_to_sign=text,
    )  # fmt: skip


@lru_cache(maxsize=4_096)
def _fields_before(begin: str) -> dict[str, str]:
    """The required fields before the signature. Raises AwsError."""
    fields = _fields(f"{begin}Signature=-")
    return {name: fields[name] for name in ("Credential", "SignedHeaders")}


def _fields(authorization: str) -> dict[str, str]:
    if not authorization.startswith(f"{ALGORITHM} "):
        raise _refuse("IncompleteSignature", f"the Authorization header must begin with {ALGORITHM}", 400)
    fields = dict(_FIELDS.findall(authorization))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in fields:
            raise _refuse("IncompleteSignature", f"Authorization header requires '{name}' parameter.", 400)
    return fields


def verify(signed: Signed, secret: str) -> None:
    """Checks the signature. Raises AwsError SignatureDoesNotMatch."""
    expected = _signing_key(secret, *signed.scope).of(_bytes(signed.string_to_sign)).hex()
    if not hmac.compare_digest(expected.encode(), _bytes(signed.signature.lower())):
        raise _refuse(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )


@lru_cache(maxsize=1_024)
def _signing_key(secret: str, date: str, region: str, service: str) -> Hmac:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, _bytes(part), "sha256")
    return Hmac(key)


@lru_cache(maxsize=4_096)
def _credential(text: str, services: tuple[str, ...]) -> tuple[str, tuple[str, str, str]]:
    parts = unquote(text).split("/")
    if len(parts) < 5:
        raise _refuse(
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term", 400,
        )  # fmt: skip
    *key_id, date, region, service, term = parts
    if term != "aws4_request":
        raise _refuse(
            "SignatureDoesNotMatch",
            f"Credential should be scoped with a valid terminator: 'aws4_request', not '{term}'.",
        )
    if service not in services:
        raise _refuse("SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{services[0]}'.")
    return "/".join(key_id), (date, region, service)


@lru_cache(maxsize=1_024)
def _instant(text: str) -> datetime:
    try:
        if not _BASIC_FORM.fullmatch(text):
            raise ValueError
        return datetime.strptime(text, _BASIC).replace(tzinfo=UTC)
    except ValueError:
        raise _refuse(
            "IncompleteSignature",
            f"X-Amz-Date must be in ISO 8601 basic form, 20260303T140211Z, not {text[:40]!r}",
            400,
        ) from None


def _lasts(expires: str) -> timedelta:
    if not expires.isascii() or not expires.isdigit() or len(expires) > 6 or not 0 < int(expires) <= MAX_PRESIGNED:
        raise _refuse("IncompleteSignature", f"X-Amz-Expires must be 1 to {MAX_PRESIGNED} seconds", 400)
    return timedelta(seconds=int(expires))


def _check_time(signed_at: datetime, lasts: timedelta | None, now: datetime, window: timedelta) -> None:
    minutes = f"{window.seconds // 60} min."
    if signed_at > now + window:
        raise _refuse(
            "SignatureDoesNotMatch",
            f"Signature not yet current: {signed_at:{_BASIC}} is still later than {now + window:{_BASIC}} "
            f"(+ {minutes})",
        )
    if lasts is not None:
        if now > signed_at + lasts:
            raise _refuse("RequestExpired", "Request has expired", 400)
    elif signed_at < now - window:
        raise _refuse(
            "SignatureDoesNotMatch",
            f"Signature expired: {signed_at:{_BASIC}} is now earlier than {now - window:{_BASIC}} "
            f"({now:{_BASIC}} - {minutes})",
        )


def _canonical_path(path: str) -> str:
    """The path, normalised (RFC 3986, section 5.2.4) and encoded."""
    if path == "/":
        return path
    found: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    normal = "/" + "/".join(found) + ("/" if found and path.endswith("/") else "")
    return quote(normal, safe="/~-._%")


def _canonical_query(query: Sequence[tuple[str, str]]) -> str:
    if not query:
        return ""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _trimmed(value: str) -> str:
    return _SPACES.sub(" ", value.strip()) if "  " in value else value.strip()


def _payload(headers: Mapping[str, str], body: bytes, is_presigned: bool) -> str:
    """The hash of the body. Raises AwsError for chunked and unsigned payloads, which only S3 accepts."""
    actual = hashlib.sha256(body).hexdigest() if body else _EMPTY
    claimed = headers.get("X-Amz-Content-SHA256")
    if claimed is not None and claimed != actual:
        if claimed.startswith(("STREAMING-", "UNSIGNED-")):
            raise _refuse("SignatureDoesNotMatch", f"x-amz-content-sha256 {claimed} is not supported by this service.")
        raise _refuse(
            "SignatureDoesNotMatch", "The provided x-amz-content-sha256 header does not match what was computed."
        )
    return actual


__all__ = ["Signed", "read", "verify"]
