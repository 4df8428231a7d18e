# mypyc: compiled
"""Ids of events that commands make: UUIDv7 (RFC 9562), ordered by time."""

from __future__ import annotations

import time

from erstwhile.api.support.random_bytes import random_bytes


def new_event_id() -> str:
    """A UUIDv7 as text."""
    moment = (time.time_ns() // 1_000_000).to_bytes(6, "big")
    digits = bytearray(moment + random_bytes(10))
    digits[6] = 0x70 | digits[6] & 0x0F
    digits[8] = 0x80 | digits[8] & 0x3F
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
