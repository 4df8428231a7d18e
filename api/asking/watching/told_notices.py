"""Notices of watches as JSON, and as lines of a log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches.notices import ToldNotice


def notices_json(connection: Connection, notices: Iterable[ToldNotice]) -> list[dict[str, Any]]:
    """Each notice with the events that made it. `is_past`: nothing of it holds any more, or it ended before it was
    known."""
    found = list(notices)
    events = ToldEvents(connection)
    events.read(position for each in found for gain in each.gains for position in gain["events"])
    return [
        {
            "id": each.id,
            "watch": each.watch,
            "position": each.position or None,
            "known_at": each.known_at,
            "made_at": format_instant(each.made_at),
            "is_past": all(_is_past(gain, each) for gain in each.gains),
            "changes": [
                {
                    **gain,
                    "events": [position for position in gain["events"] if position],
                    "is_past": _is_past(gain, each),
                }
                for gain in each.gains
            ],
            "events": [told for position in _positions(each) if (told := events.get(position)) is not None],
        }
        for each in found
    ]


def _positions(notice: ToldNotice) -> list[int]:
    return sorted({position for gain in notice.gains for position in gain["events"]})


def _is_past(gain: dict[str, Any], notice: ToldNotice) -> bool:
    """Whether what became different was over when it became known."""
    return gain["to"] is not None and str(gain["to"]) <= format_instant(notice.made_at)


def lines(notice: dict[str, Any]) -> list[str]:
    """A notice in words: a line for each principal."""
    event = next((each for each in notice["events"] if each["position"] == notice["position"]), None)
    by = f", by {event_words(event)}" if event is not None else ""
    return [f"watch {notice['watch']}: {change_words(each)}{by}" for each in notice["changes"]]


def change_words(change: dict[str, Any]) -> str:
    """Who gained or lost what, since when."""
    what = {"gained": f"gained {change['action']}", "lost": f"lost {change['action']}"}.get(
        change["change"], f"may {change['action']} otherwise"
    )
    how = " → ".join(each for each in (change["before"], change["after"]) if each)
    begin = change["from"] or "before all records"
    until = f" until {change['to']}" if change["to"] else ""
    past = " (in the past)" if change["is_past"] else ""
    return f"{change['principal']} {what} ({how}) from {begin}{until}{past}"


def event_words(event: dict[str, Any]) -> str:
    """Who did it, from where, by which call."""
    place = f" from {event['source_ip']}" if event["source_ip"] else ""
    actor = event["actor"] or event["actor_id"] or event["source"]
    return f"{event['action'] or event['event']} of {actor}{place} at {event['occurred_at']} (@{event['position']})"
