"""The lines of who-can as JSON at once, with the events that made them so: what `holder_json` and
`GrantingOfAnswer.tell` make of them, without dictionaries in between.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson

from erstwhile.api.asking.answers import holder_json
from erstwhile.api.asking.blocks import Blocks
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


class LaterKnown(NamedTuple):
    """What is told of those whose policies are not known, by their ARNs: when these were listed first, and the last
    successful call."""

    listed: Mapping[str, str]
    calls: Mapping[str, dict[str, str]]

    def why(self, principal: str) -> list[str]:
        return [f"known later: first listed at {self.listed[principal]}"] if principal in self.listed else []

    def tell(self, holders: Iterable[dict[str, Any]]) -> None:
        """To lines of an answer."""
        for holder in holders:
            holder["why"] += self.why(holder["principal"])
            holder["successful_call"] = self.calls.get(holder["principal"])


class Unwritten:
    """A list of holders that waits for the events that it names."""

    def __init__(
        self,
        holders: Sequence[Holder],
        columns: SurelyAllowed | OnCondition | None = None,
        later: LaterKnown | None = None,
    ) -> None:
        """`holders` in order; `columns`: more of them. `later`: what is told of all of them, whose policies are not
        known."""
        self._holders = holders
        self._columns = columns
        self._later = later

    def positions(self) -> set[int]:
        found = positions_of(self._holders)
        return found if self._columns is None else found | self._columns.positions()

    def written(self, events: Events) -> Blocks:
        """A list. `events`: those of its positions, as JSON."""
        told = [_line(each, events, self._later) for each in self._holders]
        if self._columns is None or not len(self._columns.numbers):
            return Blocks([b"[" + b",".join(told) + b"]"])
        return _merged(self._holders, told, self._columns, events, self._later)


def unwritten(found: WhoCanFound, later: LaterKnown) -> dict[str, Unwritten]:
    """What `who_can_json` says, with what is told of those whose policies are not known. The lists are written last."""
    return {
        "allowed": Unwritten(found.rest.allowed, found.sure),
        "conditional": Unwritten(found.rest.conditional, found.on_condition),
        "unknown": Unwritten(found.rest.unknown, found.unseen, later),
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
    holders: Sequence[Holder],
    told: list[bytes],
    columns: SurelyAllowed | OnCondition,
    events: Events,
    later: LaterKnown | None,
) -> Blocks:
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
    endings = None if later is None else [_ending(later, each.arn) for each in columns.who.only(order).each() if each]
    return lines_on_condition(columns, order, events, endings).as_list(others)


def _ending(later: LaterKnown, principal: str) -> tuple[bytes, bytes]:
    """What is told of somebody at the end of the reasons, and behind them."""
    why = b"".join([b"," + orjson.dumps(each) for each in later.why(principal)])
    return why, b',"successful_call":' + orjson.dumps(later.calls.get(principal))


def _line(holder: Holder, events: Events, later: LaterKnown | None) -> bytes:
    decision = holder.decision
    head = _Head(holder.principal, holder.kind, holder.account, holder.unique_id, decision.effect)
    determining = [written_statement(each, events) for each in decision.determining]
    told = [_encode(head)[:-1], b',"determining":[', b",".join(determining), b"]"]
    if decision.effect != "allow" or holder.why or holder.is_outsider or holder.is_public or holder.extent:
        rest = holder_json(holder)
        if later is not None:
            later.tell([rest])
        rest = {name: value for name, value in rest.items() if name not in _TOLD}
        told += [b",", orjson.dumps(rest)[1:]]
    else:
        told.append(b',"why":[]}')
    return b"".join(told)


_TOLD = ("principal", "kind", "account", "unique_id", "effect", "determining")
