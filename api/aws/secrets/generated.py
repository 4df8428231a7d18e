"""Makes identifiers and secrets in the forms that AWS's have."""

from __future__ import annotations

import base64
import secrets

from erstwhile.api.support.random_bytes import random_bytes

_LETTERS = bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31] for byte in range(256))
"""The letter for a random byte, by its five low bits; all 32 letters are equally likely."""


def new_id(prefix: str, length: int = 16) -> str:
    """An id in AWS's form: AIDA…, ASIA…"""
    return prefix + random_bytes(length).translate(_LETTERS).decode()


def new_secret() -> str:
    """A new secret of 40 characters, like AWS's secret access keys."""
    return base64.b64encode(secrets.token_bytes(30)).decode()
