"""A decision from the events of an answer alone: they are folded to a Directory, and it is asked the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.answers import decision_json, nearest_json
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.codec import UnknownEventType, decode
from erstwhile.domain.events import Event
from erstwhile.domain.events.slots import log_slots
from erstwhile.domain.ledger.answer_file import DecisionAsked, MalformedAnswer, ProvenEvent
from erstwhile.domain.policy.evaluation.one_question import decide_once
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.replay import Replayer
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant
from erstwhile.domain.vocabulary.slots import stored_text

_OF_EVENTS = ("granted", "defined")
"""Members of an answer that say more of events that it names."""
_OF_SOME = ("missing_context", "residual", "unknown", "blocked_by", "nearest")
"""Members of a decision that not every decision has."""


def request_of(asked: DecisionAsked) -> Request:
    return Request(
        principal=asked.principal, action=asked.action, resource=asked.resource,
        resource_account=asked.resource_account, mode="discover",
        context={name: tuple(values) for name, values in asked.context.items()},
    )  # fmt: skip


def decided(directory: Directory, asked: DecisionAsked) -> dict[str, Any]:
    """What an answer says of the decision, without what is told of events beside it."""
    decision, near = decide_once(directory, request_of(asked))
    found = decision_json(decision)
    if not decision.allowed:
        found["nearest"] = nearest_json(near)
    plain: dict[str, Any] = orjson.loads(orjson.dumps(msgspec.to_builtins(found)))
    return plain


def differences(answer: dict[str, Any], again: dict[str, Any]) -> list[str]:
    """The members of the decision that the answer has otherwise."""
    names = [*again, *(name for name in _OF_SOME if name in answer and name not in again)]
    return [name for name in names if _bare(answer.get(name)) != again.get(name)]


def directory_of(events: Sequence[Event], as_of: datetime) -> Directory:
    """The Directory of an instant that these events make, as if there were no others."""
    by_slot: dict[str, set[int]] = defaultdict(set)
    then = {each.position: each for each in sorted(events, key=lambda each: each.position) if each.occurred_at <= as_of}
    for each in then.values():
        for slot in log_slots(each.account, each.body):
            by_slot[slot.stored].add(each.position)

    def load(slots: frozenset[str], upto: int) -> Iterable[Event]:
        found = {position for slot in slots for position in by_slot[stored_text(slot)] if position <= upto}
        return [then[position] for position in sorted(found)]

    replayer = Replayer(load)
    replayer.apply_all(then.values())
    return replayer.directory


def events_of(proven: Iterable[ProvenEvent]) -> list[Event]:
    """Raises MalformedAnswer for an event that is none, or of a later release."""
    return [_event(each) for each in proven]


def _event(each: ProvenEvent) -> Event:
    raw = each.event
    try:
        return decode(
            each.position, parse_instant(raw["recorded_at"]), parse_instant(raw["occurred_at"]), raw["event_id"],
            raw["type"], raw["account"], orjson.dumps(raw["data"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, MalformedInstant, UnknownEventType, msgspec.MsgspecError) as error:
        raise MalformedAnswer(
            f"the event at position {each.position} is none that this release reads: {error}"
        ) from None


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name not in _OF_EVENTS}
    return [_bare(part) for part in value] if isinstance(value, list) else value
