"""The index of some blocks of events that follow each other in the log."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from itertools import filterfalse

import msgspec
import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.trail_index.grams import BITS, Field, Keys, Pairs, Range
from erstwhile.projections.trail_index.wanted import Line, Wanted, name_of

BLOCK = 16
"""Events of a block."""
UNSURE_KEY = Field.WORD << 32 | 0xFFFFFFFF
"""Of blocks that may have any key."""
_NEARLY_ALL = 0.75
"""Of a segment's blocks: a key that so many have is taken to be in all of them."""

Bools = npt.NDArray[np.bool_]
Arrays = dict[str, npt.NDArray[np.generic]]


class Segment:
    """`after`: the position before its first event. It never changes.

    Arrays: `keys`, sorted; `ends`, where in `blocks` the blocks of each key end (none: all blocks have it); `begin` and
    `end`, the earliest and the latest instant of each block, in microseconds since 1970; `at`, the instant of each
    event, and `line`, the number of its line; `texts` and `text_ends`, the lines as JSON."""

    def __init__(self, after: int, arrays: Arrays, mapped: mmap.mmap | None = None) -> None:
        """`mapped`: the file that has the arrays."""
        self.after = after
        self.arrays = arrays
        self._mapped = mapped
        self.keys: Keys = arrays["keys"]  # type: ignore[assignment]
        self.ends: npt.NDArray[np.uint32] = arrays["ends"]  # type: ignore[assignment]
        self.blocks: npt.NDArray[np.uint16] = arrays["blocks"]  # type: ignore[assignment]
        self.begin: npt.NDArray[np.int64] = arrays["begin"]  # type: ignore[assignment]
        self.end: npt.NDArray[np.int64] = arrays["end"]  # type: ignore[assignment]
        self.at: npt.NDArray[np.int64] = arrays["at"]  # type: ignore[assignment]
        self.line: npt.NDArray[np.uint32] = arrays["line"]  # type: ignore[assignment]
        self._unnamed: Bools | None = None

    @property
    def upto(self) -> int:
        """The position of its last event."""
        return self.after + len(self.at)

    def let_go(self) -> None:
        """The pages of the file that were read count as this process's no longer: the system keeps them as long as it
        likes, and whoever reads on gets them back from there."""
        if self._mapped is not None:
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def __len__(self) -> int:
        """Blocks."""
        return len(self.begin)

    def that_may_pass(self, wanted: Wanted) -> Bools:
        """Of each block, whether it may have an event that passes."""
        unsure = self._with_all([Range(UNSURE_KEY, UNSURE_KEY + 1)])
        # The keys of which there is no choice come first: most often one of them is nowhere.
        found = self._with_all([each[0][0] for each in wanted.keys if _is_one(each)])
        for alternatives in filterfalse(_is_one, wanted.keys):
            if not found.any():
                break
            any_of: Bools = np.zeros(len(self), dtype=bool)
            for each in alternatives:
                any_of |= self._with_all(each)
            found &= any_of
        if wanted.named and found.any():
            found &= self._with_all(wanted.named) | self._with_unnamed()
        return found | unsure

    def _with_unnamed(self) -> Bools:
        """The blocks that have an action without a name. Found when they are asked for first: it takes a look at every
        line."""
        if self._unnamed is None:
            lines = range(len(self.arrays["text_ends"]))
            is_unnamed = np.array([not name_of(self.line_of(number).action) for number in lines], dtype=bool)
            found: Bools = np.asarray(is_unnamed[self.line].reshape(-1, BLOCK).any(axis=1))
            self._unnamed = found
        return self._unnamed

    def _with_all(self, wanted: Sequence[Range]) -> Bools:
        """The blocks that have a key of each range. The rarest keys are looked at first."""
        found: Bools = np.ones(len(self), dtype=bool)
        if not wanted:
            return found
        places = np.searchsorted(self.keys, np.array(wanted, dtype=np.uint64))
        if bool((places[:, 0] == places[:, 1]).any()):
            return np.zeros(len(self), dtype=bool)
        ends = np.where(places == 0, 0, self.ends[places - 1].astype(np.int64))
        counts = ends[:, 1] - ends[:, 0]
        for number in np.argsort(counts, kind="stable").tolist():
            if counts[number]:  # else all blocks have it
                found &= self._with(*places[number].tolist())
                if not found.any():
                    break
        return found

    def _with(self, first: int, end: int) -> Bools:
        """The blocks that have one of the keys at some places."""
        found: Bools = np.zeros(len(self), dtype=bool)
        if first < end:
            begin = int(self.ends[first - 1]) if first else 0
            ends = self.ends[first:end]
            found[self.blocks[begin : int(ends[-1])]] = True
            if int(ends[0]) == begin or bool((ends[1:] == ends[:-1]).any()):
                found[:] = True
        return found

    def line_of(self, number: int) -> Line:
        ends = self.arrays["text_ends"]
        begin = int(ends[number - 1]) if number else 0
        return decode(self.arrays["texts"][begin : int(ends[number])].tobytes(), Line)


