"""The input of LookupEvents, checked in AWS's words.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.vocabulary.cursors import MalformedCursor, cursor_of, place_of
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant
from erstwhile.domain.vocabulary.numbers import parse_number

MOST = 50
"""Events of a page."""
KEYS = ("EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId")
_LISTING = "lookup-events"
_MEMBERS = ("LookupAttributes", "StartTime", "EndTime", "EventCategory", "MaxResults", "NextToken")
_LONGEST = 2_000


class Lookup(msgspec.Struct, frozen=True):
    """What is looked up. `key`, `value`: the attribute, '' for any event; `after`: the last event of the page before,
    as (instant, log position)."""

    key: str = ""
    value: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    limit: int = MOST
    after: tuple[datetime, int] | None = None
    is_insight: bool = False


def parse_lookup(raw: bytes) -> Lookup:
    """Raises AwsError."""
    given = _object(raw)
    key, value = _attribute(given.get("LookupAttributes"))
    begin, end = _instant("StartTime", given.get("StartTime")), _instant("EndTime", given.get("EndTime"))
    if begin is not None and end is not None and begin > end:
        raise AwsError("InvalidTimeRangeException", "Invalid Time Range: StartTime is after EndTime.")
    limit = given.get("MaxResults", MOST)
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise AwsError("InvalidMaxResultsException", f"MaxResults must be between 1 and {MOST}.")
    category = given.get("EventCategory")
    if category not in (None, "insight"):
        raise AwsError("InvalidEventCategoryException", "EventCategory must be insight, or not be there.")
    return Lookup(key, value, begin, end, limit, _place(given.get("NextToken")), category is not None)


def token_of(at: datetime, position: int) -> str:
    """The NextToken of a page that ends with this event."""
    return cursor_of(_LISTING, at.isoformat(), str(position))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(raw or b"{}")
    except ValueError:
        raise AwsError("SerializationException", "The body is not JSON.") from None
    if not isinstance(given, dict):
        raise AwsError("SerializationException", "The body is not a JSON object.")
    unknown = [name for name in given if name not in _MEMBERS]
    if unknown:
        raise AwsError("ValidationException", f"{unknown[0][:100]}: LookupEvents takes {', '.join(_MEMBERS)}.")
    return given


def _attribute(given: Any) -> tuple[str, str]:
    if given in (None, []):
        return "", ""
    if not isinstance(given, list) or len(given) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    [only] = given
    key, value = (only.get(name) if isinstance(only, dict) else None for name in ("AttributeKey", "AttributeValue"))
    if key not in KEYS or not isinstance(value, str) or not 1 <= len(value) <= _LONGEST or "\0" in value:
        raise AwsError(
            "InvalidLookupAttributesException",
            f"AttributeKey is one of {', '.join(KEYS)}, and AttributeValue a text of 1 to {_LONGEST:,} characters.",
        )
    return key, value


def _instant(name: str, given: Any) -> datetime | None:
    """Clients send seconds since 1970; the protocol allows RFC 3339, too."""
    try:
        match given:
            case None:
                return None
            case bool():
                pass
            case int() | float():
                return datetime.fromtimestamp(given, UTC)
            case str():
                return parse_instant(given)
    except (MalformedInstant, ValueError, OverflowError, OSError):
        pass
    raise AwsError("InvalidTimeRangeException", f"{name} is not an instant.")


def _place(token: Any) -> tuple[datetime, int] | None:
    if token is None:
        return None
    try:
        at, tie = place_of(_LISTING, token, parts=2)
        position = parse_number(tie)
        if position is not None:
            return datetime.fromisoformat(at).astimezone(UTC), position
    except (MalformedCursor, ValueError, OverflowError, TypeError):
        pass
    raise AwsError("InvalidNextTokenException", "Invalid NextToken: pass on the one that the page before gave.")
