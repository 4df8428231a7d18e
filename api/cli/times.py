"""Times as people write and read them: `2023-07-10`, `2023-07-10 12:00`, `yesterday`, `2h ago`, `@4602`, in a zone.

What is written without a zone is in that of --tz (or ERSTWHILE_TZ; UTC else), and the answer shows the instant that was
understood. What can be read in two ways is refused. Words are parsed by `dateparser`.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from erstwhile.api.asking.times import EARLIEST, placed, read_local, read_position, read_time
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant, parse_instant

EXPECTED = (
    "expected a time such as 2023-07-10, '2023-07-10 12:00', 2023-07-10T12:00:00+02:00, yesterday, '2h ago', "
    "or @4711 for the moment of a log position"
)
_CLOCK = re.compile(r"^\d{1,2}:\d\d(:\d\d)?$", re.ASCII)
_EPOCH = re.compile(r"^\d{10}(\d{3})?$", re.ASCII)
_NUMBERS_ALONE = re.compile(r"^\d{1,4}[./\s-]+\d{1,2}[./\s-]+\d{1,4}\b", re.ASCII)
_YEAR_FIRST = re.compile(r"^(\d{4})[./](\d\d)[./](\d\d)\b", re.ASCII)
_LONGEST = 60
_ZONE = re.compile(r"^(.*\S)\s+(\w+/[\w/+-]+|UTC|GMT|Z)$", re.ASCII)
_ABBREVIATION = re.compile(
    r"(?<![\w/])(?!(?:UTC|GMT|AM|PM|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b)[A-Z]{3,5}$"
)
_WORDS = re.compile(
    r"\b(ago|now|today|yesterday|last|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|"
    r"june|july|august|september|october|november|december)\b|^-?\d+\s*(s|m|min|h|d|w)$",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"\b(ago|now)\b|^-?\d+\s*[a-z]+$", re.IGNORECASE)

_zone: list[tzinfo] = []


def set_zone(name: str | None) -> None:
    """The zone of --tz. Raises Problem for one that there is not."""
    _zone[:] = [] if name is None else [_named(name, "--tz")]


def zone() -> tzinfo:
    """The zone in which times are read and shown. Raises Problem where ERSTWHILE_TZ names none."""
    if not _zone:
        _zone.append(_named(os.environ.get("ERSTWHILE_TZ") or "UTC", "ERSTWHILE_TZ"))
    return _zone[0]


def _named(name: str, where: str) -> tzinfo:
    if name.lower() == "local":
        from tzlocal import get_localzone

        return get_localzone()
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        similar = [each for each in sorted(available_timezones()) if name.lower() in each.lower()][:5]
        hint = f"; did you mean {', '.join(similar)}?" if similar else ""
        raise bad_request(
            "unknown_zone",
            f"{where}: {name!r} is not a time zone: expected one such as Europe/Berlin, UTC or local{hint}",
        ) from None


def read_moment(text: str | None, name: str) -> str | None:
    """A time as the questions take it: RFC 3339 in UTC, or `@` and a position. Raises Problem."""
    if not text:
        return None
    if text.strip().startswith("@") and read_position(text) is not None:
        return text.strip()
    return format_instant(read_instant(text, name))


def read_known_at(text: str | None) -> str | None:
    """The same for --known-at, where a number alone is a position. Raises Problem."""
    if text and read_position(text) is not None:
        return text.strip()
    return read_moment(text, "--known-at")


def read_instant(text: str, name: str, now: datetime | None = None) -> datetime:
    """The instant that somebody means, in UTC. Raises Problem."""
    try:
        found = _read(text.strip(), now or datetime.now(UTC))
        if found < EARLIEST:
            raise MalformedInstant(f"{text!r} is before {EARLIEST.year}: nothing is known of that time")
        return found
    except (MalformedInstant, OverflowError) as error:
        raise bad_request("malformed_instant", f"{name}: {error}") from None


def _read(text: str, now: datetime) -> datetime:
    there = zone()
    named = _ZONE.match(text)
    if named:
        there = _named(named[2], repr(text))
        text = named[1]
    text = _YEAR_FIRST.sub(r"\1-\2-\3", text)
    if _CLOCK.match(text):
        text = f"{now.astimezone(there).date().isoformat()} {text.zfill(5) if len(text) < 6 else text.zfill(8)}"
    if read_local(text) is not None:
        return read_time(text, there)
    try:
        return parse_instant(text)
    except MalformedInstant:
        return _read_words(text, there, now)


def _read_words(text: str, there: tzinfo, now: datetime) -> datetime:
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), UTC)
    if _ABBREVIATION.search(text):
        raise MalformedInstant(f"{text!r}: such letters mean several zones: write an offset (+02:00), UTC, or use --tz")
    if _NUMBERS_ALONE.match(text):
        raise MalformedInstant(f"{text!r} can be read in more than one way: write the year first, 2023-07-10")
    if len(text) > _LONGEST or not _WORDS.search(text):
        raise MalformedInstant(f"{text!r} is not an instant: {EXPECTED}")
    exact = _LENGTH.search(text) is not None and ":" not in text
    base = now.astimezone(UTC if exact else there).replace(tzinfo=None)
    found = _parser(base).get_date_data(text)
    local: datetime | None = found.date_obj
    if local is None or (":" in text and found.period != "time"):
        raise MalformedInstant(f"{text!r} is not an instant: {EXPECTED}")
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    if exact:
        return local.replace(tzinfo=UTC)
    if found.period != "time":
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return placed(local, there)


@lru_cache(maxsize=1)
def _parser(base: datetime) -> Any:
    from dateparser.date import DateDataParser

    settings = {
        "STRICT_PARSING": True, "RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "RETURN_TIME_AS_PERIOD": True,
    }  # fmt: skip
    return DateDataParser(languages=["en"], settings=settings)


def shown(text: str) -> str:
    """An instant of an answer, in the zone that was asked for, with its offset; what is none as it is."""
    if zone() is UTC or not text:
        return text
    try:
        local = parse_instant(text).astimezone(zone())
    except (MalformedInstant, OverflowError):
        return text
    return local.isoformat(timespec="microseconds" if local.microsecond else "seconds")
