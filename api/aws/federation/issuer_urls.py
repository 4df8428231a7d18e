"""Checks URLs of OpenID Connect issuers: the URLs with which a provider may be created.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html (Url)
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from erstwhile.api.aws.wire.errors import AwsError

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_URL = re.compile(
    rf"https://(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?"
    r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)


def is_url(text: str) -> bool:
    """Whether a text is an https URL of a server, without user, query or fragment, and without invalid characters."""
    if _URL.fullmatch(text) is None or len(text) > 2_048:
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return 0 < len(host) <= 253 and port != 0


def require_url(url: str) -> None:
    """Raises AwsError InvalidInput."""
    if not is_url(url):
        raise AwsError(
            "InvalidInput",
            "Invalid Open ID Connect Provider URL: it must begin with https://, name a host, and have neither a user, "
            "a query, a fragment, nor characters that no URL has",
        )
