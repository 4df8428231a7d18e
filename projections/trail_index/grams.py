"""Keys: four characters in a row, in a field of an event, or a whole word. Upper case is as lower case.

A field's text ends with zeros, which no text of the database has: so its last characters are a key, too, and a text of
three characters has one. All keys that begin alike stand together, so that fewer than four characters are a range.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LENGTH = 4
"""Characters of a key."""
UNSURE = frozenset("\u0130\u212a\u00cc\u00cd\u0128")
"""Characters whose lower case has a letter of ASCII in it, in some locale: a text that has one may be found by words
that it does not seem to have."""
_END = "\0" * (LENGTH - 1)
_SLOTS = 18
"""Bits of a place in the table that keeps one of several equal keys."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

BITS = 16
"""Of the number of a block in a pair: the key is above them."""

Keys = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.uint64]


class Field(IntEnum):
    """Of which words a key is."""

    TEXT = 0
    ACTOR = 1
    TARGET = 2
    ACTION = 3
    SESSION = 4
    WORD = 5


class Range(NamedTuple):
    """Keys from `first` to before `end`: an event has one of them."""

    first: int
    end: int


def _folded() -> npt.NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    table[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    return table


_FOLDED = _folded()


def pairs_of(field: Field, texts: Sequence[Iterable[str]]) -> Pairs:
    """The keys of the texts of each block, each with its block, in no order. A pair may be there twice."""
    raw = [(_END.join(each) + _END).encode() for each in texts]
    folded = _FOLDED[np.frombuffer(b"".join(raw), dtype=np.uint8)]
    grams = folded[:-3] << 24 | folded[1:-2] << 16 | folded[2:-1] << 8 | folded[3:]
    blocks = np.repeat(np.arange(len(raw), dtype=np.uint64), [len(each) for each in raw])[:-3]
    is_key = folded[:-3] != 0
    return _once(grams[is_key].astype(np.uint64) << np.uint64(BITS) | blocks[is_key]) | np.uint64(field << 32 + BITS)


def _once(pairs: Pairs) -> Pairs:
    """Most of them once. A table keeps the last of those that fall in one place; what it does not keep stays, too."""
    places = pairs * _SPREAD >> np.uint64(64 - _SLOTS)
    table = np.zeros(1 << _SLOTS, dtype=np.uint64)
    table[places] = pairs
    kept = table[table != 0]
    return np.concatenate((kept, np.unique(pairs[table[places] != pairs])))


def word(kind: str, text: str) -> int:
    """The key of a whole word of a kind."""
    return Field.WORD << 32 | zlib.crc32(f"{kind} {text}".encode(errors="surrogatepass"))


def parts(text: str) -> list[str]:
    """The parts of a filter's text that are found anywhere in a text, in lower case: what lies between `*` and between
    characters that are not of ASCII, whose case the database's locale decides."""
    found, part = [], ""
    for character in text:
        if character == "*" or not character.isascii():
            found.append(part)
            part = ""
        else:
            part += character.lower()
    return [each for each in (*found, part) if each]


def ranges(field: Field, text: str) -> list[Range]:
    """What an event has that a filter's text finds in this field: a key of each."""
    found = []
    for part in parts(text):
        raw = part.encode()
        for at in range(max(1, len(raw) - LENGTH + 1)):
            gram = raw[at : at + LENGTH]
            free = 8 * (LENGTH - len(gram))
            first = field << 32 | int.from_bytes(gram, "big") << free
            found.append(Range(first, first + (1 << free)))
    return found


def is_unsure(texts: Iterable[str]) -> bool:
    return any(not text.isascii() and not UNSURE.isdisjoint(text) for text in texts)
