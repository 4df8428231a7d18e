"""How callers reach us, and from where. What a proxy tells of it is believed of the configured proxies only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from erstwhile.api.problems import Problem
from erstwhile.api.support.forwarded import Hop, forwarded, parse_address, sound_host, x_forwarded
from erstwhile.domain.vocabulary.malformed import MalformedInput

if TYPE_CHECKING:
    from aiohttp import web

HEADERS = ("forwarded", "x-forwarded")
_LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "[::1]"))


class MalformedEdge(MalformedInput):
    """a setting of how callers reach us that cannot be used"""

    code = "malformed_edge"

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """`public_url`: what callers call us; `proxies`: who is believed; `headers`: which family of headers they write,
    '' for either."""

    public_url: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    headers: str = ""

    def reached(self, request: web.BaseRequest) -> Hop:
        """The caller, and how it called. Raises Problem 400 where Forwarded and X-Forwarded-For name different ones."""
        peer = request.remote or ""
        if not self._is_proxy(peer):
            return Hop(peer, request.scheme)
        found = [self._first_stranger(peer, hops) for hops in self._hops(request) if hops]
        if len({each.address for each in found}) > 1:
            raise Problem(
                400, "ambiguous_proxy",
                "Forwarded and X-Forwarded-For name different callers; ERSTWHILE_PROXY_HEADERS says which to believe",
            )  # fmt: skip
        hop = found[0] if found else Hop(peer)
        host = hop.host or sound_host(request.headers.get("Host", ""))
        return Hop(hop.address, hop.scheme or request.scheme, host)

    def address(self, request: web.BaseRequest) -> str:
        """The caller's own address. Raises Problem 400."""
        return self.reached(request).address if self.proxies else request.remote or ""

    def is_secure(self, request: web.BaseRequest) -> bool:
        """Whether the caller used TLS. Raises Problem 400."""
        return (self.reached(request).scheme if self.proxies else request.scheme) == "https"

    def base_url(self, request: web.BaseRequest) -> str:
        """How the caller can reach us again: never a Host that nobody vouches for. Raises Problem 400."""
        if self.public_url:
            return self.public_url
        hop = self.reached(request) if self.proxies else Hop("", request.scheme)
        return f"{hop.scheme}://{hop.host or _own_host(request)}"

    def require_own_origin(self, request: web.BaseRequest) -> None:
        """Raises Problem 403 for a page of another site that calls us through its reader's browser."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() != _origin(self.base_url(request)):
            raise Problem(403, "foreign_origin", "this call comes from a page of another site")

    def _is_proxy(self, address: str) -> bool:
        found = parse_address(address) if self.proxies else None
        return found is not None and any(found in network for network in self.proxies)

    def _hops(self, request: web.BaseRequest) -> list[list[Hop]]:
        """What each family of headers tells of the hops, the nearest last."""

        def whole(name: str) -> str:
            return ",".join(request.headers.getall(name, []))

        found = []
        if self.headers != "x-forwarded":
            found.append(forwarded(whole("Forwarded")))
        if self.headers != "forwarded":
            found.append(x_forwarded(*(whole(f"X-Forwarded-{name}") for name in ("For", "Proto", "Host"))))
        return found

    def _first_stranger(self, peer: str, hops: list[Hop]) -> Hop:
        """Of the hops, from us outwards, the first that is no proxy of ours; the outermost, where all are."""
        found = Hop(peer)
        for hop in reversed(hops):
            if parse_address(hop.address) is None:
                break  # hidden, or not an address: nobody knows what stands before it
            found = hop
            if not self._is_proxy(hop.address):
                break
        return found


def edge_of(public_url: str, proxies: Iterable[str], headers: str) -> Edge:
    """From settings. Raises MalformedEdge."""
    networks = []
    for each in proxies:
        try:
            networks.append(ip_network(each, strict=False))
        except ValueError:
            raise MalformedEdge(
                "trusted_proxies", f"{each!r} is neither an address nor a network such as 10.0.0.0/8"
            ) from None
    if headers not in ("", *HEADERS):
        raise MalformedEdge("proxy_headers", f"must be {' or '.join(HEADERS)}, not {headers!r}")
    return Edge(public_url=_url(public_url), proxies=tuple(networks), headers=headers)


def _url(text: str) -> str:
    if not text:
        return ""
    found = re.fullmatch(r"(https?)://([^/?#@\s]+)(/[^?#\s]*)?", text, re.IGNORECASE)
    if found is None or not sound_host(found[2]):
        raise MalformedEdge("public_url", f"must be a URL such as https://access.example.com, not {text!r}")
    return f"{found[1].lower()}://{found[2].lower()}{(found[3] or '').rstrip('/')}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _own_host(request: web.BaseRequest) -> str:
    """Host, where it names the socket that the request came to; else the socket's own address."""
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    if not isinstance(name, tuple):
        return "localhost"
    address = parse_address(str(name[0]))
    shown = f"[{address}]" if isinstance(address, IPv6Address) else str(address or name[0])
    names = {shown} | (_LOOPBACK_NAMES if address is not None and address.is_loopback else frozenset())
    host = request.headers.get("Host", "").lower()
    return host if host in {f"{each}:{name[1]}" for each in names} else f"{shown}:{name[1]}"
