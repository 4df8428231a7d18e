"""The real records: 2,900 of one attack run, in any order and twice over; who could do what, checked by hand."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.files import find_files
from erstwhile.api.imports.summary import Summary
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.projections.sql import Connection, with_infinity

BERT_JAN = "arn:aws:iam::123837392027:user/bert-jan"
MALICIOUS = "arn:aws:iam::123837392027:user/malicious-iam-user"
BACKDOOR = "arn:aws:iam::123837392027:role/stratus-red-team-backdoor-r-role"
ROOT = "arn:aws:iam::123837392027:root"
QUESTION = ("iam:CreateUser", "arn:aws:iam::123837392027:user/anybody")

FACTS = (
    "SELECT account, kind, entity, attribute, item, value, valid_from, valid_to FROM fact WHERE recorded_to = "
    "9223372036854775807"
)
TRAIL = (
    "SELECT a.occurred_at, a.account, a.actor, a.action, a.event_type, a.targets, a.outcome, a.evidence, a.source_ip, "
    "a.user_agent, a.session, "
    "(SELECT array_agg(c.changes::text ORDER BY c.kind, c.entity) FROM audit_change c WHERE c.position = a.position) "
    "FROM audit a WHERE a.event_type NOT IN ('iam.PrincipalSeen', 'iam.AccountRegistered', 'iam.RecordsImported')"
)
ACTIVITY = (
    "SELECT day, account, record_id, occurred_at, action, principal, session, source_ip, user_agent, "
    "error_code, class, sha256 FROM activity"
)


def rows(connection: Connection, query: str) -> list[Any]:
    return sorted(map(repr, with_infinity(connection).execute(query).fetchall()))


def load(database: Database, files: list[Path]) -> Summary:
    service = ReadingRuntime(database)
    with database.connect() as connection:
        summary = CloudTrailImporter(connection).import_files(files)
        service.projector.catch_up()
    service.close()
    return summary


def files_of(shared: Path) -> list[Path]:
    return find_files([shared / "cloudtrail"])


def test_every_record_is_counted_and_every_iam_write_understood(database: Database, shared: Path) -> None:
    summary = load(database, files_of(shared))
    assert (summary.files, summary.records, summary.refused) == (55, 2900, [])
    counted = summary.changes + summary.failed + summary.activity + summary.not_translated + summary.duplicates
    assert counted + summary.sign_ins + summary.findings == 2900
    assert (summary.sign_ins, summary.findings, summary.odd, summary.passed_over) == (3, 0, [], {})
    iam = {name: count for name, count in summary.change_operations.items() if name.startswith("iam:")}
    failed = {name: count for name, count in summary.failed_operations.items() if name.startswith("iam:")}
    assert (sum(iam.values()), sum(failed.values())) == (85, 3)
    # Sharing snapshots and images changes access and has no event here yet: said, not skipped.
    assert summary.reasons.keys() == {
        "no translation for ec2:ModifySnapshotAttribute",
        "no translation for ec2:ModifyImageAttribute",
        "no translation for rds:ModifyDBSnapshotAttribute",
    }
    with database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM activity").fetchone() == (2900,)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_and_twice_over_give_the_same_rows(
    database: Database, embedded_server: Any, shared: Path, seed: int
) -> None:
    load(database, files_of(shared))
    other = embedded_server.fresh()
    shuffled = files_of(shared)
    random.Random(seed).shuffle(shuffled)
    load(other, shuffled[:30])
    load(other, shuffled)
    again = load(other, shuffled)
    assert (again.files_known, again.records) == (55, 0)
    with database.connect() as one, other.connect() as two:
        for query in (FACTS, TRAIL, ACTIVITY):
            assert rows(one, query) == rows(two, query)
    embedded_server.drop(other)


@pytest.fixture
def loaded(database: Database, shared: Path) -> Any:
    with database.connect() as connection:
        DocumentImporter(connection).managed_policies(shared / "aws-managed-policy-versions.json.gz")
    load(database, files_of(shared))
    service = ReadingRuntime(database)
    yield service
    service.close()


def test_who_can_at_three_moments(loaded: ReadingRuntime) -> None:
    """By hand: the backdoor role has AdministratorAccess from 12:24:10 to 12:28:34, malicious-iam-user from
    12:24:49 to 12:28:24; nobody else's policies allow it, and bert-jan's were never seen."""
    noon = loaded.questions.who_can(*QUESTION, as_of="2023-07-10T12:00:00Z")
    assert [each["principal"] for each in noon["allowed"]] == [ROOT]
    [bert_jan] = [each for each in noon["unknown"] if each["principal"] == BERT_JAN]
    assert bert_jan["why"] == ["the policies of user bert-jan were never seen"]

    later = loaded.questions.who_can(*QUESTION, as_of="2023-07-10T12:26:00Z")
    assert [each["principal"] for each in later["allowed"]] == [ROOT, BACKDOOR, MALICIOUS]
    statement = later["statements"][later["allowed"][2]["determining"][0]]
    assert statement["policy"] == "arn:aws:iam::aws:policy/AdministratorAccess" and statement["version"] == "v1"
    assert statement["path"] == ["principal", statement["policy"]]
    granted = later["events"][str(statement["granted_by"])]
    assert granted["action"] == "iam:AttachUserPolicy"
    assert granted["actor"] == BERT_JAN
    assert granted["occurred_at"] == "2023-07-10T12:24:49Z"
    [bert_jan] = [each for each in later["unknown"] if each["principal"] == BERT_JAN]
    assert bert_jan["successful_call"]["occurred_at"] == "2023-07-10T12:25:03Z"

    half_past = loaded.questions.who_can(*QUESTION, as_of="2023-07-10T12:30:00Z")
    assert [each["principal"] for each in half_past["allowed"]] == [ROOT]
    assert BERT_JAN in [each["principal"] for each in half_past["unknown"]]


def test_without_the_catalogue_the_administrator_is_conditional(database: Database, shared: Path) -> None:
    load(database, files_of(shared))
    service = ReadingRuntime(database)
    found = service.questions.who_can(*QUESTION, as_of="2023-07-10T12:26:00Z")
    service.close()
    assert [each["principal"] for each in found["conditional"]] == [BACKDOOR, MALICIOUS]
    assert found["conditional"][1]["why"] == ["policy arn:aws:iam::aws:policy/AdministratorAccess was never seen"]
    assert found["coverage"]["missing_documents"] == [
        "policy arn:aws:iam::aws:policy/AdministratorAccess was never seen"
    ]


def test_a_change_within_the_second_is_said(loaded: ReadingRuntime) -> None:
    found = loaded.questions.who_can(*QUESTION, as_of="2023-07-10T12:28:24Z")
    assert any("within this second" in note for note in found["coverage"]["notes"])
    found = loaded.questions.who_can(*QUESTION, as_of="2023-07-10T12:28:30Z")
    assert any("6 s before" in note for note in found["coverage"]["notes"])


def test_what_was_answered_stays_answered(database: Database, shared: Path) -> None:
    """The files of 12:25 and later arrive late: with known_at before them the old answer stands, byte for byte."""
    files = files_of(shared)
    late = [path for path in files if "T122" in path.name or "T123" in path.name]
    load(database, [path for path in files if path not in late])
    service = ReadingRuntime(database)
    moments = ("2023-07-10T12:00:00Z", "2023-07-10T12:26:00Z", "2023-07-10T12:30:00Z")
    position = service.questions.status()["position"]
    before = {at: service.questions.who_can(*QUESTION, as_of=at, known_at=str(position)) for at in moments}
    load(database, late)
    fresh = ReadingRuntime(database)
    for at in moments:
        found = fresh.questions.who_can(*QUESTION, as_of=at, known_at=str(position))
        assert found == before[at]
    now = fresh.questions.who_can(*QUESTION, as_of=moments[1])
    assert [each["principal"] for each in now["conditional"]] == [BACKDOOR, MALICIOUS]
    fresh.close()
    service.close()


def test_no_session_token_is_kept(database: Database, shared: Path) -> None:
    load(database, files_of(shared))
    from erstwhile.api.imports import store

    with database.connect() as connection:
        row = connection.execute(
            "SELECT account, record_id FROM activity WHERE action = 'sts:AssumeRole' AND error_code = '' LIMIT 1"
        ).fetchone()
        assert row is not None
        kept = store.read_evidence(connection, *row)
    assert kept is not None and b"example-session-token" not in kept and b"REDACTED" in kept
