"""Controls, and whether one held in every state of a period."""

from __future__ import annotations

from msgspec import Struct

from erstwhile.api.http.schema.changes import ChangeMade, TimeSpan
from erstwhile.api.http.schema.over_time import AskedWindow
from erstwhile.domain.attestation.attest import Verdict
from erstwhile.domain.controls.control import Computable


class ControlMapped(Struct, kw_only=True):
    """A control, and by what it is answered. `needs_lists`: lists that its conditions name and that are not given."""

    name: str
    framework: str
    id: str
    title: str
    computable: Computable
    needs_lists: list[str]
    not_computable: str
    conditions: list[str]
    reports: list[str]


class FrameworkMapped(Struct, kw_only=True):
    id: str
    title: str
    version: str
    source: str
    controls: list[ControlMapped]


class ControlList(Struct):
    frameworks: list[FrameworkMapped]


class HoursAttested(Struct, kw_only=True):
    """Hours of the period, with two decimals, rounded down."""

    whole: float
    known: float
    held: float
    broken: float
    unknown: float


class Attested(Struct, kw_only=True):
    """`held`: in every state; `held_where_known`: parts of the period are not known; `not_attestable`: nothing is."""

    verdict: Verdict
    summary: str
    hours: HoursAttested
    seconds_broken: float
    not_known: list[TimeSpan]


class AccountAttestedAnswer(Attested, kw_only=True):
    account: str
    without_records: list[TimeSpan]


class LapseOfControl(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """What broke a condition, or may have, and by which events that began and ended. It may have begun before the
    period."""

    account: str
    subject: str
    why: str
    since: str | None
    until: str | None
    begun_by: list[ChangeMade]
    ended_by: list[ChangeMade]


class BreakOfControl(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """A part of the period in each state of which something broke the control."""

    since: str | None
    until: str | None
    hours: float
    lapses: list[LapseOfControl]


class AttestationAnswer(AskedWindow, kw_only=True):
    """Whether a control held in every state of a period: of all accounts together, and of each."""

    control: ControlMapped
    verdict: Verdict
    summary: str
    hours: HoursAttested
    seconds_broken: float
    not_known: list[TimeSpan]
    accounts: list[AccountAttestedAnswer]
    breaks: list[BreakOfControl]
    unknown: list[LapseOfControl]


class AttestRequest(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """`controls`: frameworks, controls and lists of one's own, as YAML."""

    control: str
    controls: str | None = None
    since: str | None = None
    until: str | None = None
    known_at: str | None = None
    account: str | None = None
