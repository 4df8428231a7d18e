"""Calls that turned off records, alarms or detectors, or tried to: as the table of `domain/incident/watch.py` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.detections.catalogue import TAMPERING
from erstwhile.domain.detections.finding import Finding, Severity
from erstwhile.domain.incident.calls import Call
from erstwhile.domain.incident.watch import tampering_words

_OFF = ("Stop", "Delete", "Disable", "Leave", "Deregister")
"""With these verbs a call ends something; the others may only change it."""


def tampering(calls: Iterable[Call]) -> Iterator[Finding]:
    """One finding a call. One that was refused or failed is told as an attempt."""
    for call in calls:
        words = tampering_words(call.action)
        if not words:
            continue
        verb = call.action.partition(":")[2]
        severity: Severity = "high" if verb.startswith(_OFF) else "medium"
        who = call.principal or call.source_ip or "somebody"
        if call.error_code:
            severity, what = "low", f"{who} tried {call.action}, which failed ({call.error_code}): {words}"
        else:
            what = f"{who} called {call.action}: {words}"
        yield Finding(
            kind=TAMPERING, severity=severity, at=call.at, account=call.account, subject=call.action, what=what,
            call=call,
        )  # fmt: skip
