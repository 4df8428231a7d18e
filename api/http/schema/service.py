"""What the service tells of itself, and of imports; problems."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType


class Problem(Struct):
    """What was wrong with a call, and what is expected (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class Health(Struct):
    status: str


class Clock(Struct):
    """That the last event was recorded at an instant that is yet to come."""

    last_recorded_at: str
    ahead_seconds: int
    detail: str


class Readiness(Struct):
    status: str
    position: int
    failing: list[str] | UnsetType = UNSET
    set_apart: int | UnsetType = UNSET
    clock: Clock | UnsetType = UNSET


class Gap(Struct, rename={"since": "from", "until": "to"}):
    """Hours without records."""

    since: str
    until: str


class AccountRecords(Struct):
    """The records of an account: the first and the last, how many, and the first gaps between them."""

    account: str
    first_record: str
    last_record: str
    records: int
    late_records: int
    gaps: list[Gap]
    gaps_in_all: int


class KnownAccount(Struct):
    account: str
    mode: str | None
    entities: dict[str, int]


class ReadModel(Struct):
    position: int
    lag: int


class ManagedPolicies(Struct):
    versions: int
    last_version: str | None


class ApartEvent(Struct):
    """An event that the read models cannot apply, and why."""

    position: int
    event: str
    account: str
    reason: str


class SetApart(Struct):
    """How many events are set apart, and the last of them."""

    count: int
    events: list[ApartEvent]


class Status(Struct):
    """What is known, how far the read models are, and what is missing."""

    position: int
    accounts: list[KnownAccount]
    records: list[AccountRecords]
    read_models: dict[str, ReadModel]
    clock: Clock | None
    managed_policies: ManagedPolicies
    missing_documents: list[str]
    principals_never_covered: list[str]
    set_apart: SetApart
    gone_before: dict[str, str]


class ImportSummary(Struct):
    """What became of the records of a file."""

    records: int
    changes: int
    activity: int
    failed: int
    sign_ins: int
    findings: int
    not_translated: int
    duplicates: int
    passed_over: dict[str, int]
    odd_records: int
    odd: list[str]
    refused: list[str]
    already_imported: bool
    reasons: dict[str, int]
    position: int


class AuthzenConfiguration(Struct):
    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str


class IssuerConfiguration(Struct):
    issuer: str
    jwks_uri: str
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]


class IssuerKeys(Struct):
    keys: list[dict[str, Any]]
