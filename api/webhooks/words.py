"""What a webhook is made of, as people give it."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit

from erstwhile.api.asking.log_events import parse_types
from erstwhile.api.problems import Problem, bad_request

NOTICE = "notice"
"""Among types of events: the notices of watches."""
MOST = 32
"""Webhooks of a database, each of which has a thread."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECRET = "whsec_"
_SHORTEST, _LONGEST = 24, 512


def parse_url(text: str) -> str:
    """Raises Problem for what cannot be sent to."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _malformed(text, str(error)) from None
    if parts.scheme not in ("https", "http") or not host:
        raise _malformed(text, "https://HOST/… is expected")
    if parts.username is not None or parts.fragment:
        raise _malformed(text, "a user or a fragment in it goes nowhere: give the secret in a file")
    if len(text) > 2_000 or not text.isascii() or any(each <= " " or each == "\x7f" for each in text):
        raise _malformed(text, "up to 2,000 printable characters of ASCII are expected")
    return text


def _malformed(text: str, why: str) -> Problem:
    return bad_request("malformed_url", f"{text[:100]!r} is no URL of a webhook: {why}")


def parse_name(text: str) -> str:
    """Raises Problem."""
    if not _NAME.fullmatch(text):
        raise bad_request("malformed_name", f"{text[:80]!r} is no webhook's name: letters, digits, . _ - (up to 64)")
    return text


def parse_message_types(text: str) -> tuple[str, ...]:
    """Types of events, and `notice`, with commas between; none for all. Raises Problem."""
    words = [word for each in text.split(",") if (word := each.strip())]
    events = parse_types(",".join(word for word in words if word != NOTICE))
    return (*events, NOTICE) if NOTICE in words else events


def parse_secret(data: bytes) -> bytes:
    """The content of a secret's file: `whsec_` and base64, or any text. Raises Problem.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    text = data.strip()
    if text.startswith(_SECRET.encode()):
        try:
            text = base64.b64decode(text[len(_SECRET) :], validate=True)
        except (binascii.Error, ValueError):
            raise bad_request("malformed_secret", f"the secret is not base64 after {_SECRET}") from None
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise bad_request(
            "malformed_secret",
            f"the secret has {len(text)} bytes: {_SHORTEST} to {_LONGEST} are expected; "
            f"`echo {_SECRET}$(openssl rand -base64 32)` makes one",
        )
    return text
