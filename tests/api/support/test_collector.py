"""A server's collector of cycles: what nobody needs goes, and it takes no more than its share of the time."""

from __future__ import annotations

import weakref

from erstwhile.api.support.collector import Collector


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
