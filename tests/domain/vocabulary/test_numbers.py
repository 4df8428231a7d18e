"""Whole numbers as callers write them."""

from __future__ import annotations

import pytest

from erstwhile.domain.vocabulary.numbers import parse_number


@pytest.mark.parametrize(("text", "number"), [
    ("0", 0), ("42", 42), ("0042", 42), (str(2**63 - 1), 2**63 - 1),
    (str(2**63), None), ("9" * 5_000, None), ("²", None), ("٣", None), ("", None), ("-1", None), ("+1", None),
    ("1_000", None), (" 1", None), ("1.0", None), ("1e3", None),
])  # fmt: skip
def test_digits_and_nothing_else(text: str, number: int | None) -> None:
    assert parse_number(text) == number


def test_limits() -> None:
    assert [parse_number(text, 1, 10) for text in ("0", "1", "10", "11")] == [None, 1, 10, None]
