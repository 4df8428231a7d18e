"""Instants as whole microseconds since 2000, as PostgreSQL sends them: columns compare integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

NEVER = 2**63 - 1
"""FOREVER."""
ALWAYS = -(2**63)
"""BEFORE."""
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)
SINCE_1970 = (_BEGIN - datetime(1970, 1, 1, tzinfo=UTC)) // _ONE
"""Microseconds from 1970 to 2000."""


def micros_of(instant: datetime) -> int:
    if instant == FOREVER:
        return NEVER
    if instant == BEFORE:
        return ALWAYS
    return (instant - _BEGIN) // _ONE


def instant_of(micros: int) -> datetime:
    if micros == NEVER:
        return FOREVER
    if micros == ALWAYS:
        return BEFORE
    return _BEGIN + timedelta(microseconds=micros)
