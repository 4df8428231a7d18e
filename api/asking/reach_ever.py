"""The paths that there were at any time of a window, and when each was there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from erstwhile.api.asking.told_reach import ToldEdges
from erstwhile.api.problems import Problem
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.reach.edges import Proved
from erstwhile.domain.reach.paths import Reach
from erstwhile.domain.reach.states import states
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.instants import format_instant

MAX_STATES = 200
"""States of one answer: each is searched for itself."""
Searching = Callable[[datetime], tuple[Ways, Reach]]
"""(instant) → the edges of that instant, and the paths that were asked for."""


def ever_json(history: FactHistory, begin: datetime, as_of: datetime, search: Searching) -> list[dict[str, Any]]:
    """The paths from an instant until another (included), with the times at which each was there; a time that has no
    end lasts beyond the window. Raises Problem 422 where there are too many changes between."""
    parts = states(history, begin, as_of + TICK)
    if len(parts) > MAX_STATES:
        raise Problem(
            422, "too_much",
            f"{len(parts):,} changes concern reach in this window, and {MAX_STATES} are looked at for one answer: ask "
            "about a shorter one",
        )  # fmt: skip
    found: dict[object, dict[str, Any]] = {}
    for since, until in parts:
        ways, reach = search(since)
        told = ToldEdges(Proved(ways.questions))
        for path in reach.paths:
            if path.key not in found:
                found[path.key] = {**told.path(path), "periods": []}
            periods = found[path.key]["periods"]
            began = format_instant(since)
            if periods and periods[-1]["to"] == began:
                began = periods.pop()["from"]
            periods.append({"from": began, "to": format_instant(until) if until <= as_of else None})
    return list(found.values())
