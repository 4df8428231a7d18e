"""Secrets are dropped on the way in: a record is kept as evidence without its session tokens and keys."""

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
    """The secret fields that occur anywhere in a file, as they are written there: what `redacted` must look for."""
    # One look for all of them; most files have none.
    return tuple(needle for needle in _NEEDLES if needle in data) if _ANY_OF_THEM.search(data) else ()


def redacted(record: bytes, needles: tuple[bytes, ...] = _NEEDLES) -> bytes:
    """The record on one line, with the value of each secret field replaced; otherwise as it was written."""
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
