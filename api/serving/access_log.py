"""One line for a request, written by a thread of its own: no answer waits for it."""

from __future__ import annotations

import logging
import os
import random
import re
import sys
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import orjson
from aiohttp import web

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving.redaction import redacted
from erstwhile.api.support.visible import visible
from erstwhile.domain.vocabulary.instants import format_instant

log = logging.getLogger("erstwhile.access")

BUFFERED = 20_000
"""Lines that wait, at most; what comes beyond is counted."""
_EVERY = 0.2
"""Seconds between two writes."""
_LONGEST = 500
"""Characters of a path in a line."""
_SAMPLED = re.compile(r"sampled:(0?\.\d{1,9}|1(?:\.0*)?)")
Entry = tuple[float, str, str, str, str, int, float, str, str]
"""(seconds since 1970, request id, method, route, path, status, seconds, address, the token's name)"""


class AccessSettings(msgspec.Struct, frozen=True):
    """`share`: of the requests, 0 to 1; those that end with 500 or above are written beside, unless it is off;
    `errors`: those from 400 on, and no others."""

    share: float = 0.0
    errors: bool = True
    is_on: bool = True


def from_environment() -> AccessSettings:
    """ERSTWHILE_ACCESS_LOG. Raises MalformedSetting."""
    kind = os.environ.get("ERSTWHILE_ACCESS_LOG", "") or "errors"
    sampled = _SAMPLED.fullmatch(kind)
    if kind not in ("all", "errors", "off") and sampled is None:
        raise MalformedSetting(f"ERSTWHILE_ACCESS_LOG must be all, errors, off or sampled:0.01, not {kind[:40]!r}")
    if sampled is not None:
        return AccessSettings(float(sampled[1]), False)
    return AccessSettings(1.0 if kind == "all" else 0.0, kind == "errors", kind != "off")


class AccessLog(Rounds):
    """`dropped`: lines that found the buffer full."""

    words = "requests cannot be logged"

    def __init__(
        self, settings: AccessSettings, in_json: bool, worker: int | None = None, to: TextIO | None = None
    ) -> None:
        """`to`: standard error where nothing else is said."""
        super().__init__("access_log", log, first=_EVERY)
        self.dropped = 0
        self._share = settings.share
        self._least = 400 if settings.errors else 500
        self._in_json, self._worker = in_json, worker
        self._to = to if to is not None else sys.stderr
        self._waiting: deque[Entry] = deque()

    @property
    def samples(self) -> bool:
        """Whether also requests that went well may be written."""
        return self._share > 0

    def wants(self, status: int) -> bool:
        """Whether a request that ended so is written."""
        return status >= self._least or (self._share > 0 and random.random() < self._share)

    def note(
        self, request: web.BaseRequest, route: str, status: int, seconds: float, request_id: str, caller: str
    ) -> None:
        """`route`: its pattern; `caller`: the token's name."""
        if len(self._waiting) >= BUFFERED:
            self.dropped += 1
            return
        self._waiting.append((
            time.time(), request_id, request.method, route, request.path, status, seconds, request.remote or "",
            caller,
        ))  # fmt: skip

    def _round(self) -> float:
        self._write()
        return _EVERY

    def _after(self, error: Exception) -> float:
        return _EVERY

    def _end(self) -> None:
        self.attempt()

    def _write(self) -> None:
        lines = []
        while self._waiting:
            lines.append(self._line(self._waiting.popleft()))
        if not lines:
            return
        try:
            self._to.write("".join(lines))
            self._to.flush()
        except (OSError, ValueError):
            self.dropped += len(lines)  # nobody reads standard error any more

    def _line(self, entry: Entry) -> str:
        at, request_id, method, route, path, status, seconds, address, caller = entry
        members: dict[str, Any] = {
            "timestamp": format_instant(datetime.fromtimestamp(at, UTC)), "level": "info", "logger": "erstwhile.access",
            "event": "request",
            "request_id": request_id, "method": method, "route": route, "path": redacted(path[:_LONGEST]),
            "status": status, "ms": round(seconds * 1000, 3), "address": address, "caller": caller,
        }  # fmt: skip
        if self._worker is not None:
            members["worker"] = self._worker
        if self._in_json:
            return orjson.dumps(members).decode() + "\n"
        head = [members.pop(name) for name in ("timestamp", "level", "logger", "event")]
        return visible(" ".join([*head, *(f"{name}={value}" for name, value in members.items() if value != "")])) + "\n"
