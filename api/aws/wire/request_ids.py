"""Ids of calls, in the form of a UUID; they are not secrets."""

from __future__ import annotations

import random


def new_request_id() -> str:
    """A new request id."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
