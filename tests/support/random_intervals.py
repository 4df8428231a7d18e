"""Histories at random: the facts of a random Directory, cut into intervals with pauses between them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Interval

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = 25
"""All intervals begin and end within these."""


def cut_into_intervals(directory: Directory, chance: random.Random) -> list[Interval]:
    """Every fact of a Directory, cut into random intervals with pauses between them."""
    found = []
    for account, kind, entity, attribute, item, fact in directory.facts():
        at = BEGIN + timedelta(hours=chance.randrange(10))
        for number in range(chance.randrange(1, 4)):
            until = at + timedelta(hours=chance.randrange(1, 5))
            found.append(Interval(account, kind, entity, attribute, item, fact.value, at, until, number, None))
            at = until + timedelta(hours=chance.randrange(3))
    return found
