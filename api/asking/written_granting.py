"""The events that an answer about everybody names, as JSON from columns: what `GrantingEvents` makes of each event that
it reads in the log.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from erstwhile.domain.vocabulary.written_instants import written_instants
from erstwhile.projections.columns.granting import GrantingColumns, Sort

_encode = msgspec.json.Encoder().encode


def written_granting(columns: GrantingColumns, positions: Sequence[int]) -> dict[int, bytes]:
    """By position, in order, those that the columns have, each as a member that its position names."""
    found = columns.find(positions)
    texts = columns.texts.entries
    parts = [texts.get(each) or _keep(columns, each) for each in found.sorts]
    instants = written_instants(found.occurred_at) if found.positions else []
    return {
        position: b'"%d":%b%b%b%b}' % (position, before, instant, after, evidence)
        for position, (before, after), instant, evidence in zip(
            found.positions, parts, instants, found.evidence, strict=True
        )
    }


def _keep(columns: GrantingColumns, number: int) -> tuple[bytes, bytes]:
    return columns.texts.keep(number, _pieces(columns.sort(number)))


def _pieces(sort: Sort) -> tuple[bytes, bytes]:
    """What stands before the instant, and between that and the evidence."""
    before = b'{"event":%b,"occurred_at":' % _encode(sort.type)
    texts = tuple(map(_encode, (sort.action, sort.actor, sort.source)))
    return before, b',"action":%b,"actor":%b,"source":%b,"evidence":' % texts
