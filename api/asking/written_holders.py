"""The answer of who-can as JSON: those that columns tell, and the others one by one.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from erstwhile.api.asking.blocks import Blocks
from erstwhile.api.asking.own_statements import Templates
from erstwhile.api.asking.statements_once import StatementsOnce
from erstwhile.api.asking.written_lines import LaterKnown, written_list
from erstwhile.api.asking.written_on_condition import lines_on_condition
from erstwhile.api.asking.written_sure import sure_lines
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.surely_allowed import SurelyAllowed
from erstwhile.domain.questions.who_can import Holder, WhoCanFound, answer_order


class WrittenHolders(NamedTuple):
    """`members` of the answer: its three lists, and the statements that they name. `positions`: those of the events
    that the statements name."""

    members: dict[str, Blocks]
    positions: set[int]


def written_holders(found: WhoCanFound, later: LaterKnown) -> WrittenHolders:
    """`later`: what is told of those whose policies are not known."""
    statements, rest = StatementsOnce(), found.rest
    templates = Templates(statements)
    members = {
        "allowed": _list(found.sure, rest.allowed, templates),
        "conditional": _list(found.on_condition, rest.conditional, templates),
        "unknown": _list(found.unseen, rest.unknown, templates, later),
    }
    return WrittenHolders({**members, "statements": statements.written()}, statements.positions)


def _list(
    columns: SurelyAllowed | OnCondition | None,
    holders: Sequence[Holder],
    templates: Templates,
    later: LaterKnown | None = None,
) -> Blocks:
    """`holders` are in order."""
    statements = templates.statements
    if columns is None or not len(columns.numbers):
        return written_list(None, {0: holders}, statements, later)
    order = np.argsort(columns.who.ranks)  # no two of them share a name, and so an ARN

    def of_columns(place: int) -> tuple[bool, bool, str, str]:
        who = columns.who.named(order[place])
        return False, True, who.arn, who.key[2]

    others: dict[int, list[Holder]] = {}
    for each in holders:
        others.setdefault(bisect_left(range(len(order)), answer_order(each), key=of_columns), []).append(each)
    if isinstance(columns, SurelyAllowed):
        lines = sure_lines(columns, order, templates)
    else:
        lines = lines_on_condition(columns, order, templates, later)
    return written_list(lines, others, statements, later)
