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


def redacted(record: dict[str, Any]) -> bytes:
    """The record as compact JSON with the value of each secret field replaced."""
    data = orjson.dumps(record)
    if any(needle in data for needle in _NEEDLES):
        return orjson.dumps(_walk(record))
    return data


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: REDACTED if key in SECRET_FIELDS and item else _walk(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    return value
