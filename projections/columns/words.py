"""The documents of a segment that have some words in their texts."""

from __future__ import annotations

import numpy as np

from erstwhile.domain.history.fact_history import DOCUMENTS, may_have_words
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes


def rows_with_words(segment: Segment, words: tuple[str, ...]) -> Codes:
    """The rows of policies with one of some words (lower case). Looked for once in each segment: callers ask for few
    sets of words."""
    of_segment = segment.once(_by_words)
    found = of_segment.get(words)
    if found is None:
        rows = np.concatenate([segment.of_attribute(attribute) for attribute in DOCUMENTS])
        values = np.unique(segment.value[rows])
        has = np.array([may_have_words(segment.decoded(each), words) for each in values.tolist()], dtype=bool)
        found = of_segment[words] = rows[np.isin(segment.value[rows], values[has])]
    return found


def _by_words(_: Segment) -> dict[tuple[str, ...], Codes]:
    return {}
