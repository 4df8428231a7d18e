"""Dictionaries of texts: a text is one code in every row. Look-ups go by a hash that is the same in every process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64] | npt.NDArray[np.uint32]
ABSENT = -1
_SMALL = 2**32 - 1
"""Bytes of texts whose offsets take half of the memory."""


def hash_of(text: bytes) -> int:
    """64 bits, signed."""
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little", signed=True)


def encoded(text: str) -> bytes:
    """UTF-8, of whatever somebody asks about: half a surrogate pair is in no dictionary, and no error."""
    return text.encode("utf-8", "surrogatepass")


class HashIndex:
    """Hash → codes. Texts of equal hashes are told apart by whoever asks."""

    def __init__(self, hashes: Ints, codes: Codes) -> None:
        """`hashes` in order."""
        # A memory view gives Python integers, in a fraction of the time of numpy's scalars.
        self._hashes = hashes.data
        self._codes = codes.data

    def find(self, hashed: int) -> Iterator[int]:
        hashes = self._hashes
        place, end = bisect_left(hashes, hashed), len(hashes)
        while place < end and hashes[place] == hashed:
            yield self._codes[place]
            place += 1


def sorted_index(hashes: Sequence[int], codes: Iterable[int]) -> tuple[Ints, Codes]:
    """What a `HashIndex` is made of."""
    unsorted = np.array(hashes, dtype=np.int64)
    order = np.argsort(unsorted, kind="stable")
    return unsorted[order], np.fromiter(codes, dtype=np.int32, count=len(hashes))[order]


def packed(texts: Sequence[bytes]) -> tuple[Bytes, Offsets]:
    """Texts as one block of bytes, and where each begins; the last offset is the end of the last."""
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), out=offsets[1:])
    block = np.frombuffer(b"".join(texts), dtype=np.uint8)
    return block, offsets.astype(np.uint32) if len(block) <= _SMALL else offsets


class Texts:
    """Code → text."""

    def __init__(self, block: Bytes, offsets: Offsets) -> None:
        self._block = block.data
        self._offsets = offsets.data

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def raw(self, code: int) -> bytes:
        return bytes(self._block[self._offsets[code] : self._offsets[code + 1]])

    def raws(self, codes: Iterable[int]) -> list[bytes]:
        block, offsets = self._block, self._offsets
        return [bytes(block[offsets[code] : offsets[code + 1]]) for code in codes]

    def text(self, code: int) -> str:
        return self.raw(code).decode()


class Dictionary(Texts):
    """Texts that are looked up, too."""

    def __init__(self, block: Bytes, offsets: Offsets, index: HashIndex) -> None:
        super().__init__(block, offsets)
        self.index = index

    def code(self, text: str) -> int:
        """ABSENT where there is none."""
        return self.code_of(encoded(text))

    def code_of(self, raw: bytes) -> int:
        """ABSENT where there is none."""
        for code in self.index.find(hash_of(raw)):
            if self.raw(code) == raw:
                return code
        return ABSENT


def dictionary_of(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Dictionary:
    """That of a segment which has a name there."""
    return Dictionary(arrays[f"{name}.block"], arrays[f"{name}.offsets"], index_of(arrays, name))


def index_of(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> HashIndex:
    return HashIndex(arrays[f"{name}.hashes"], arrays[f"{name}.codes"])
