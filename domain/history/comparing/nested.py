"""The parts into which patterns cut the resources inside of another one, where all are ARNs or beginnings of ones.

They are those that `elsewhere` finds inside of it, by the same names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.history.comparing.elsewhere import SPARE, ArnText, has_name, is_free, text_of
from erstwhile.domain.policy.language.patterns.pattern_parts import MAX_PARTS


class Nested(NamedTuple):
    cells: list[str]
    """One resource of each part."""
    inside: dict[str, BitMap]
    """By pattern: the places of the cells that it matches."""


def nested(patterns: Iterable[str]) -> Nested | None:
    """`patterns`: the one that is around all others, and these. None where a part has none of the names that are tried,
    or there are too many."""
    texts: dict[str, ArnText] = {}
    for pattern in patterns:
        text = text_of(pattern)
        if text is None:
            return None
        texts[pattern] = text
    taken = {each.text for each in texts.values() if not each.is_beginning}
    beginnings = {each.text for each in texts.values() if each.is_beginning}
    found = [each for each in taken if has_name(each)]
    for begun in beginnings:
        inner = tuple([each for each in beginnings if len(each) > len(begun) and each.startswith(begun)])
        candidates = (begun, *(begun + letter for letter in SPARE))
        cell = next((each for each in candidates if is_free(each, taken, inner)), None)
        if cell is None:
            return None
        found.append(cell)
    if len(found) > MAX_PARTS:
        return None
    found.sort(key=lambda each: (len(each), each))
    inside = {
        pattern: BitMap(
            [
                place
                for place, cell in enumerate(found)
                if (cell.startswith(text.text) if text.is_beginning else cell == text.text)
            ]
        )
        for pattern, text in texts.items()
    }
    return Nested(found, inside)
