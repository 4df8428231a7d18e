"""What proxies tell of a caller: the hops of Forwarded (RFC 7239), and of X-Forwarded-For, -Proto and -Host."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

Address = IPv4Address | IPv6Address

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::\d{1,5})?", re.ASCII)
_PAIR = re.compile(
    r'\s*(?P<name>[!#$%&*+.^_`|~\w-]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,;"]*))\s*', re.ASCII
)


class Hop(NamedTuple):
    """One that called the next: its address, and the scheme and host that it used; '' where the header does not say."""

    address: str
    scheme: str = ""
    host: str = ""


def parse_address(text: str) -> Address | None:
    """An address, with or without a port; an IPv4 address in IPv6's clothes is the IPv4 address."""
    text = text.partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def sound_host(host: str) -> str:
    """A host, with or without a port; '' for what is none."""
    return host if _HOST.fullmatch(host) else ""


def forwarded(text: str) -> list[Hop]:
    """The hops of Forwarded, the nearest last; none where it is malformed."""
    hops: list[Hop] = []
    pairs: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is None:
            return []
        quoted = found["quoted"]
        pairs.setdefault(found["name"].lower(), found["token"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
        if at == len(text) or text[at] == ",":
            hops.append(_hop(pairs.get("for", ""), pairs.get("proto", ""), pairs.get("host", "")))
            pairs = {}
        elif text[at] != ";":
            return []
        at += 1
    return hops


def x_forwarded(addresses: str, schemes: str, hosts: str) -> list[Hop]:
    """The hops of X-Forwarded-For, -Proto and -Host, the nearest last."""
    if not addresses.strip():
        return []
    hops = [each.strip() for each in addresses.split(",")]
    return [
        _hop(address, _beside(schemes, number, len(hops)), _beside(hosts, number, len(hops)))
        for number, address in enumerate(hops)
    ]


def _hop(address: str, scheme: str, host: str) -> Hop:
    found = parse_address(address)
    known = scheme.lower() if scheme.lower() in ("http", "https") else ""
    return Hop(address if found is None else str(found), known, sound_host(host))


def _beside(values: str, number: int, count: int) -> str:
    """What stands beside the address with this number; a proxy that does not add to the list has replaced it."""
    listed = [each.strip() for each in values.split(",")]
    return listed[number] if len(listed) == count else listed[-1]
