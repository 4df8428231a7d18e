"""The id of a request: the caller's own from X-Request-Id where it is harmless, else one of ours."""

from __future__ import annotations

import itertools
import re
import secrets

from aiohttp import web

HEADER = "X-Request-Id"
_SOUND = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_process = secrets.token_hex(6)
_count = itertools.count(1)


def given_id(request: web.BaseRequest) -> str:
    """The caller's own, if it may stand in a log and in a response's header; else nothing."""
    found = request.headers.get(HEADER, "")
    return found if found and _SOUND.fullmatch(found) else ""


def request_id(request: web.BaseRequest) -> str:
    """The caller's own, or a new one."""
    return given_id(request) or f"{_process}-{next(_count):x}"
