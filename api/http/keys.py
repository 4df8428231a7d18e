"""What the application carries, and which scope each route needs."""

from __future__ import annotations

from aiohttp import web

from api.service import Service
from api.tokens import Tokens

SERVICE = web.AppKey("service", Service)
TOKENS = web.AppKey("tokens", Tokens)

SCOPES_BY_ROUTE = {"/healthz": "", "/readyz": "", "/v1/imports/cloudtrail": "import"}
"""Route → scope; '' needs no token, a route that is not here needs `read`."""
