"""The cache with a limit."""

from __future__ import annotations

from erstwhile.domain.vocabulary.bounded import Bounded, Weighed


def test_what_is_kept_is_found_until_it_is_dropped() -> None:
    cache = Bounded[str, int](2)
    assert cache.get("a") is None
    assert cache.keep("a", 1) == 1
    assert cache.get("a") == 1
    assert "a" in cache
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a") is None
    assert len(cache) == 0


def test_a_new_entry_empties_a_full_cache() -> None:
    cache = Bounded[str, int](2)
    full = []
    for number, key in enumerate("abc"):
        full.append(cache.is_full)
        cache.keep(key, number)
    assert full == [False, False, True]
    assert cache.entries == {"c": 2}


def test_another_value_of_a_kept_entry_empties_nothing() -> None:
    cache = Bounded[str, int](2)
    cache.keep("a", 1)
    cache.keep("b", 2)
    cache.keep("b", 3)
    assert cache.entries == {"a": 1, "b": 3}


def test_what_is_kept_may_be_nothing() -> None:
    cache = Bounded[str, int | None](2)
    cache.keep("a", None)
    assert "a" in cache


def test_what_is_too_heavy_together_goes() -> None:
    cache = Weighed[str, int](10)
    cache.keep("a", 1, 4)
    assert cache.keep("b", 2, 6) == 2
    assert cache.entries == {"a": 1, "b": 2}
    cache.keep("c", 3, 1)
    assert cache.entries == {"c": 3}
    cache.keep("d", 4, 11)
    assert cache.entries == {"d": 4}, "one that is too heavy alone is kept until the next"
    cache.keep("e", 5, 1)
    assert cache.entries == {"e": 5}
    assert len(cache) == 1
