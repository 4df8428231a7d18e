"""How many requests a second one caller may make: a token bucket for each token, and for each address."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import NamedTuple

from erstwhile.api.problems import Problem

MOST = 50_000
"""Callers that are remembered; of more, those that have not called for longest are forgotten: their buckets are full
again, or nearly."""
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(?:/(\d{1,9}))?")


class Rate(NamedTuple):
    """`burst`: how many may come at once after a rest."""

    per_second: float
    burst: float


def parse_rate(text: str) -> Rate | None:
    """`100` or `100/500`: a second, and at once (else as many as in a second, but at least one). None for what is
    none."""
    found = _RATE.fullmatch(text)
    if found is None or float(found[1]) <= 0 or (found[2] is not None and int(found[2]) < 1):
        return None
    return Rate(float(found[1]), float(found[2]) if found[2] else max(1.0, float(found[1])))


class TooManyRequests(Problem):
    """`seconds`: after which the next one is let in."""

    def __init__(self, whose: str, seconds: int) -> None:
        super().__init__(429, "too_many_requests", f"too many requests of this {whose}; come again in {seconds} s")
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


class Buckets:
    """Of one kind of caller. Belongs to the event loop."""

    def __init__(self, whose: str, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        """`whose`: what a message calls the caller; `clock`: seconds, which never go back."""
        self._whose, self._rate, self._clock = whose, rate, clock
        self._held: dict[str, tuple[float, float]] = {}
        """By caller: what was left, and when."""

    def take(self, caller: str) -> None:
        """Raises TooManyRequests where the bucket is empty."""
        now = self._clock()
        per_second, burst = self._rate
        left, since = self._held.pop(caller, (burst, now))
        left = min(burst, left + (now - since) * per_second)
        if left < 1:
            self._held[caller] = (left, now)
            raise TooManyRequests(self._whose, max(1, math.ceil((1 - left) / per_second)))
        if len(self._held) >= MOST:
            del self._held[next(iter(self._held))]  # who was taken from longest ago stands first
        self._held[caller] = (left - 1, now)
