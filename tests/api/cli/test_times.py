"""Times as people write them, and the instants that they mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.asking.times import read_position, read_time
from erstwhile.api.cli import times
from erstwhile.api.problems import Problem
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant

NOW = datetime(2026, 11, 25, 13, 0, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("ERSTWHILE_TZ", raising=False)
    times.set_zone(None)
    yield
    times.set_zone(None)


def read(text: str) -> str:
    return format_instant(times.read_instant(text, "--as-of", NOW))


@pytest.mark.parametrize(
    ("text", "utc", "berlin"),
    [
        ("2023-07-10", "2023-07-10T00:00:00Z", "2023-07-09T22:00:00Z"),
        ("2023/07/10", "2023-07-10T00:00:00Z", "2023-07-09T22:00:00Z"),
        ("2023-07-10 12:00", "2023-07-10T12:00:00Z", "2023-07-10T10:00:00Z"),
        ("2023-07-10T12:00:01.5", "2023-07-10T12:00:01.500000Z", "2023-07-10T10:00:01.500000Z"),
        ("2023-01-10 12:00", "2023-01-10T12:00:00Z", "2023-01-10T11:00:00Z"),
        ("2023-07-10T12:00Z", "2023-07-10T12:00:00Z", "2023-07-10T12:00:00Z"),
        ("2023-07-10 12:00+05:30", "2023-07-10T06:30:00Z", "2023-07-10T06:30:00Z"),
        ("2023-07-10 12:00 UTC", "2023-07-10T12:00:00Z", "2023-07-10T12:00:00Z"),
        ("2023-07-10 12:00 America/New_York", "2023-07-10T16:00:00Z", "2023-07-10T16:00:00Z"),
        ("10 July 2023", "2023-07-10T00:00:00Z", "2023-07-09T22:00:00Z"),
        ("Jul 10, 2023 12:09:21 PM", "2023-07-10T12:09:21Z", "2023-07-10T10:09:21Z"),
        ("Mon, 10 Jul 2023 12:00:00 GMT", "2023-07-10T12:00:00Z", "2023-07-10T12:00:00Z"),
        ("1688990400", "2023-07-10T12:00:00Z", "2023-07-10T12:00:00Z"),
        ("now", "2026-11-25T13:00:07Z", "2026-11-25T13:00:07Z"),
        ("today", "2026-11-25T00:00:00Z", "2026-11-24T23:00:00Z"),
        ("yesterday", "2026-11-24T00:00:00Z", "2026-11-23T23:00:00Z"),
        ("yesterday 14:00", "2026-11-24T14:00:00Z", "2026-11-24T13:00:00Z"),
        ("09:30", "2026-11-25T09:30:00Z", "2026-11-25T08:30:00Z"),
        ("2h ago", "2026-11-25T11:00:07Z", "2026-11-25T11:00:07Z"),
        ("90 minutes ago", "2026-11-25T11:30:07Z", "2026-11-25T11:30:07Z"),
        ("3 days ago", "2026-11-22T13:00:07Z", "2026-11-22T13:00:07Z"),
        ("a week ago", "2026-11-18T13:00:07Z", "2026-11-18T13:00:07Z"),
    ],
)
def test_what_is_meant(text: str, utc: str, berlin: str) -> None:
    assert read(text) == utc
    times.set_zone("Europe/Berlin")
    assert read(text) == berlin


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("03/04/2026", "more than one way"),
        ("10.7.2023", "more than one way"),
        ("2023-07-10 12:00 CST", "letters mean several zones"),
        ("soon", "expected a time such as"),
        ("4711", "@4711"),
        ("march", "expected a time"),
        ("2023-13-41", "month must be in 1..12"),
        ("31 Feb 2023", "expected a time"),
        ("today 25:00", "expected a time"),
        ("99999 years ago", "expected a time"),
        ("2023-07-10 12:00 Mars/Olympus", "not a time zone"),
        ("0001-01-01", "is before 1900"),
        ("ago " * 10_000, "expected a time"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(Problem) as refused:
        read(text)
    assert words in refused.value.detail and refused.value.status == 400


def test_an_hour_that_clocks_leave_out_or_show_twice() -> None:
    times.set_zone("Europe/Berlin")
    with pytest.raises(Problem, match="does not exist in Europe/Berlin"):
        read("2023-03-26 02:30")
    with pytest.raises(Problem, match=r"comes twice.*\+02:00 or .*\+01:00"):
        read("2023-10-29 02:30")


def test_zones_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert times.shown("2023-07-10T12:00:00Z") == "2023-07-10T12:00:00Z"
    times.set_zone("Asia/Kolkata")
    assert times.shown("2023-07-10T12:00:00Z") == "2023-07-10T17:30:00+05:30"
    assert times.shown("-infinity") == "-infinity"
    times.set_zone(None)
    monkeypatch.setenv("ERSTWHILE_TZ", "Nowhere")
    with pytest.raises(Problem, match="ERSTWHILE_TZ: 'Nowhere' is not a time zone"):
        times.shown("2023-07-10T12:00:00Z")


def test_positions() -> None:
    assert times.read_moment("@4602", "--as-of") == "@4602"
    assert times.read_known_at("4602") == "4602"
    assert [read_position(each) for each in ("@1", "1", "²", "@x", "-1", "1.0")] == [1, 1, None, None, None, None]
    assert (read_position("9" * 5000) or 0) >= 10**18


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=25) | st.from_regex(r"\A[0-9:/.@ +-]{1,14}( (ago|am|pm|Z|UTC))?\Z"))
def test_whatever_is_written_is_an_instant_or_a_clear_no(text: str) -> None:
    with suppress(Problem):
        assert times.read_instant(text, "--as-of", NOW).tzinfo is UTC
    with suppress(MalformedInstant):
        assert read_time(text).tzinfo is UTC
