"""Who gives a command by a call of the native API."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.http.app_keys import BEARER
from erstwhile.api.support.edge_key import EDGE
from erstwhile.domain.events import Actor, Details


def caller(request: web.Request, action: str) -> Provenance:
    """The bearer of the call's token, and from where it came; `action`: the call, as the trail names it."""
    details = Details(
        source_ip=request.app[EDGE].address(request), user_agent=request.headers.get("User-Agent", "")[:1000]
    )
    actor = Actor(id=request[BEARER].name, type="BearerToken")
    return Provenance(actor, request.headers.get("X-Request-ID", "")[:200], action, details)
