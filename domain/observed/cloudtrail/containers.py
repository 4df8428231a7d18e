"""Finds CloudTrail's records in the containers that hold them; returns each record as bytes, in order.

`{"Records": […]}` (a delivered file), an array, one record, JSON lines or objects one after the other, what `aws
cloudtrail lookup-events` prints (`CloudTrailEvent`, the record as text), what EventBridge delivers (`detail`), and
messages of CloudWatch Logs, SNS and SQS (`message`, `Message`, `Body`: text). Digests and Insight events lie in the
same bucket but are not records of calls: they are passed over and counted.

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
from erstwhile.domain.vocabulary.typed import decoder

DIGEST = "digest"
INSIGHT = "Insight event"

_OBJECTS = ("detail", "Sns", "_source")
_LISTS = ("Records", "Events", "events", "logEvents", "Messages")
_TEXTS = ("CloudTrailEvent", "message", "Message", "Body", "_raw")
WHOLE = 32 * 1024 * 1024
"""Bytes up to which a file is parsed as a whole; a bigger file is split, so that its records are never all in
memory."""
_DEPTH = 5
"""Levels of containers that are opened: such as a record in an EventBridge event in a log message in a list."""
_OBJECT = re.compile(r"\n\s*\{")
"""The beginning of a line with an object: where reading resumes after an unreadable object."""
_EFFORT, _DEEP = 100, 1_000
"""Limits the work on a file with many unreadable objects: the parser may read `_EFFORT` times the file's characters in
vain, where an object that nests too deep counts as `_DEEP` characters."""
_BETWEEN = " \t\r\n,\x1e"
"""Characters that may separate objects that follow each other; the last one is RFC 7464's record separator."""


class NotATrail(ValueError):
    """not a CloudTrail file"""


class PassedOver(msgspec.Struct, frozen=True):
    """An item of CloudTrail that is not a record of a call: a digest or an Insight event."""

    kind: str


Item = bytes | PassedOver | MalformedRecord
"""A record, an item that is passed over, or the reason why this place has no record."""


class _Trail(msgspec.Struct, frozen=True):
    Records: list[msgspec.Raw]


_trail = decoder(_Trail)
_raws = decoder(list[msgspec.Raw])
_members = decoder(dict[str, msgspec.Raw])
_text = decoder(str)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def items_of(data: bytes) -> Iterator[Item]:
    """Yields the items of a file in order. Raises NotATrail where the file holds nothing of CloudTrail."""
    try:
        data = utf8(data)
    except NotText as error:
        raise NotATrail(f"not JSON: {error}") from None
    if len(data) > WHOLE or is_dense(data):
        yield from _in_parts(data)
        return
    try:
        # The common case: a file that CloudTrail delivered.
        records: list[msgspec.Raw] = _trail.decode(data).Records
    except msgspec.ValidationError:
        yield from _one(data)
    except _UNREADABLE as error:
        if begins_as_trail(data) and not _has_whole(data):
            # Some record cannot be read, or the file's end is missing: the other records still can be read.
            yield from split_records(data)
        else:
            yield from _several(data, error)
    else:
        for raw in records:
            yield bytes(raw)


def _in_parts(data: bytes) -> Iterator[Item]:
    """Yields the items of a big file one at a time, so that they are never all in memory."""
    if begins_as_trail(data):
        yield from split_records(data)
    elif begins_as_array(data):
        yield from _recognised(split_records(data), "no record", NotATrail("a list of something else: no records"))
    else:
        yield from _several(data, NotATrail("too much to be read whole"))


def _opened_alone(data: bytes, otherwise: str) -> list[Item]:
    """The items in one of many JSON values; a value that cannot be read becomes one MalformedRecord."""
    try:
        found = opened(data)
    except _UNREADABLE as reason:
        return [MalformedRecord(f"not JSON: {reason}")]
    return found if found is not None else [MalformedRecord(otherwise)]


def opened(data: bytes, depth: int = _DEPTH) -> list[Item] | None:
    """The items in a JSON value; None where it holds nothing of CloudTrail. Raises msgspec.DecodeError."""
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
    """The items in a list; None where the list has elements but holds nothing of CloudTrail."""
    each = [opened(bytes(raw), depth - 1) for raw in raws]
    if each and not any(found is not None for found in each):
        return None
    return [item for found in each for item in (found if found is not None else [MalformedRecord("no record")])]


def _one(data: bytes) -> Iterator[Item]:
    """Yields the items of a file that begins as JSON but does not look like a delivered file."""
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
    """Whether the data begins with a complete JSON document that is followed by more data."""
    try:
        text = data.decode()
        _, end = json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        return False
    return bool(text[end:].strip())


def _several(data: bytes, error: Exception) -> Iterator[Item]:
    """Yields the items of JSON lines, or of objects that follow each other. Raises NotATrail where the first is not
    JSON."""
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
    """Yields the items in each of the values. Raises `nothing` where none of them holds anything of CloudTrail."""
    recognised = False
    for value in values:
        found = _opened_alone(value, otherwise)
        recognised = recognised or not isinstance(found[0] if found else None, MalformedRecord)
        yield from found
    if not recognised:
        raise nothing


def _lines(data: bytes) -> Iterator[bytes]:
    """Yields the lines that are not empty."""
    place = 0
    while place < len(data):
        end = data.find(b"\n", place)
        end = len(data) if end < 0 else end
        line = data[place:end].strip()
        if line:
            yield line
        place = end + 1


def _joined(data: bytes, error: Exception) -> Iterator[Item]:
    """Yields the items of objects that follow each other without separators (Firehose) or over several lines (jq).

    After an unreadable object, reading resumes at the next object that begins a line. Raises NotATrail where no object
    can be read.
    """
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
