"""What the form of an access key's id tells by itself.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids (the
prefixes), https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489 (the account within ids that were
made since about March 2019)
"""

from __future__ import annotations

import base64
import binascii
import re

_KEY = re.compile(r"(AKIA|ASIA)[A-Z0-9]{12,124}", re.ASCII)
_WITH_ACCOUNT = re.compile(r"(?:AKIA|ASIA)([Q-Z2-7][A-Z2-7]{15})", re.ASCII)
_MASK = 0x7FFFFFFFFF80


def is_access_key(text: str) -> bool:
    """Whether a text has the form of an access key's id: AKIA… of a user, ASIA… of a session."""
    return _KEY.fullmatch(text) is not None


def is_temporary(access_key: str) -> bool:
    """Whether a key belongs to a session."""
    return access_key.startswith("ASIA")


def account_of(access_key: str) -> str:
    """The account of which a key is, by its form; '' where the form tells none: the ids of older keys do not."""
    found = _WITH_ACCOUNT.fullmatch(access_key)
    if found is None:
        return ""
    try:
        number = int.from_bytes(base64.b32decode(found[1])[:6], "big")
    except binascii.Error:
        return ""
    return f"{(number & _MASK) >> 7:012}"
