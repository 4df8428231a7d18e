"""Which versions the default versions of policies name."""

from __future__ import annotations

import numpy as np

from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import ABSENT, Codes


def version_items(segment: Segment, values: Codes) -> np.typing.NDArray[np.int64]:
    """The codes of the default versions that some values name; ABSENT becomes no code of any item."""
    known = segment.once(_by_value)
    unique, places = np.unique(values, return_inverse=True)
    codes = []
    for value in unique.tolist():
        code = known.get(value)
        if code is None:
            code = known[value] = segment.items.code(str(segment.decoded(value).get("version", "")))
        codes.append(code if code != ABSENT else 0xFFFFFFFF)
    return np.array(codes, dtype=np.int64)[places]


def _by_value(_: Segment) -> dict[int, int]:
    return {}
