"""One finding: what was found, about whom, by which event or call, and how sure it is."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from msgspec import Struct

from erstwhile.domain.incident.calls import Call

Severity = Literal["informational", "low", "medium", "high", "critical"]
Certainty = Literal["certain", "conditional", "possible"]
"""`conditional`: it depends on a condition that no record settles; `possible`: something that it rests on is not
known."""
_ID_CHARACTERS = 32


class Finding(Struct, frozen=True, kw_only=True):
    """`kind`: a detection of the catalogue. `subject`: the principal, key, resource or call that it is about; `detail`:
    what makes two findings of one event about one subject two. `who`: whom a policy let in, by name; `*` for everybody;
    `privileges`: the actions that somebody got, or that the steps of a path need. `position`: of the event that did it,
    0 for none; `call`: the recorded call that did it. `is_once`: there is at most one of this kind, subject and detail.
    `because`: on what it depends, or what is not known."""

    kind: str
    severity: Severity
    at: datetime
    account: str
    subject: str
    what: str
    detail: str = ""
    certainty: Certainty = "certain"
    because: tuple[str, ...] = ()
    position: int = 0
    call: Call | None = None
    who: str = ""
    privileges: tuple[str, ...] = ()
    is_once: bool = False

    @property
    def order(self) -> tuple[datetime, str, str, str, int]:
        return self.at, self.kind, self.subject, self.detail, self.position


def finding_id(finding: Finding, event: str) -> str:
    """The id of a finding: a hash of its kind, event and subject. `event`: what names the event wherever it is read:
    its evidence (ACCOUNT/RECORD), or its position where it has none. A finding that `is_once` for its subject and
    detail has the same id whichever event is known as the first: a late record may tell an earlier one."""
    parts = (finding.kind, "" if finding.is_once else event, finding.subject, finding.detail)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_ID_CHARACTERS]
