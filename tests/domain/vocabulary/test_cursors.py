"""Cursors name a place, of one listing and of one version; nothing else passes for one."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.vocabulary.cursors import MalformedCursor, cursor_of, place_of

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_a_cursor_gives_its_place_back(listing: str, place: list[str]) -> None:
    assert place_of(listing, cursor_of(listing, *place), len(place)) == tuple(place)


def encoded(data: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(data)).decode().rstrip("=")


def test_the_form_that_is_given_out_is_pinned() -> None:
    assert cursor_of("audit", "a", "b") == encoded([1, "audit", "a", "b"])


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "!!", "é", "e30", encoded([1]), encoded([1, "users", 7]), encoded([1, "users"]),
        encoded([2, "users", "a"]), encoded([1, "users", "a", "b"]), encoded([1, "users", "a\0"]),
        encoded({"users": "a"}), encoded(None),
        cursor_of("users", "a") + "=", cursor_of("users", "a") + "\n", f" {cursor_of('users', 'a')}",
        base64.urlsafe_b64encode(b'[1, "users", "a"]').decode(), base64.urlsafe_b64encode(b"[" * 10_000).decode(),
    ],
)  # fmt: skip
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(MalformedCursor, match="is not a cursor"):
        place_of("users", cursor)


def test_a_cursor_of_another_listing_is_refused() -> None:
    with pytest.raises(MalformedCursor, match="is a cursor of another listing"):
        place_of("groups", cursor_of("users", "a"))
