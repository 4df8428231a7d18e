"""Which versions the default versions of policies name."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import ABSENT, Codes

_versions: WeakKeyDictionary[Segment, dict[int, int]] = WeakKeyDictionary()


def version_items(segment: Segment, values: Codes) -> np.typing.NDArray[np.int64]:
    """The codes of the default versions that some values name; ABSENT becomes no code of any item."""
    known = _versions.setdefault(segment, {})
    unique, places = np.unique(values, return_inverse=True)
    codes = []
    for value in unique.tolist():
        code = known.get(value)
        if code is None:
            code = known[value] = segment.items.code(str(segment.decoded(value).get("version", "")))
        codes.append(code if code != ABSENT else 0xFFFFFFFF)
    return np.array(codes, dtype=np.int64)[places]
