"""Whole numbers as text of ranges: `1-4,9`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def ranges_text(numbers: Iterable[int]) -> str:
    """`numbers`: ascending, each once."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def parse_ranges(text: str) -> Iterator[int]:
    """The numbers of a text that `ranges_text` made. Raises ValueError."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
