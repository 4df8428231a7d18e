"""Types that several threads read for the first time at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import msgspec
import pytest

from erstwhile.domain.vocabulary.typed import convert, decode, decoder

THREADS = 8


def struct_of(depth: int) -> Any:
    fields = [(f"f{number}", int) for number in range(40)]
    for level in range(depth):
        fields.append(("inner", msgspec.defstruct(f"Level{level}", [*fields])))  # type: ignore[arg-type]
    return msgspec.defstruct("Whole", fields)


def test_all_threads_get_the_same_decoder() -> None:
    for _ in range(20):
        kind, barrier = struct_of(3), Barrier(THREADS)

        def ask(kind: Any = kind, barrier: Barrier = barrier) -> Any:
            barrier.wait()
            return decoder(kind)

        with ThreadPoolExecutor(THREADS) as pool:
            found = [each.result() for each in [pool.submit(ask) for _ in range(THREADS)]]
        assert all(each is found[0] for each in found)


def test_values() -> None:
    assert decode(b"[1, 2]", list[int]) == convert([1, 2], list[int]) == [1, 2]
    with pytest.raises(msgspec.ValidationError):
        decode(b'["a"]', list[int])
