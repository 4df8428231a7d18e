"""Sends requests to servers that callers name: fetches JSON over HTTPS, from public addresses only.

The host is resolved once and the connection goes to that address, so a second answer of a name server has no effect.
Private, loopback and link-local addresses are refused, unless ERSTWHILE_PRIVATE_ISSUERS names the host or its network.
Redirections are not followed. The size of an answer and the time of the whole request are limited.

Source: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import orjson

from erstwhile.api.aws.federation.issuer_urls import is_url

MAX_ANSWER = 256 * 1024
SECONDS = 5.0
"""Seconds for one request, from the look-up of the name to the last byte."""
PRIVATE = "ERSTWHILE_PRIVATE_ISSUERS"
"""The environment variable: host names, addresses and networks, separated by commas or spaces."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(OSError):
    """the server could not be asked, or its answer is not what was expected"""


def fetch_json(url: str, thumbprints: Collection[str] = ()) -> dict[str, Any]:
    """Fetches JSON. `thumbprints`: SHA-1 of accepted certificates that this machine need not trust. Raises
    Unreachable."""
    if not is_url(url):
        raise Unreachable("https://HOST/… is expected")
    parts = urlsplit(url)
    until = time.monotonic() + SECONDS
    host, port = parts.hostname or "", parts.port or 443
    try:
        address = resolved(host, port)
        connection = _connected(address, host, port, thumbprints, until)
        timer = threading.Timer(max(0.0, until - time.monotonic()), cut, (connection.sock,))
        timer.daemon = True
        timer.start()
        try:
            connection.request(
                "GET", parts.path or "/", headers={"Accept": "application/json", "Accept-Encoding": "identity"}
            )
            response = connection.getresponse()
            raw = response.read(MAX_ANSWER + 1)
        finally:
            timer.cancel()
            connection.close()
    except Unreachable:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= until
        raise Unreachable(f"no answer within {SECONDS:g} seconds" if late else str(error)) from None
    if time.monotonic() >= until:
        raise Unreachable(f"no whole answer within {SECONDS:g} seconds")
    if response.status != 200:
        raise Unreachable(f"it answered {response.status}; redirections are not followed")
    if len(raw) > MAX_ANSWER:
        raise Unreachable(f"its answer is larger than {MAX_ANSWER:,} bytes")
    try:
        found = orjson.loads(raw)
    except ValueError:
        raise Unreachable("its answer is not JSON") from None
    if not isinstance(found, dict):
        raise Unreachable("its answer is not a JSON object")
    return found


def cut(sock: Any) -> None:
    """Ends what a connection waits for."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already


def resolved(host: str, port: int, setting: str = PRIVATE) -> tuple[int, tuple[Any, ...]]:
    """Returns (family, socket address) of one permitted address of the host. Raises Unreachable."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, _, _, _, where in found:
        if family in (socket.AF_INET, socket.AF_INET6) and may_ask(host, str(where[0]), setting):
            return family, where
    raise Unreachable(
        f"{host} has no public address; {setting} may name a host, an address or a network that is asked all the same"
    )


def may_ask(host: str, address: str, setting: str = PRIVATE) -> bool:
    """Whether an address is public, or the setting names it or its host."""
    found = _plain(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_global and not found.is_multicast and not found.is_reserved:
        return True
    return is_named(host, address, setting)


def is_named(host: str, address: str, setting: str) -> bool:
    """Whether the setting names an address or its host."""
    found = _plain(ipaddress.ip_address(address.partition("%")[0]))
    allowed = os.environ.get(setting, "").replace(",", " ").lower().split()
    return host.lower() in allowed or any(_holds(each, found) for each in allowed)


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), or itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.IPv6Network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def _holds(network: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False  # the name of a host


def _connected(
    address: tuple[int, tuple[Any, ...]], host: str, port: int, thumbprints: Collection[str], until: float
) -> http.client.HTTPConnection:
    context = ssl.create_default_context()
    try:
        return over_tls(address, host, port, context, until)
    except ssl.SSLCertVerificationError:
        if not thumbprints:
            raise
    # This machine does not trust the certificate's authority; the provider's thumbprints may accept the certificate.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = over_tls(address, host, port, context, until)
    sock = connection.sock
    assert isinstance(sock, ssl.SSLSocket)
    certificate = sock.getpeercert(binary_form=True) or b""
    if hashlib.sha1(certificate, usedforsecurity=False).hexdigest() not in {each.lower() for each in thumbprints}:
        connection.close()
        raise ssl.SSLError("its certificate is neither trusted here nor one of the provider's thumbprints")
    return connection


def over_tls(
    address: tuple[int, tuple[Any, ...]], host: str, port: int, context: ssl.SSLContext, until: float
) -> http.client.HTTPConnection:
    """A connection to an address, whose certificate must be the host's. Raises OSError."""
    family, where = address
    plain = socket.socket(family, socket.SOCK_STREAM)
    try:
        plain.settimeout(max(0.1, until - time.monotonic()))
        plain.connect(where)
        plain.settimeout(max(0.1, until - time.monotonic()))
        connection = http.client.HTTPConnection(host, port)
        connection.sock = context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    return connection
