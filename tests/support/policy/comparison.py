"""The policy engine against the reference evaluator, for one random request."""

from __future__ import annotations

import random

import orjson

from erstwhile.domain.policy.simulate import simulate
from tests.support.policy.generator import request
from tests.support.policy.reference import evaluate


def compare(seed: int) -> tuple[str, str | None]:
    """(what the reference says, how the engine differs) for one seed; None when it does not."""
    given = request(random.Random(seed))
    expected, found = evaluate(given), simulate(given).effect
    if expected == found:
        return expected, None
    text = orjson.dumps(given, option=orjson.OPT_INDENT_2).decode()
    return expected, f"seed {seed}: the engine says {found}, the reference {expected}\n{text}"
