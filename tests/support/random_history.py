"""Histories at random, for laws over questions about time: facts of a random Directory, cut into intervals, and events
that replace documents."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support import worlds
from tests.support.documents import EVERYTHING
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = 24
_DOCUMENTS = ("inline", "version", "policy", "trust", "guardrail")
_CONSTANT = ("entity", "mode", "organization", "default", "coverage")


def instant(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def random_history(seed: int) -> list[Interval]:
    """Every fact of a Directory over a day. Most hold throughout; some end, begin again, or get another document."""
    chance = random.Random(seed)
    found = []
    position = 0
    for account, kind, entity, attribute, item, fact in random_directory(seed).facts():
        times = [BEFORE, FOREVER]
        is_steady = attribute in _CONSTANT and (attribute != "entity" or kind not in ("user", "role", "resource"))
        if not is_steady and chance.random() < (0.15 if attribute == "entity" else 0.5):
            times[1:1] = sorted(instant(hour) for hour in chance.sample(range(1, HOURS), chance.randint(1, 3)))
        value = fact.value
        for number, (begin, end) in enumerate(itertools.pairwise(times)):
            position += 1
            if attribute == "trust":
                value = value | {"document": worlds.text(generator.trust_document(chance))}
            elif attribute in _DOCUMENTS and number and chance.random() < 0.7:
                document = generator.document(chance, attribute == "policy")
                value = value | {"document": worlds.text(EVERYTHING if chance.random() < 0.2 else document)}
            elif number % 2 and attribute not in _DOCUMENTS:
                continue  # a pause
            closed = None if end == FOREVER else position + 1
            found.append(Interval(account, kind, entity, attribute, item, value, begin, end, position, closed))
    return found
