"""Who can get where."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.reaching import MAX_LIMIT, MAX_STEPS, STEPS, ReachWords
from erstwhile.api.asking.requests import parse_flag
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.native.parameters import query_parameters
from erstwhile.api.http.native.streams import whole
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.numbers import parse_number


async def reach(request: web.Request) -> web.Response:
    """GET /v1/reach"""
    given = query_parameters(
        request,
        "from",
        "to",
        "to_administrator",
        "account",
        "as_of",
        "known_at",
        "since",
        "ever_since",
        "steps",
        "limit",
        "table",
    )
    words = ReachWords(
        source=given.get("from"), target=given.get("to"),
        to_administrator=parse_flag("to_administrator", given.get("to_administrator")), account=given.get("account"),
        as_of=given.get("as_of"), known_at=given.get("known_at"), since=given.get("since"),
        ever_since=given.get("ever_since"), table=parse_flag("table", given.get("table")),
        steps=_number("steps", given.get("steps"), STEPS, MAX_STEPS) or STEPS,
        limit=_number("limit", given.get("limit"), None, MAX_LIMIT),
    )  # fmt: skip
    runtime = request.app[RUNTIME]

    def ask(stop: Stop) -> dict[str, Any]:
        return runtime.reaching.reach(words, stop)

    return await whole(request, ask)


def _number(name: str, text: str | None, otherwise: int | None, most: int) -> int | None:
    """Raises Problem."""
    if text is None:
        return otherwise
    found = parse_number(text, 1, most)
    if found is None:
        raise bad_request(f"malformed_{name}", f"{name} must be a number from 1 to {most}, not {text[:40]!r}")
    return found
