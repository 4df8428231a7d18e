"""What was gained and lost between two instants, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Protocol

import msgspec

from erstwhile.domain.history.comparing.naming import Named
from erstwhile.domain.history.difference import Diff, Difference, Whole


class TellsCauses(Protocol):
    """Tells what is behind a position; `read` gets those of an answer before."""

    def read(self, positions: Iterable[int]) -> None: ...

    def get(self, position: int) -> Any: ...


def differences_json(events: TellsCauses, found: Diff) -> Iterator[dict[str, Any]]:
    """Each difference: who, gained or lost or under other conditions, which actions on which resources, and the events
    that caused it. A principal that is there at one of the instants only has no actions: it came, or went, with all
    that it may."""
    positions = [each.events for each in found.differences] + [each.events for each in found.whole]
    events.read(chain.from_iterable(positions))
    for whole in found.whole:
        yield _common(events, whole) | {"is_whole": True, "actions": [], "resources": []}
    for each in found.differences:
        yield _common(events, each) | {
            "is_whole": False,
            "actions": _named(each.actions),
            "resources": _named(each.resources),
            "resource_account": each.resource_account,
            "before": msgspec.json.decode(msgspec.json.encode(each.before)),
            "after": msgspec.json.decode(msgspec.json.encode(each.after)),
            "example": {"action": each.example[0], "resource": each.example[1]},
        }


def _common(events: TellsCauses, each: Difference | Whole) -> dict[str, Any]:
    return {
        "principal": each.principal,
        "account": each.account,
        "unique_id": each.unique_id,
        "change": each.change,
        "events": [told for position in each.events if (told := events.get(position)) is not None],
    }


def _named(patterns: Iterable[Named]) -> list[dict[str, Any]]:
    return [{"pattern": each.pattern, "also": list(each.also), "excepts": list(each.excepts)} for each in patterns]
