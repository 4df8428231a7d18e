"""The lines of who-can as JSON at once, with the events that made them so: what `holder_json` and
`GrantingOfAnswer.tell` make of them, without dictionaries in between.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.answers import holder_json
from erstwhile.api.asking.written_sure import sure_lines
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.surely_allowed import SurelyAllowed
from erstwhile.domain.questions.who_can import Holder, WhoCanFound, answer_order


class _Head(msgspec.Struct):
    principal: str
    kind: str
    account: str
    unique_id: str
    effect: str


class Unwritten:
    """A list of holders that waits for the events that it names."""

    def __init__(self, holders: Sequence[Holder], sure: SurelyAllowed | None = None) -> None:
        """`holders` in order; `sure`: more of them, as columns."""
        self._holders = holders
        self._sure = sure

    def positions(self) -> set[int]:
        found = positions_of(self._holders)
        return found if self._sure is None else found | self._sure.positions()

    def written(self, events: dict[int, dict[str, Any]]) -> orjson.Fragment:
        return written(self._holders, {position: orjson.dumps(event) for position, event in events.items()}, self._sure)


def unwritten(found: WhoCanFound) -> dict[str, Any]:
    """What `who_can_json` says, where the lists that may be long are written last."""
    return {
        "allowed": Unwritten(found.rest.allowed, found.sure),
        "conditional": Unwritten(found.rest.conditional),
        "unknown": [holder_json(each) for each in found.rest.unknown],
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


def written(holders: Sequence[Holder], events: dict[int, bytes], sure: SurelyAllowed | None = None) -> orjson.Fragment:
    """A list of holders. `events`: the events of their positions, as JSON."""
    encode = msgspec.json.Encoder().encode
    lines = [_line(encode, each, events) for each in holders]
    if sure is not None and sure.numbers:
        lines = _merged(holders, lines, sure, sure_lines(sure, lambda each: _statement(encode, each, events)))
    return orjson.Fragment(b"[" + b",".join(lines) + b"]")


def _merged(holders: Sequence[Holder], lines: list[bytes], sure: SurelyAllowed, more: list[bytes]) -> list[bytes]:
    """The lines of holders, which are in order, among those of the columns."""
    arns = [each.arn for each in sure.who]
    order = sorted(range(len(arns)), key=arns.__getitem__)  # no two of them share a name, and so an ARN
    found = list(map(more.__getitem__, order))

    def of_sure(place: int) -> tuple[bool, bool, str, str]:
        who = sure.who[order[place]]
        return False, True, who.arn, who.key[2]

    places = [bisect_left(range(len(order)), answer_order(each), key=of_sure) for each in holders]
    for place, line in zip(reversed(places), reversed(lines), strict=True):
        found.insert(place, line)
    return found


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
