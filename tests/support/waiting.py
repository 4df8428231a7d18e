"""Waiting for what comes by itself. On a machine with other work it comes late: nobody waits for a short time."""

from __future__ import annotations

import time
from collections.abc import Callable

LONG = 90.0
"""Seconds after which nothing comes any more, whatever else the machine does."""


def wait_until(condition: Callable[[], object], seconds: float = LONG, why: Callable[[], object] = str) -> None:
    """Returns once the condition holds. `why`: what is known of it where it does not come. Raises AssertionError."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition} {why()}"
        time.sleep(0.05)
