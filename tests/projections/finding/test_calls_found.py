"""Sessions, temporary keys and addresses: found in recorded calls of any month, and in details of our own events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import Actor, Details
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.finding.find import find
from erstwhile.projections.finding.found import Found
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/night-shift"
KEY = "ASIAEXAMPLENIGHT0001"
ADDRESS = "2001:db8::7"
GOVERNED = "999988887777"


def call(at: str, **more: Any) -> dict[str, Any]:
    """A call of the session."""
    identity = {
        "type": "AssumedRole", "principalId": "AROAOPS:night-shift", "arn": SESSION, "accountId": ACCOUNT,
        "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": {
            "type": "Role", "principalId": "AROAOPS", "arn": ROLE, "accountId": ACCOUNT, "userName": "ops",
        }},
    }  # fmt: skip
    made = record("GetObject", {"bucketName": "b", "key": "k"}, service="s3", at=at, read_only=True, **more)
    return made | {"userIdentity": identity, "sourceIPAddress": ADDRESS}


@pytest.fixture
def trail(database: Database, tmp_path: Path) -> Database:
    """The session called in three months."""
    days = ("2026-01-05T10:00:00Z", "2026-02-05T10:00:00Z", "2026-03-05T10:00:00Z")
    import_records(database, tmp_path, *(call(day) for day in days))
    return database


def found(database: Database, words: str, known_at: int | None = None) -> list[Found]:
    with database.connect() as connection:
        head = EventLog.within(connection).head()
        return find(connection, words, head if known_at is None else known_at)


@pytest.mark.parametrize(
    ("words", "kind", "of"),
    [("night-shift", "session", ROLE), (SESSION, "session", ROLE), (KEY, "access_key", ROLE), (ADDRESS, "address", "")],
)
def test_what_calls_show_is_found_with_its_first_and_last_call(trail: Database, words: str, kind: str, of: str) -> None:
    [one] = [each for each in found(trail, words) if each.kind == kind]
    assert (one.account, one.of) == (ACCOUNT, of)
    assert one.first_seen is not None and one.last_seen is not None
    assert format_instant(one.first_seen) == "2026-01-05T10:00:00Z"
    assert format_instant(one.last_seen) == "2026-03-05T10:00:00Z"
    assert [each for each in found(trail, words, known_at=0) if each.kind == kind] == []


def test_an_address_is_the_same_however_it_is_written(trail: Database) -> None:
    [one] = found(trail, "2001:DB8:0:0::7")
    assert (one.kind, one.name, one.words) == ("address", ADDRESS, f"used by {ROLE}")


def test_a_session_of_another_role_is_another(trail: Database) -> None:
    other = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/night-shift"
    assert [each for each in found(trail, other) if each.kind == "session"] == []


def test_what_our_own_events_tell_is_found_until_it_is_forgotten(database: Database) -> None:
    service = ReadingRuntime(database)
    try:
        service.commands.execute(RegisterAccount(account=GOVERNED))
        caller = Provenance(
            Actor(id="AIDAROOT", arn=f"arn:aws:iam::{GOVERNED}:root", type="Root"), "request-1", "iam:CreateUser",
            Details(source_ip="203.0.113.9", user_agent="test", session="dawn"),
        )  # fmt: skip
        position = service.commands.execute(CreateUser(account=GOVERNED, name="ada", new_id="AIDA1"), caller).position
    finally:
        service.close()
    assert [(each.kind, each.position) for each in found(database, "request-1")] == [("event", position)]
    [address] = found(database, "203.0.113.9")
    assert (address.kind, address.words) == ("address", f"used by arn:aws:iam::{GOVERNED}:root")
    assert [each.kind for each in found(database, "dawn")] == ["session"]
    with database.owner() as owner:
        owner.execute("DELETE FROM event_details WHERE position = %s", (position,))
    assert found(database, "203.0.113.9") == [] == found(database, "dawn")


@pytest.mark.parametrize("words", ["x\0y", "\ud800", "%", "a" * 3000, "arn:", "arn:aws:iam::1:user/", "@", "1/2", "'"])
def test_what_is_nothing_is_not_found(database: Database, words: str) -> None:
    assert found(database, words) == []