def _is_one(alternatives: list[list[Range]]) -> bool:
    return len(alternatives) == 1 and len(alternatives[0]) == 1


def made(after: int, pairs: Pairs, at: npt.NDArray[np.int64], lines: Sequence[Line]) -> Segment:
    """`pairs`: of keys and blocks; `at`, `lines`: of each event. All blocks are whole."""
    codes: dict[Line, int] = {}
    line = np.fromiter((codes.setdefault(each, len(codes)) for each in lines), dtype=np.uint32, count=len(lines))
    by_block = at.reshape(-1, BLOCK)
    return _segment(
        after, np.sort(pairs), len(by_block),
        {"begin": by_block.min(axis=1), "end": by_block.max(axis=1), "at": at, "line": line, **_texts(codes)},
    )  # fmt: skip


def merged(segments: Sequence[Segment]) -> Segment:
    """Of segments that follow each other."""
    shift, keys, blocks = 0, [], []
    lines: dict[bytes, int] = {}
    codes = []
    for segment in segments:
        counts = np.diff(segment.ends, prepend=np.uint32(0)).astype(np.int64)
        in_all = counts == 0
        own = np.concatenate((segment.blocks, np.tile(np.arange(len(segment), dtype=np.uint16), int(in_all.sum()))))
        keys += [np.repeat(segment.keys, counts), np.repeat(segment.keys[in_all], len(segment))]
        blocks.append(own.astype(np.uint64) + np.uint64(shift))
        shift += len(segment)
        ends = segment.arrays["text_ends"].tolist()
        raw = segment.arrays["texts"].tobytes()
        ours = [lines.setdefault(raw[first:end], len(lines)) for first, end in zip([0, *ends], ends, strict=False)]
        codes.append(np.array(ours, dtype=np.uint32)[segment.line])
    pairs = np.sort(np.concatenate(keys) << np.uint64(BITS) | np.concatenate(blocks))
    rest: Arrays = {name: np.concatenate([each.arrays[name] for each in segments]) for name in ("begin", "end", "at")}
    return _segment(
        segments[0].after, pairs, shift,
        {**rest, "line": np.concatenate(codes), **_packed(lines)},
    )  # fmt: skip


def _segment(after: int, pairs: Pairs, count: int, rest: Arrays) -> Segment:
    """From pairs, sorted; a pair may be there twice. `count`: of blocks."""
    is_first = np.ones(len(pairs), dtype=bool)
    is_first[1:] = pairs[1:] != pairs[:-1]
    pairs = pairs[is_first]
    keys, blocks = pairs >> np.uint64(BITS), pairs.astype(np.uint16)
    is_last = np.ones(len(keys), dtype=bool)
    is_last[:-1] = keys[1:] != keys[:-1]
    ends = np.flatnonzero(is_last) + 1
    counts = np.diff(ends, prepend=0)
    counts_written = np.where(counts >= _NEARLY_ALL * count, 0, counts)
    kept = np.repeat(counts_written > 0, counts)
    return Segment(
        after,
        {
            "keys": keys[is_last], "ends": np.cumsum(counts_written).astype(np.uint32), "blocks": blocks[kept], **rest,
        },
    )  # fmt: skip


def _texts(codes: dict[Line, int]) -> Arrays:
    return _packed({msgspec.json.encode(line): code for line, code in codes.items()})


def _packed(lines: dict[bytes, int]) -> Arrays:
    return {
        "texts": np.frombuffer(b"".join(lines), dtype=np.uint8),
        "text_ends": np.cumsum([len(each) for each in lines]).astype(np.uint32),
    }
