"""Removes secrets from CloudTrail records before they are stored: passwords, session tokens, keys."""

from __future__ import annotations

import re
from typing import Any

import orjson

from erstwhile.domain.observed.text import read_json

SECRET_FIELDS = frozenset(
    (
        "sessionToken",
        "secretAccessKey",
        "password",
        "newPassword",
        "oldPassword",
        "masterUserPassword",
        "privateKey",
        "secretString",
        "secretBinary",
        "sAMLAssertion",
        "webIdentityToken",
        "base32StringSeed",
        "qRCodePNG",
        "servicePassword",
        "tokenCode",
    )
)
_NEEDLES = tuple(f'"{field}"'.encode() for field in SECRET_FIELDS)
_ANY_OF_THEM = re.compile(b'"(?:' + b"|".join(field.encode() for field in SECRET_FIELDS) + b')"')
REDACTED = "REDACTED"


def secrets_in(data: bytes) -> tuple[bytes, ...]:
    """Returns the names of the secret fields that occur anywhere in a file, in quotes: the `needles` of `redacted`."""
    # Most files have no secret field: one search for all names decides that.
    return tuple(needle for needle in _NEEDLES if needle in data) if _ANY_OF_THEM.search(data) else ()


def redacted(record: bytes, needles: tuple[bytes, ...] = _NEEDLES) -> bytes:
    """Returns the record on one line, with the value of each secret field replaced by `REDACTED`.

    A record without secrets and line breaks is returned unchanged.
    """
    for needle in needles:
        if needle in record:
            return orjson.dumps(_walk(read_json(record)))
    return record if b"\n" not in record else orjson.dumps(read_json(record))


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: REDACTED if key in SECRET_FIELDS and item else _walk(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    return value
