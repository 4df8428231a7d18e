"""Requests to addresses that the operator alone names: witnesses and anchors."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

SECONDS = 10.0
"""For a request, from its beginning to the end of the answer."""
_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""


class PostFailed(Exception):
    """No answer came; the message says why."""


def is_address(url: str) -> bool:
    """Whether it is an http or https URL, without a user's name or a fragment."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
            and not parts.fragment and (parts.port is None or parts.port > 0) and url.isascii() and url.isprintable()
        )  # fmt: skip
    except ValueError:
        return False


def post(url: str, body: str) -> tuple[int, bytes]:
    """Status and body of the answer; a redirection is not followed. Raises PostFailed."""
    parts = urlsplit(url)
    until = time.monotonic() + SECONDS
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS / 2)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        answer = connection.getresponse()
        data = b""
        while chunk := answer.read1(_ANSWER + 1 - len(data)):
            data += chunk
            if len(data) > _ANSWER:
                raise PostFailed(f"its answer has more than {_ANSWER:,} bytes")
            if time.monotonic() > until:
                raise PostFailed(f"its answer takes more than {SECONDS:g} seconds")
        return answer.status, data
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PostFailed(f"it cannot be asked: {error or type(error).__name__}") from None
    finally:
        connection.close()
