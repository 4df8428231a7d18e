"""Removes secrets from CloudTrail records before they are stored: passwords, session tokens, keys."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
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
_PIECE = 1 << 20
"""Bytes that are searched at once."""
_LONGEST = max(map(len, _NEEDLES))
_QUOTE = ord('"')
REDACTED = "REDACTED"


def _pairs(place: int) -> npt.NDArray[np.bool_]:
    """Of two letters, as one number: whether a secret field has them at a place."""
    found = np.zeros(1 << 16, np.bool_)
    for field in SECRET_FIELDS:
        found[int.from_bytes(field[place : place + 2].encode(), "big")] = True
    return found


_LOOKED_AT = 8
"""Letters of a field's name: the shortest one has as many."""
_WANTED = tuple((place, _pairs(place)) for place in range(0, _LOOKED_AT, 2))


def secrets_in(data: bytes) -> tuple[bytes, ...]:
    """Returns the names of the secret fields that occur anywhere in a file, in quotes: the `needles` of `redacted`."""
    # Most files have no secret field: one search for all names decides that.
    if not any(map(_may_have_secrets, (data[at : at + _PIECE + _LONGEST] for at in range(0, len(data), _PIECE)))):
        return ()
    return tuple(needle for needle in _NEEDLES if needle in data) if _ANY_OF_THEM.search(data) else ()


def _may_have_secrets(piece: bytes) -> bool:
    """Whether eight letters after some quote may be the first of a secret field. For the row `import` of
    `make bench-import`: a regular expression takes several times as long."""
    letters = np.frombuffer(piece, np.uint8)
    after = np.flatnonzero(letters[: max(len(letters) - _LOOKED_AT, 0)] == _QUOTE) + 1
    for place, wanted in _WANTED:
        two = letters[after + place].astype(np.uint16) << 8 | letters[after + place + 1]
        after = after[wanted[two]]
    return len(after) > 0


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
