"""Events ↔ the JSON that the log keeps. Old JSON decodes for ever: see UPCASTERS.

Events are I-JSON (RFC 7493): documents are strings exactly as given; NUL and lone surrogates are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from erstwhile.domain.events import EVENT_TYPES, Body, Envelope, Event
from erstwhile.domain.vocabulary.typed import convert, decoder

CURRENT_VERSION: dict[str, int] = {}
"""The version in which a type is written now, where it is not 1."""

UPCASTERS: dict[str, dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""type → version → a function from the stored envelope of that version to the next version's."""


class NotIJson(ValueError):
    """The text holds what no event may hold."""

    def __init__(self, reason: str = "") -> None:
        text = "the text holds a NUL or a lone surrogate, which no event may hold (RFC 7493)"
        super().__init__(f"{text}: {reason}" if reason else text)


class UnknownEventType(LookupError):
    """The log holds an event of a later release."""

    def __init__(self, event_type: str) -> None:
        super().__init__(
            f"the log holds an event of a type that this release does not know: {event_type!r}; "
            "upgrade before reading this log"
        )


NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL in JSON: not a backslash that stands before such letters."""
_encoder = msgspec.json.Encoder()


class _Decoders(dict[str, msgspec.json.Decoder[Any]]):
    """By type of event, made on first use: making those of all types takes a fifth of a second."""

    def __init__(self, form: Callable[[type[Body]], Any]) -> None:
        self._form = form

    def __missing__(self, event_type: str) -> msgspec.json.Decoder[Any]:
        body_type = EVENT_TYPES.get(event_type)
        if body_type is None:
            raise UnknownEventType(event_type)
        self[event_type] = found = decoder(self._form(body_type))
        return found


_decoders = _Decoders(lambda body_type: Envelope[body_type])  # type: ignore[valid-type]
_body_decoders = _Decoders(lambda body_type: body_type)


def encode(envelope: Envelope[Body]) -> bytes:
    """The envelope as JSON. Raises NotIJson for text that JSON exchange cannot carry."""
    try:
        data = _encoder.encode(envelope)
    except UnicodeEncodeError as error:
        raise NotIJson(error.reason) from None
    if b"\\u0000" in data and NUL_IN_JSON.search(data):
        raise NotIJson
    return data


def decode_envelope(event_type: str, data: str | bytes) -> Envelope[Body]:
    """Raises UnknownEventType for a type that this release does not know."""
    decoder = _decoders[event_type]
    if event_type in UPCASTERS:
        return _upcast(event_type, data)
    envelope: Envelope[Body] = decoder.decode(data)
    return envelope


def decode_body(event_type: str, data: str | bytes) -> Body:
    """The body alone, of an event in its present version. Raises UnknownEventType."""
    body: Body = _body_decoders[event_type].decode(data)
    return body


def _upcast(event_type: str, data: str | bytes) -> Envelope[Body]:
    stored: dict[str, Any] = msgspec.json.decode(data)
    steps = UPCASTERS[event_type]
    while (step := steps.get(stored.get("v", 1))) is not None:
        stored = step(stored) | {"v": stored.get("v", 1) + 1}
    body_type: Any = EVENT_TYPES[event_type]
    envelope: Envelope[Body] = convert(stored, Envelope[body_type])
    return envelope


def decode(
    position: int,
    recorded_at: datetime,
    occurred_at: datetime,
    event_id: str,
    event_type: str,
    account: str,
    data: str | bytes,
) -> Event:
    """A row of the log as an event."""
    return Event(position, recorded_at, occurred_at, event_id, event_type, account, decode_envelope(event_type, data))
