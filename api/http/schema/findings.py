"""Answers about what somebody should look at."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from erstwhile.api.http.schema.over_time import AskedWindow
from erstwhile.domain.detections.finding import Certainty, Severity


class FindingCause(Struct, kw_only=True):
    """Who did it, from where, by which call, on which evidence. `position`: of the event, null for a call that made
    none."""

    position: int | None
    action: str
    actor: str
    session: str
    access_key: str
    source_ip: str
    user_agent: str
    error_code: str
    evidence: str | None


class FindingException(Struct, kw_only=True):
    """Who answers for a finding, why, and until when."""

    name: str
    owner: str
    reason: str
    until: str


class FoundFinding(Struct, kw_only=True):
    """`id` is the same whenever the finding is asked for. `who`: whom a policy let in, `*` for everybody; '' where the
    finding is of another kind. `privileges`: the actions that somebody got, or that the steps of a path need.
    `because`: on what it depends, or what is not known."""

    id: str
    kind: str
    title: str
    severity: Severity
    at: str
    account: str
    subject: str
    who: str
    privileges: list[str]
    what: str
    certainty: Certainty
    because: list[str]
    by: FindingCause | None
    source: str
    technique: str
    excepted: FindingException | None


class FindingsAnswer(AskedWindow, kw_only=True):
    """The findings of a window, in order of time."""

    account: str | None
    change_hours: str | None
    findings: list[FoundFinding]


class OcsfFindingsAnswer(AskedWindow, kw_only=True):
    """The same as events of the Open Cybersecurity Schema Framework: of class IAM Analysis Finding (2008, of version
    1.6.0) where a finding follows from an analysis of policies, else of class Detection Finding (2004, of 1.3.0)."""

    account: str | None
    change_hours: str | None
    events: list[dict[str, Any]]
    notes: list[str]
