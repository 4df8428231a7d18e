"""What comes next is looked for while something else is done: it comes in order, and an end waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from erstwhile.projections.ahead import Ahead


def numbers(threads: list[str], end: int) -> Iterator[int]:
    for number in range(end):
        threads.append(threading.current_thread().name)
        yield number
    raise ValueError("no more")


@pytest.mark.parametrize("asks", [(), (1,), (0, 1, 2), (0, 0, 2)])
def test_all_come_in_their_order(asks: tuple[int, ...]) -> None:
    threads: list[str] = []
    with Ahead(iter(numbers(threads, 3))) as source:
        found = []
        for place in range(3):
            for _ in range(asks.count(place)):
                source.go_on()
            found.append(source.take())
        assert found == [0, 1, 2]
        source.go_on()
        with pytest.raises(ValueError, match="no more"):
            source.take()
    assert len(set(threads)) == (1 if asks in ((), (0, 1, 2)) else 2)


def test_nothing_comes_after_the_last() -> None:
    with Ahead(iter(())) as source:
        assert source.take() is None
        source.go_on()
        assert source.take() is None


def test_its_end_waits_for_what_is_being_looked_for() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Iterator[int]:
        begun.set()
        may_end.wait()
        ended.set()
        yield 1

    with Ahead(slow()) as source:
        source.go_on()
        begun.wait()
        may_end.set()
    assert ended.is_set()
