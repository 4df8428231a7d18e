"""What the application and its requests carry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from erstwhile.api.database.tokens import Bearer, Tokens
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.http.authzen.answer_cache import EvaluationAnswers
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.api.serving.numbers import Numbers
from erstwhile.api.serving.siblings import Siblings
from erstwhile.api.support.off_loop import Apart

RUNTIME = web.AppKey("runtime", FollowingRuntime)
TOKENS = web.AppKey("tokens", Tokens)
ANSWERS = web.AppKey("answers", EvaluationAnswers)
DECISION_LOG: web.AppKey[DecisionLog | None] = web.AppKey("decision_log")
"""None where decisions are not recorded."""
WAITING = web.AppKey("waiting", Apart)
"""For what waits for the database."""
STREAMING = web.AppKey("streaming", Apart)
"""For answers that are sent piece by piece."""
COMPUTING = web.AppKey("computing", Apart)
"""For what needs memory alone, and long."""
LOOKING_UP = web.AppKey("looking_up", Apart)
"""For bearers' tokens, which must not stand in a row behind questions."""
BEARER: web.RequestKey[Bearer] = web.RequestKey("bearer", Bearer)
"""Whose token the request bears."""
DESCRIPTION: web.AppKey[Callable[[], dict[str, Any]]] = web.AppKey("description")
"""Makes the OpenAPI description of the application's calls."""
ENDING: web.AppKey[asyncio.Event] = web.AppKey("ending")
"""Set once the server ends: answers without an end of their own end then."""
NUMBERS = web.AppKey("numbers", Numbers)
"""What this process counts."""
SIBLINGS = web.AppKey("siblings", Siblings)
"""All processes of this server, and what they count."""
CHECKING = web.AppKey("checking", Apart)
READINESS = web.AppKey("readiness", Readiness)
FOLLOWERS: web.AppKey[set[object]] = web.AppKey("followers")
"""The streams of events that are open."""
