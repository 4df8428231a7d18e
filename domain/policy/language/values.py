# mypyc: compiled
"""Values of conditions: numbers, instants, addresses. None for text that is none."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from decimal import Decimal

from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_EPOCH = re.compile(r"-?\d{5,17}(\.\d{1,9})?")
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?")
_LAST_SECOND = 253402300799  # of the year 9999


def number(text: str) -> Decimal | None:
    """An integer or decimal."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def when(text: str) -> datetime | None:
    """The W3C's ISO 8601 profile (`2026`, `2026-03`, `2026-03-31`, with time and zone), or seconds since 1970.

    What leaves out its day or time means the beginning, in UTC. Four digits are a year.
    """
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        if not 0 <= seconds <= _LAST_SECOND:
            return None
        return datetime.fromtimestamp(seconds, UTC)
    short = _YEAR_OR_MONTH.fullmatch(text)
    if short:
        text = f"{short.group(1)}-{short.group(2) or '01'}-01"
    try:
        return parse_instant(text if "T" in text or "t" in text else f"{text}T00:00:00Z")
    except MalformedInstant:
        return None


def network(text: str) -> Network | None:
    """An address, or a range in CIDR notation; bits beyond the prefix do not matter."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def in_network(text: str, range_: Network) -> bool:
    try:
        return ipaddress.ip_address(text) in range_
    except ValueError:
        return False
