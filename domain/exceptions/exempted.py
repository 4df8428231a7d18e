"""The exceptions of an instant, as reports ask for them."""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.exceptions.exception import Exceptions
from erstwhile.domain.reports.asked import Exempted


class ExemptedAt:
    """`Exceptions` of a report: those that hold at one instant."""

    def __init__(self, exceptions: Exceptions, at: datetime) -> None:
        self._exceptions = exceptions
        self._at = at

    def of(self, kind: str, account: str, subject: str) -> Exempted | None:
        """The exception that excuses what a report or control says of a subject; None where there is none."""
        found = self._exceptions.of(kind, subject, self._at, account)
        if found is None:
            return None
        return Exempted(name=found.name, owner=found.owner, reason=found.reason, until=found.until)
