"""The lines of who-can as JSON at once, with the events that made them so: what `holder_json` and
`GrantingOfAnswer.tell` make of them, without dictionaries in between.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import orjson

from erstwhile.api.asking.answers import holder_json
from erstwhile.api.asking.written_lines import Events, written_statement
from erstwhile.api.asking.written_on_condition import lines_on_condition
from erstwhile.api.asking.written_sure import sure_lines
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.surely_allowed import SurelyAllowed
from erstwhile.domain.questions.who_can import Holder, WhoCanFound, answer_order

_encode = msgspec.json.Encoder().encode


class _Head(msgspec.Struct):
    principal: str
    kind: str
    account: str
    unique_id: str
    effect: str


class Unwritten:
    """A list of holders that waits for the events that it names."""

    def __init__(self, holders: Sequence[Holder], columns: SurelyAllowed | OnCondition | None = None) -> None:
        """`holders` in order; `columns`: more of them."""
        self._holders = holders
        self._columns = columns

    def positions(self) -> set[int]:
        found = positions_of(self._holders)
        return found if self._columns is None else found | self._columns.positions()

    def written(self, events: Events) -> orjson.Fragment:
        """A list. `events`: those of its positions, as JSON."""
        told = [_line(each, events) for each in self._holders]
        if self._columns is None or not len(self._columns.numbers):
            return orjson.Fragment(b"[" + b",".join(told) + b"]")
        return orjson.Fragment(_merged(self._holders, told, self._columns, events))


def unwritten(found: WhoCanFound) -> dict[str, Any]:
    """What `who_can_json` says, where the lists that may be long are written last."""
    return {
        "allowed": Unwritten(found.rest.allowed, found.sure),
        "conditional": Unwritten(found.rest.conditional, found.on_condition),
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


def _merged(
    holders: Sequence[Holder], told: list[bytes], columns: SurelyAllowed | OnCondition, events: Events
) -> bytes:
    """The lines of holders, which are in order, among those of the columns, as a list."""
    order = np.argsort(columns.who.ranks)  # no two of them share a name, and so an ARN

    def of_columns(place: int) -> tuple[bool, bool, str, str]:
        who = columns.who.named(order[place])
        return False, True, who.arn, who.key[2]

    others: dict[int, list[bytes]] = {}
    for each, line in zip(holders, told, strict=True):
        others.setdefault(bisect_left(range(len(order)), answer_order(each), key=of_columns), []).append(line)
    if isinstance(columns, SurelyAllowed):
        return sure_lines(columns, order, events).as_list(others)
    return lines_on_condition(columns, order, events).as_list(others)


def _line(holder: Holder, events: Events) -> bytes:
    decision = holder.decision
    head = _Head(holder.principal, holder.kind, holder.account, holder.unique_id, decision.effect)
    determining = [written_statement(each, events) for each in decision.determining]
    told = [_encode(head)[:-1], b',"determining":[', b",".join(determining), b"]"]
    if decision.effect != "allow" or holder.why or holder.is_outsider or holder.is_public or holder.extent:
        rest = {name: value for name, value in holder_json(holder).items() if name not in _TOLD}
        told += [b",", orjson.dumps(rest)[1:]]
    else:
        told.append(b',"why":[]}')
    return b"".join(told)


_TOLD = ("principal", "kind", "account", "unique_id", "effect", "determining")
