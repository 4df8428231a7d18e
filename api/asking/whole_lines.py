"""Lines that name statements by number (`statements_once`), with all that these say, as an answer about one principal
says it; and the answers to several questions with their statements in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from erstwhile.api.asking.statements_once import first_step
from erstwhile.domain.questions.told_statements import PRINCIPAL

LISTS = ("allowed", "conditional", "unknown")
_EVENTS = (("granted", "granted_by"), ("defined", "defined_by"))


class WholeLines:
    """Of an answer that has `statements` and `events`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._statements = [_with_events(each, answer["events"]) for each in answer["statements"]]

    def of(self, lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each with `determining` as a list of statements, with their paths and events."""
        return [
            line | {"determining": [_of(line, self._statements[at]) for at in line["determining"]]} for line in lines
        ]


def _with_events(statement: dict[str, Any], events: dict[str, Any]) -> dict[str, Any]:
    told = {name: events.get(str(statement[position])) for name, position in _EVENTS}
    return statement | {name: event for name, event in told.items() if event is not None}


def _of(line: dict[str, Any], statement: dict[str, Any]) -> dict[str, Any]:
    path = statement["path"]
    if path[:1] != [PRINCIPAL]:
        return statement
    return statement | {"path": [first_step(line["kind"], line["principal"]), *path[1:]]}


def in_common(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Takes statements and events out of several answers: these are returned, and the lines name them by number."""
    numbers: dict[bytes, int] = {}
    events: dict[str, Any] = {}
    for answer in answers:
        texts = map(orjson.dumps, answer.pop("statements"))
        places = [numbers.setdefault(each, len(numbers)) for each in texts]
        for line in (line for name in LISTS for line in answer[name]):
            line["determining"] = [places[at] for at in line["determining"]]
        events |= answer.pop("events")
    return {
        "statements": list(map(orjson.loads, numbers)),
        "events": {position: events[position] for position in sorted(events, key=int)},
    }
