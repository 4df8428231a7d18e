"""Findings as JSON, with the event or call behind each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.domain.detections.catalogue import CATALOGUE
from erstwhile.domain.detections.finding import Certainty, Finding, finding_id
from erstwhile.domain.exceptions.exception import Exceptions
from erstwhile.domain.incident.calls import Call
from erstwhile.domain.vocabulary.instants import format_instant

_BETWEEN = "a listing showed it: it happened between {} and {}"
_LISTED = "a listing showed it: it may be older"
_OF_CALLS = ("api", "cloudtrail")
"""Sources of events that are acts, with their own time."""


class TellsFindings:
    """Reads the events of findings together."""

    def __init__(
        self, events: ToldEvents, findings: Iterable[Finding], exceptions: Exceptions, at: datetime | None
    ) -> None:
        """`exceptions`: those that hold at an instant are shown with the findings that they excuse, whenever these
        happened."""
        self._events = events
        self._exceptions = exceptions
        self._at = at
        events.read(each.position for each in findings if each.position)

    def json(self, finding: Finding) -> dict[str, Any]:
        """One finding. `by`: who did it, from where, by which call, on which evidence; null where no event did it."""
        event = self._events.get(finding.position) if finding.position else None
        by = _by_call(finding.call) if finding.call is not None else None if event is None else self._by_event(event)
        certainty, because = _sure(finding, event)
        named = f"@{finding.position}" if by is None else by["evidence"] or f"@{by['position']}"
        detection = CATALOGUE[finding.kind]
        return {
            "id": finding_id(finding, named),
            "kind": finding.kind,
            "title": detection.title,
            "severity": finding.severity,
            "at": format_instant(finding.at),
            "account": finding.account,
            "subject": finding.subject,
            "who": finding.who,
            "privileges": list(finding.privileges),
            "what": finding.what,
            "certainty": certainty,
            "because": because,
            "by": by,
            "source": detection.source,
            "technique": detection.technique,
            "excepted": self._excepted(finding),
        }

    def _excepted(self, finding: Finding) -> dict[str, str] | None:
        """Who answers for the finding, why, and until when; None where nobody does."""
        if self._at is None:
            return None
        found = self._exceptions.of(finding.kind, finding.subject, self._at, finding.account)
        if found is None:
            return None
        until = format_instant(found.until)
        return {"name": found.name, "owner": found.owner, "reason": found.reason, "until": until}

    def _by_event(self, event: dict[str, Any]) -> dict[str, Any]:
        read = self._events.happenings.event(event["position"])
        return {
            "position": event["position"],
            "action": event["action"] or event["event"],
            "actor": event["actor"],
            "session": event["session"],
            "access_key": "" if read is None else read.access_key,
            "source_ip": event["source_ip"],
            "user_agent": event["user_agent"],
            "error_code": "",
            "evidence": event["evidence"],
        }


def _sure(finding: Finding, event: dict[str, Any] | None) -> tuple[Certainty, list[str]]:
    """What a listing only showed has no time of its own."""
    if event is None or event["source"] in _OF_CALLS:
        return finding.certainty, list(finding.because)
    between = event["between"]
    words = _LISTED if not between or len(between) != 2 else _BETWEEN.format(*between)
    return "possible", [*finding.because, words]


def _by_call(call: Call) -> dict[str, Any]:
    return {
        "position": call.position,
        "action": call.action,
        "actor": call.principal,
        "session": call.session,
        "access_key": call.access_key,
        "source_ip": call.source_ip,
        "user_agent": call.user_agent,
        "error_code": call.error_code,
        "evidence": call.evidence or None,
    }
