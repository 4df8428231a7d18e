"""Makes the segment of some events, as the audit trail shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.grams import BITS, Field, Pairs, is_unsure, pairs_of, word
from erstwhile.projections.trail_index.segment import BLOCK, UNSURE_KEY, Segment, made
from erstwhile.projections.trail_index.wanted import (
    ACCOUNT,
    ADDRESS,
    OUTCOME,
    SHOWN,
    SOURCE,
    Line,
    networks_of,
)

_EVENTS = (
    "SELECT r.account, r.actor, r.actor_id, r.access_key, r.action, r.outcome, r.session, "
    "r.event_type <> 'iam.RecordsImported' AND r.source <> 'catalogue' "
    f"AND (r.account <> '{AWS_MANAGED}' OR r.event_type <> 'iam.AccountRegistered'), "
    "(extract(epoch FROM r.occurred_at) * 1000000)::bigint, r.data::text, r.targets, "
    "concat_ws(' ', r.source_ip, r.user_agent, r.session), lower(r.source_ip), host(client_address(r.source_ip)) "
    "FROM audit r WHERE r.position > %(after)s AND r.position <= %(upto)s ORDER BY r.position"
)

_TOGETHER = 16
"""Blocks whose keys are gathered together: their table fits a processor's cache."""


def read_segment(connection: Connection, after: int, blocks: int) -> Segment:
    """Of so many whole blocks after a position."""
    rows = connection.execute(_EVENTS, {"after": after, "upto": after + blocks * BLOCK}).fetchall()
    by_block = [rows[begin : begin + BLOCK] for begin in range(0, len(rows), BLOCK)]
    pairs = [
        _pairs(by_block[begin : begin + _TOGETHER]) + np.uint64(begin) for begin in range(0, len(by_block), _TOGETHER)
    ]
    at = np.array([row[8] for row in rows], dtype=np.int64)
    return made(after, np.concatenate(pairs), at, [Line(*row[:8]) for row in rows])


def _pairs(blocks: Sequence[Sequence[tuple[Any, ...]]]) -> Pairs:
    texts: dict[Field, list[Iterable[str]]] = {
        Field.TEXT: [[*(row[9] for row in rows), *{row[11] for row in rows}] for rows in blocks],
        Field.ACTOR: [{text for row in rows for text in row[1:4]} for rows in blocks],
        Field.TARGET: [{text for row in rows for text in row[10]} for rows in blocks],
        Field.ACTION: [{row[4] for row in rows} for rows in blocks],
        Field.SESSION: [{row[6] for row in rows} for rows in blocks],
    }
    words = []
    for number, rows in enumerate(blocks):
        found = {key for row in rows for key in _words(row[0], row[5], row[7], row[12], row[13])}
        if any(is_unsure(each[number]) for each in texts.values()):
            found.add(UNSURE_KEY)
        words += [key << BITS | number for key in found]
    return np.concatenate([
        *(pairs_of(field, each) for field, each in texts.items()), np.array(words, dtype=np.uint64)
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def _words(account: str, outcome: str, is_shown: bool, source: str, address: str | None) -> frozenset[int]:
    found = {word(ACCOUNT, account), word(OUTCOME, outcome), word(SOURCE, source)}
    if is_shown:
        found.add(word(SHOWN, ""))
    if address is not None:
        found.update(word(ADDRESS, each) for each in networks_of(address))
    return frozenset(found)
