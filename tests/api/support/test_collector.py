"""A server's collector of cycles: what nobody needs goes, and it takes no more than its share of the time."""

from __future__ import annotations

import sys
import weakref

import pytest

from erstwhile.api.support.collector import Collector, resident


class Held:
    def __init__(self) -> None:
        self.itself = self


def test_what_holds_itself_goes() -> None:
    held = Held()
    seen = weakref.ref(held)
    del held
    assert Collector().collect() and seen() is None


def test_the_next_time_is_not_at_once() -> None:
    collector = Collector()
    assert collector.collect(now=1_000.0)
    assert not collector.collect(now=1_000.0)
    assert collector.collect(now=100_000.0)


def test_where_memory_has_grown_it_is_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))  # each collection takes a second
    monkeypatch.setattr("erstwhile.api.support.collector.time.monotonic", lambda: next(clock))
    memory = [0]
    collector = Collector(lambda: memory[0])
    assert collector.collect(now=1_000.0)
    assert not collector.collect(now=1_050.0)
    memory[0] = 150_000_000
    assert not collector.collect(now=1_005.0)
    assert collector.collect(now=1_011.0)
    assert not collector.collect(now=1_100.0)  # it has not grown since
    assert collector.collect(now=1_112.0)


@pytest.mark.skipif(sys.platform != "linux", reason="another system does not say it so")
def test_memory_is_that_of_the_process() -> None:
    before = resident()
    held = bytearray(b"x") * 50_000_000
    assert resident() - before > 40_000_000 and len(held) > 0
