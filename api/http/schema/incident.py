"""The report of an incident."""

from __future__ import annotations

from typing import Literal

from erstwhile.api.http.schema.changes import TimeSpan
from erstwhile.api.http.schema.over_time import AskedWindow
from erstwhile.api.http.schema.service import AccountRecords
from erstwhile.domain.incident.report import Closing, Did, Persistence, Revocation, Timeline, Watch, Whose
from erstwhile.domain.incident.report_of_access import Could, CouldAgainstDid, ThroughReach


class IncidentReport(AskedWindow, kw_only=True):
    """What a key, session, principal or address could do and did, what it left behind, and whether it is over.

    `as_of`: the instant at which it is said what still stands; `account`: '' where several or none are meant.
    `coverage`: the records that are here. `content_hash`: the SHA-256 of its lines (head, sections, notes) as canonical
    JSON; the same question about the same log position, with an `as_of`, gives the same bytes."""

    about: str
    kind: Literal["access_key", "session", "principal", "address"]
    principal: str
    unique_id: str
    account: str
    as_of: str
    generated_by: str
    coverage: list[AccountRecords]
    without_records: list[TimeSpan]
    sections: list[
        ThroughReach | Whose | Could | CouldAgainstDid | Did | Persistence | Watch | Revocation | Timeline | Closing
    ]
    content_hash: str
