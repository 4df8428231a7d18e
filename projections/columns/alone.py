"""Which entities have names and ARNs that no other ever had: of hundreds of thousands, these need not be looked up.

Serves the row "difference of two days" of `make bench-history`."""

from __future__ import annotations

import numpy as np

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.projections.columns.segment import Segment, key_text
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import ABSENT


def is_surely_alone(stack: Stack, key: EntityKey, arn: str) -> bool:
    """Whether no other entity ever had an ARN that is on record of one and ends in its name, nor the name; False also
    where that is not seen at once."""
    account, kind, _ = key
    told, _, path = arn.rpartition(":")[2].partition("/")
    if told != kind or account_in(arn) != account:
        return False
    name = path.rpartition("/")[2]
    as_id = key_text(account, kind, name)
    is_found = False
    for segment, *_ in stack:
        if segment.entities.code_of(as_id) != ABSENT:
            return False
        entity = ABSENT if is_found else segment.entity_code(key)
        if entity != ABSENT:
            is_found = True
            if not segment.once(_alone)[entity]:
                return False
        elif segment.named(account, kind, name.lower()) or segment.with_recorded_arn(arn):
            return False
    return is_found


def _alone(segment: Segment) -> bytes:
    """Of each entity, whether all of its names and ARNs are its own: a byte, which is read sooner than a scalar."""
    found = np.ones(segment.entity_count, dtype=bool)
    for hashes, codes in (segment.hashed_names(), segment.hashed_arns()):
        is_as_next = hashes[1:] == hashes[:-1]
        found[codes[:-1][is_as_next]] = False
        found[codes[1:][is_as_next]] = False
    return found.tobytes()
