"""Sends one message to an endpoint, signed as Standard Webhooks says.

Private, loopback and link-local addresses are refused, unless ERSTWHILE_PRIVATE_WEBHOOKS names the host or its network;
plain HTTP goes nowhere else. The name is resolved once, and the connection goes to that address. Redirections are not
followed.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from erstwhile.api.aws.federation.outgoing_requests import Unreachable, cut, is_named, over_tls, resolved
from erstwhile.domain.exports.trail.cloud_events import CONTENT_TYPE

PRIVATE = "ERSTWHILE_PRIVATE_WEBHOOKS"
"""The environment variable: host names, addresses and networks, separated by commas or spaces."""
SECONDS = 15.0
"""Seconds for one request, from the look-up of the name to the status."""


def send(url: str, secret: bytes, message_id: str, body: bytes, now: float) -> None:
    """Returns once the endpoint has said that it has the message (2xx). Raises Unreachable."""
    parts = urlsplit(url)
    host, is_plain = parts.hostname or "", parts.scheme == "http"
    until = time.monotonic() + SECONDS
    headers = {"Content-Type": CONTENT_TYPE, "User-Agent": "Erstwhile", **signature(secret, message_id, body, now)}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        address = resolved(host, parts.port or (80 if is_plain else 443), PRIVATE)
        if is_plain and not is_named(host, str(address[1][0]), PRIVATE):
            raise Unreachable(f"plain HTTP is only for hosts that {PRIVATE} names: https:// is expected")
        port = parts.port or (80 if is_plain else 443)
        connection = _plain(address, host, port, until) if is_plain else _secured(address, host, port, until)
        timer = threading.Timer(max(0.0, until - time.monotonic()), cut, (connection.sock,))
        timer.daemon = True
        timer.start()
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            timer.cancel()
            connection.close()
    except Unreachable:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= until
        raise Unreachable(f"no answer within {SECONDS:g} seconds" if late else str(error)) from None
    if not 200 <= status < 300:
        raise Unreachable(f"it answered {status}; redirections are not followed")


def signature(secret: bytes, message_id: str, body: bytes, now: float) -> dict[str, str]:
    """The headers that say who sends, what and when."""
    timestamp = str(int(now))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    made = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{made}"}


Address = tuple[int, tuple[Any, ...]]


def _secured(address: Address, host: str, port: int, until: float) -> http.client.HTTPConnection:
    return over_tls(address, host, port, ssl.create_default_context(), until)


def _plain(address: Address, host: str, port: int, until: float) -> http.client.HTTPConnection:
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(0.1, until - time.monotonic()))
        sock.connect(where)
    except BaseException:
        sock.close()
        raise
    connection = http.client.HTTPConnection(host, port)
    connection.sock = sock
    return connection
