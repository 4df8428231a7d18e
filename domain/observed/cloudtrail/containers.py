"""The containers in which CloudTrail's records come: each record as bytes, in its place.

`{"Records": […]}` (a delivered file), an array, one record, JSON lines or objects one after the other, what
`aws cloudtrail lookup-events` prints (`CloudTrailEvent`, the record as text), what EventBridge delivers (`detail`), and
what CloudWatch Logs, SNS and SQS wrap (`message`, `Message`, `Body`: text). Digests and Insight events lie in the same
bucket and are no records of calls: they are passed over, and counted.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html,
…/cloudtrail-log-file-validation-digest-file-structure.html, …/cloudtrail-insights-fields-insight.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from erstwhile.domain.observed.cloudtrail.record import MalformedRecord
from erstwhile.domain.observed.cloudtrail.record_splitter import (
    begins_as_array,
    begins_as_trail,
    is_dense,
    split_records,
)
from erstwhile.domain.observed.text import NotText, utf8

DIGEST = "digest"
INSIGHT = "Insight event"

_OBJECTS = ("detail", "Sns", "_source")
_LISTS = ("Records", "Events", "events", "logEvents", "Messages")
_TEXTS = ("CloudTrailEvent", "message", "Message", "Body", "_raw")
WHOLE = 32 * 1024 * 1024
"""Bytes that are read whole; a bigger file is split, so that what it holds is never all there at once."""
_DEPTH = 5
"""How deep containers lie in each other: a record in EventBridge's event in a log's message in a list."""
_OBJECT = re.compile(r"\n\s*\{")
"""Where one object after the other may begin."""
_EFFORT, _DEEP = 100, 1_000
"""How often what cannot be read is read at the most, and what nesting without end costs."""
_BETWEEN = " \t\r\n,\x1e"
"""What may stand between objects one after the other; RFC 7464 has the last."""


class NotATrail(ValueError):
    """not a CloudTrail file"""


class PassedOver(msgspec.Struct, frozen=True):
    """Something of CloudTrail's that is no record of a call."""

    kind: str


Item = bytes | PassedOver | MalformedRecord
"""A record, something passed over, or why there is no record at this place."""


class _Trail(msgspec.Struct, frozen=True):
    Records: list[msgspec.Raw]


_trail = msgspec.json.Decoder(_Trail)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def items_of(data: bytes) -> Iterator[Item]:
    """The records of a file, in their order. Raises NotATrail where there is nothing of CloudTrail's."""
    try:
        data = utf8(data)
    except NotText as error:
        raise NotATrail(f"not JSON: {error}") from None
    if len(data) > WHOLE or is_dense(data):
        yield from _in_parts(data)
        return
    try:
        # What CloudTrail delivers: nearly always.
        records: list[msgspec.Raw] = _trail.decode(data).Records
    except msgspec.ValidationError:
        yield from _one(data)
    except _UNREADABLE as error:
        if begins_as_trail(data) and not _has_whole(data):
            # Some record cannot be read, or the end is missing: it costs itself only.
            yield from split_records(data)
        else:
            yield from _several(data, error)
    else:
        for raw in records:
            yield bytes(raw)


def _in_parts(data: bytes) -> Iterator[Item]:
    """What is never all there at once."""
    if begins_as_trail(data):
        yield from split_records(data)
    elif begins_as_array(data):
        yield from _recognised(split_records(data), "no record", NotATrail("a list of something else: no records"))
    else:
        yield from _several(data, NotATrail("too much to be read whole"))


def _opened_alone(data: bytes, otherwise: str) -> list[Item]:
    """What one of many values holds; what cannot be read costs itself only."""
    try:
        found = opened(data)
    except _UNREADABLE as reason:
        return [MalformedRecord(f"not JSON: {reason}")]
    return found if found is not None else [MalformedRecord(otherwise)]


def opened(data: bytes, depth: int = _DEPTH) -> list[Item] | None:
    """What a JSON value holds; None when it is nothing of CloudTrail's. Raises msgspec.DecodeError."""
    first = data[:64].lstrip()[:1]
    if depth == 0 or first not in (b"[", b"{"):
        return None
    if first == b"[":
        return _all(_raws.decode(data), depth)
    members = _members.decode(data)
    if "digestS3Bucket" in members or "digestPublicKeyFingerprint" in members:
        return [PassedOver(DIGEST)]
    if "insightDetails" in members or bytes(members.get("eventType", b"")) == b'"AwsCloudTrailInsight"':
        return [PassedOver(INSIGHT)]
    if "eventName" in members and "eventSource" in members:
        return [data]
    for name in _OBJECTS:
        if name in members:
            return opened(bytes(members[name]), depth - 1)
    if bytes(members.get("Records", b"")) == b"null":
        return []
    for name in _LISTS:
        if name in members and bytes(members[name])[:1] == b"[":
            return _all(_raws.decode(members[name]), depth)
    for name in _TEXTS:
        if name in members and bytes(members[name])[:1] == b'"':
            return _open_text(_text.decode(members[name]), depth)
    return [data] if "eventVersion" in members and "userIdentity" in members else None


