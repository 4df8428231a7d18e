"""The users and roles of an instant whose ARNs may have some texts in them: nobody is made into an entity for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.projections.columns.described import NONE, described_at, is_of_kind
from erstwhile.projections.columns.principals import KINDS, principals_in
from erstwhile.projections.columns.rows_at import RowsAt


def principals_called(facts: RowsAt, parts: Sequence[str]) -> Iterator[EntityKey]:
    """`parts`: in whatever case. Perhaps others, of whom no usual ARN is known."""
    for layer in facts.history.stack:
        segment = layer.segment
        there = np.flatnonzero(is_of_kind(segment, *KINDS) & layer.counts)
        described = described_at(facts, segment).of(there)
        there, described = there[described != NONE], described[described != NONE]
        principals = principals_in(segment)
        places = principals.places(there, segment.value[described].astype(np.int64))
        for entity in there[principals.may_have(places, parts)].tolist():
            yield segment.key(entity)
