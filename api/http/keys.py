"""What the application and its requests carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from api.http.kept_answers import KeptAnswers
from api.service import Service
from api.tokens import Bearer, Tokens

SERVICE = web.AppKey("service", Service)
TOKENS = web.AppKey("tokens", Tokens)
ANSWERS = web.AppKey("answers", KeptAnswers)
SCOPES: web.AppKey[Mapping[Any, str]] = web.AppKey("scopes")
"""Handler → the scope that it needs; '' needs no token, a handler that is not here needs `read`."""
BEARER: web.RequestKey[Bearer] = web.RequestKey("bearer", Bearer)
"""Whose token the request bears."""