def _open_text(text: str, depth: int) -> list[Item] | None:
    try:
        return opened(text.encode(errors="replace"), depth - 1)
    except _UNREADABLE:
        return None


def _all(raws: list[msgspec.Raw], depth: int) -> list[Item] | None:
    """The records of a list; None when it holds something and nothing of that is CloudTrail's."""
    each = [opened(bytes(raw), depth - 1) for raw in raws]
    if each and not any(found is not None for found in each):
        return None
    return [item for found in each for item in (found if found is not None else [MalformedRecord("no record")])]


def _one(data: bytes) -> Iterator[Item]:
    """What begins as JSON of another form than a delivered file."""
    try:
        found = opened(data)
    except _UNREADABLE as error:
        if begins_as_array(data) and not _has_whole(data):
            yield from _recognised(split_records(data), "no record", NotATrail(f"not JSON: {error}"))
        else:
            yield from _several(data, error)
        return
    if found is None:
        raise NotATrail(
            'JSON of another shape: expected a CloudTrail file, {"Records": […]}, a list of records, JSON lines, '
            "the output of lookup-events or EventBridge's events"
        )
    yield from found


def _has_whole(data: bytes) -> bool:
    """Whether a whole document stands at the beginning, and something after it."""
    try:
        text = data.decode()
        _, end = json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        return False
    return bool(text[end:].strip())


def _several(data: bytes, error: Exception) -> Iterator[Item]:
    """JSON lines; failing that, objects one after the other. Raises NotATrail where the first is not JSON."""
    lines = _lines(data)
    first = next(lines, None)
    if first is None:
        raise NotATrail("empty")
    try:
        _members.decode(first)
    except _UNREADABLE:
        yield from _joined(data, error)
        return
    nothing = NotATrail("JSON lines of another shape: none of them is a record")
    yield from _recognised(chain((first,), lines), "JSON of another shape", nothing)


def _recognised(values: Iterable[bytes], otherwise: str, nothing: NotATrail) -> Iterator[Item]:
    """What each of the values holds. Raises `nothing` where none of them is CloudTrail's."""
    recognised = False
    for value in values:
        found = _opened_alone(value, otherwise)
        recognised = recognised or not isinstance(found[0] if found else None, MalformedRecord)
        yield from found
    if not recognised:
        raise nothing


def _lines(data: bytes) -> Iterator[bytes]:
    """The lines that are not empty."""
    place = 0
    while place < len(data):
        end = data.find(b"\n", place)
        end = len(data) if end < 0 else end
        line = data[place:end].strip()
        if line:
            yield line
        place = end + 1


def _joined(data: bytes, error: Exception) -> Iterator[Item]:
    """Objects without anything between them, as Firehose writes them, or over several lines each, as jq does. After
    what cannot be read it goes on with the next object that begins a line. Raises NotATrail where nothing is read."""
    text, decoder, place = data.decode(errors="replace"), json.JSONDecoder(), 0
    before: list[MalformedRecord] = []
    begun, effort = False, _EFFORT * len(text) + WHOLE
    while place < len(text):
        if text[place] in _BETWEEN:
            place += 1
            continue
        try:
            _, end = decoder.raw_decode(text, place)
            found = opened(text[place:end].encode(errors="replace"))
        except (ValueError, RecursionError, msgspec.DecodeError) as reason:
            next_one = _OBJECT.search(text, place + 1)
            effort -= reason.pos - place if isinstance(reason, json.JSONDecodeError) else _DEEP
            ends = next_one is None or effort < 0
            odd = MalformedRecord(f"not JSON: {reason}" + ("; what follows it was not read" if ends else ""))
            if begun:
                yield odd
            elif len(before) < _EFFORT:
                before.append(odd)
            if next_one is None or effort < 0:
                break
            place = next_one.end() - 1
            continue
        if found is None and not begun:
            raise NotATrail("JSON of another shape: the first of its values is no record")
        if not begun:
            yield from before
        yield from found if found is not None else [MalformedRecord("JSON of another shape")]
        place, begun = end, True
    if not begun:
        raise NotATrail(f"not JSON: {error}")
