"""Approvals on a database: tickets in sessions, source identities and tags; as known at a position."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.approvals.approval import Approved
from erstwhile.domain.commands.approvals import ImportApprovals, SetTicketRule
from erstwhile.domain.events.approvals import ImportedApproval
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.projections.approvals import TrailApprovals
from tests.support.imports import Imports, import_records
from tests.support.records import ACCOUNT, ADA, create_user, record


def session(name: str, source_identity: str = "") -> dict[str, Any]:
    context = {"sessionIssuer": {"type": "Role", "principalId": "AROAOPS", "userName": "ops",
                                 "arn": f"arn:aws:iam::{ACCOUNT}:role/ops", "accountId": ACCOUNT}}  # fmt: skip
    return {
        "type": "AssumedRole", "principalId": f"AROAOPS:{name}", "accountId": ACCOUNT, "accessKeyId": "ASIAOPS",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/{name}",
        "sessionContext": context | ({"sourceIdentity": source_identity} if source_identity else {}),
    }  # fmt: skip


RECORDS = [
    create_user("by-session", "AIDA1", "2026-03-03T12:00:00Z", userIdentity=session("ada-OPS-1")),
    create_user("by-identity", "AIDA2", "2026-03-03T12:00:01Z", userIdentity=session("x", "ada.OPS-2")),
    create_user("by-event", "AIDA3", "2026-03-03T12:00:02Z", userIdentity=ADA, event_id="the-record"),
    create_user("by-nobody", "AIDA4", "2026-03-03T12:00:03Z", userIdentity=ADA),
    record("CreateUser", {"userName": "by-tag", "tags": [{"key": "ticket", "value": "CHG 7"}]}, {"user": {
        "userName": "by-tag", "userId": "AIDA5", "arn": f"arn:aws:iam::{ACCOUNT}:user/by-tag", "path": "/",
        "tags": [{"key": "ticket", "value": "CHG 7"}]}}, at="2026-03-03T12:00:04Z"),
]  # fmt: skip


def said(imports: Imports, known_at: int | None = None) -> dict[str, Approved]:
    """User → what is on record of the event that created it."""
    service = imports.service
    service.projector.catch_up()
    with service.connection() as connection:
        rows = connection.execute(
            "SELECT position, data->'body'->'subject'->>'name' FROM event WHERE type = 'iam.UserCreated'"
        ).fetchall()
        [(head,)] = connection.execute("SELECT max(position) FROM event").fetchall()
        found = TrailApprovals(connection, service.history.facts(known_at or head))
        told = found.of_events(position for position, _ in rows)
        return {name: told[position] for position, name in rows}


def test_who_approved_a_change(imports: Imports) -> None:
    import_records(imports.service.database, imports.folder, *RECORDS)
    found = said(imports)
    assert {name: (each.state, each.tickets) for name, each in found.items()} == {
        "by-session": ("not_on_record", ("OPS-1",)), "by-identity": ("not_on_record", ("OPS-2",)),
        "by-event": ("no_reference", ()), "by-nobody": ("no_reference", ()), "by-tag": ("not_on_record", ("CHG 7",)),
    }  # fmt: skip
    rows = [
        ImportedApproval(ticket="OPS-1", approved_by="grace", approved_at="2026-03-02T09:00:00Z"),
        ImportedApproval(ticket="OPS-2", approved_by="linus", approved_at="2026-03-04T09:00:00Z"),
        ImportedApproval(ticket="OPS-9", approved_by="grace", event="the-record"),
        ImportedApproval(ticket="chg 7", approved_by="grace"),
    ]
    commands = imports.service.commands
    done = commands.execute(ImportApprovals(account=OWN, file="a.csv", sha256="00", approvals=rows))
    assert {name: (each.state, each.by) for name, each in said(imports).items()} == {
        "by-session": ("approved", "grace"), "by-identity": ("approved_later", "linus"),
        "by-event": ("approved", "grace"), "by-nobody": ("no_reference", ""), "by-tag": ("approved", "grace"),
    }  # fmt: skip
    commands.execute(SetTicketRule(account=OWN, pattern="ada", tags=[]))
    assert said(imports)["by-session"].tickets == ("ada",) and said(imports)["by-tag"].state == "no_reference"
    assert said(imports, done.position)["by-session"].tickets == ("OPS-1",)
    assert said(imports, done.position - 1) == found
