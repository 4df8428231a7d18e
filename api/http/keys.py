"""What the application and its requests carry."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.http.kept_answers import KeptAnswers
from erstwhile.api.service import Service
from erstwhile.api.tokens import Bearer, Tokens

SERVICE = web.AppKey("service", Service)
TOKENS = web.AppKey("tokens", Tokens)
ANSWERS = web.AppKey("answers", KeptAnswers)
BEARER: web.RequestKey[Bearer] = web.RequestKey("bearer", Bearer)
"""Whose token the request bears."""
