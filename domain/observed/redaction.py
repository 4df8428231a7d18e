"""Secrets are dropped on the way in: a record is kept as evidence without its session tokens and keys."""

from __future__ import annotations

from typing import Any

import orjson

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
REDACTED = "REDACTED"


def secrets_in(data: bytes) -> tuple[bytes, ...]:
    """The secret fields that occur anywhere in a file, as they are written there: what `redacted` must look for."""
    return tuple(needle for needle in _NEEDLES if needle in data)


def redacted(record: dict[str, Any], needles: tuple[bytes, ...] = _NEEDLES) -> bytes:
    """The record as compact JSON with the value of each secret field replaced."""
    data = orjson.dumps(record)
    for needle in needles:
        if needle in data:
            return orjson.dumps(_walk(record))
    return data


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: REDACTED if key in SECRET_FIELDS and item else _walk(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    return value
