"""The lines of who-can as JSON at once, with the events that made them so: what `holder_json` and
`GrantingOfAnswer.tell` make of them, without dictionaries in between.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.answers import holder_json
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.who_can import Holder, WhoCan


class _Head(msgspec.Struct):
    principal: str
    kind: str
    account: str
    unique_id: str
    effect: str


class Unwritten:
    """A list of holders that waits for the events that it names."""

    def __init__(self, holders: Iterable[Holder]) -> None:
        self._holders = holders

    def positions(self) -> set[int]:
        return positions_of(self._holders)

    def written(self, events: dict[int, dict[str, Any]]) -> orjson.Fragment:
        return written(self._holders, {position: orjson.dumps(event) for position, event in events.items()})


def unwritten(found: WhoCan) -> dict[str, Any]:
    """What `who_can_json` says, where the lists that may be long are written last."""
    return {
        "allowed": Unwritten(found.allowed),
        "conditional": Unwritten(found.conditional),
        "unknown": [holder_json(each) for each in found.unknown],
    }


def positions_of(holders: Iterable[Holder]) -> set[int]:
    """The positions of the events that lines name."""
    found: set[int] = set()
    for holder in holders:
        for each in holder.decision.determining:
            found.add(each.granted_by)
            found.add(each.defined_by)
    found.discard(0)
    return found


def written(holders: Iterable[Holder], events: dict[int, bytes]) -> orjson.Fragment:
    """A list of holders. `events`: the events of their positions, as JSON."""
    encode = msgspec.json.Encoder().encode
    lines = [_line(encode, each, events) for each in holders]
    return orjson.Fragment(b"[" + b",".join(lines) + b"]")


def _line(encode: Callable[[object], bytes], holder: Holder, events: dict[int, bytes]) -> bytes:
    decision = holder.decision
    head = _Head(holder.principal, holder.kind, holder.account, holder.unique_id, decision.effect)
    determining = [_statement(encode, each, events) for each in decision.determining]
    told = [encode(head)[:-1], b',"determining":[', b",".join(determining), b"]"]
    if decision.effect != "allow" or holder.why or holder.is_outsider or holder.is_public or holder.extent:
        rest = {name: value for name, value in holder_json(holder).items() if name not in _TOLD}
        told += [b",", orjson.dumps(rest)[1:]]
    else:
        told.append(b',"why":[]}')
    return b"".join(told)


_TOLD = ("principal", "kind", "account", "unique_id", "effect", "determining")


def _statement(encode: Callable[[object], bytes], each: Determining, events: dict[int, bytes]) -> bytes:
    granted, defined = events.get(each.granted_by), events.get(each.defined_by)
    if granted is None and defined is None:
        return encode(each)
    told = [encode(each)[:-1]]
    if granted is not None:
        told += [b',"granted":', granted]
    if defined is not None:
        told += [b',"defined":', defined]
    told.append(b"}")
    return b"".join(told)
