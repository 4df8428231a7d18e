"""What comes next for a webhook: events of the log in their order, and notices of watches in theirs."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from erstwhile.api.asking.watching.told_notices import notices_json
from erstwhile.api.webhooks.words import NOTICE
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.exports.trail.cloud_events import cloud_event, cloud_notice
from erstwhile.projections.log_reader import Wanted, read_page
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches import notices
from erstwhile.projections.webhook_rows import DeadLetter, Webhook

_TOGETHER = 50
"""Messages that are read together."""


class Message(NamedTuple):
    """What is sent. `position`: of the event, 0 for a notice; `notice`: 0 for an event."""

    id: str
    body: bytes
    position: int
    notice: int


class Next(NamedTuple):
    """The messages that come next, and up to where the log and the notices were looked at for them."""

    messages: list[Message]
    position: int
    notice: int


def next_messages(connection: Connection, webhook: Webhook, source: str) -> Next:
    """`source`: the log's own name."""
    types = tuple(each for each in webhook.types if each != NOTICE)
    found: list[Message] = []
    if types or not webhook.types:
        page = read_page(connection, Wanted(webhook.account, types), webhook.position, _TOGETHER)
        found = [
            Message(each["event_id"], orjson.dumps(cloud_event(each, source)), each["position"], 0)
            for each in page.events
        ]
        position = page.position
    else:
        position = EventLog.within(connection).head()
    last = webhook.notice
    if not webhook.types or NOTICE in webhook.types:
        for message in _notices(connection, last, _TOGETHER, source):
            found.append(message)
            last = message.notice
    else:
        last = notices.last(connection)
    return Next(found, position, last)


def message_of(connection: Connection, letter: DeadLetter, source: str) -> Message | None:
    """The message of a dead letter, made anew; None where its event or notice is gone."""
    if letter.notice:
        found = _notices(connection, letter.notice - 1, 1, source)
        return found[0] if found and found[0].notice == letter.notice else None
    page = read_page(connection, Wanted(), letter.position - 1, 1)
    for each in page.events:
        if each["position"] == letter.position:
            return Message(each["event_id"], orjson.dumps(cloud_event(each, source)), letter.position, 0)
    return None


def _notices(connection: Connection, after: int, limit: int, source: str) -> list[Message]:
    rows = notices.after(connection, after, None, limit)
    return [
        Message(f"notice-{each['id']}", orjson.dumps(cloud_notice(each, source)), 0, each["id"])
        for each in (notices_json(connection, rows) if rows else ())
    ]
