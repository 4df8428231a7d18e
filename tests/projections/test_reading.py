"""What is read of the read models: a page of the trail, the Directory of an instant, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.coverage import (
    KnownCoverage,
    account_coverage,
    missing_documents,
    projection_lag,
    uncovered_principals,
)
from erstwhile.projections.filters import MalformedFilter
from erstwhile.projections.happenings import TrailEvent, TrailHappenings
from erstwhile.projections.past import Past
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import Filters, audit_page, successful_calls, used_actions
from tests.support.histories import at, attach, delete, detach
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, ADA, create_user, record

EVE = f"arn:aws:iam::{ACCOUNT}:user/eve"
ADMIN = "arn:aws:iam::aws:policy/Admin"


@pytest.fixture
def connection(database: Database, tmp_path: Path) -> Iterator[Connection]:
    """A log in which Eve is created, gets a policy, loses it and is deleted, a minute after the other."""
    import_records(
        database, tmp_path, create_user("eve", "AIDAEVE", at(0)), attach("eve", "Admin", at(60)),
        record("GetUser", {"userName": "eve"}, at=at(90), read_only=True),
        record("CreateGroup", {"groupName": "ops"}, at=at(100), errorCode="AccessDenied", errorMessage="no"),
        detach("eve", "Admin", at(120)), delete("eve", at(180)),
    )  # fmt: skip
    with database.connect() as connection:
        yield connection


def actions(connection: Connection, filters: Filters) -> list[str]:
    return [entry["action"] for entry in audit_page(connection, filters).entries]


def test_the_trail_is_newest_first_and_comes_in_pages(connection: Connection) -> None:
    calls = Filters(action="iam:")
    whole = audit_page(connection, calls)
    assert whole.next_cursor == ""
    assert [each["action"] for each in whole.entries] == [
        "iam:DeleteUser", "iam:DetachUserPolicy", "iam:CreateGroup", "iam:AttachUserPolicy", "iam:CreateUser",
    ]  # fmt: skip
    paged, cursor = [], ""
    while True:
        page = audit_page(connection, calls, 2, cursor)
        paged += page.entries
        cursor = page.next_cursor
        if not cursor:
            break
    assert paged == whole.entries
    assert audit_page(connection, calls, oldest_first=True).entries == whole.entries[::-1]


def test_an_entry_says_who_did_what_to_whom_and_what_changed(connection: Connection) -> None:
    [entry] = audit_page(connection, Filters(action="iam:AttachUserPolicy")).entries
    assert entry["actor"]["arn"] == ADA["arn"] and entry["outcome"] == "success" and entry["occurred_at"] == at(60)
    assert "user/eve" in entry["targets"]
    [changed] = entry["changes"]
    assert (changed["kind"], changed["entity"]) == ("user", "AIDAEVE")
    [refused] = audit_page(connection, Filters(outcome="failed")).entries
    assert (refused["action"], refused["error_code"], refused["changes"]) == ("iam:CreateGroup", "AccessDenied", [])


def test_filters_narrow_the_trail(connection: Connection) -> None:
    between = Filters(since=parse_instant(at(50)), until=parse_instant(at(121)))
    assert actions(connection, between) == ["iam:DetachUserPolicy", "iam:CreateGroup", "iam:AttachUserPolicy"]
    assert actions(connection, Filters(actor="nobody")) == []
    assert len(actions(connection, Filters(target="user/eve"))) == 4
    assert actions(connection, Filters(account="999988887777")) == []
    with pytest.raises(MalformedFilter, match="outcome must be"):
        audit_page(connection, Filters(outcome="maybe"))


def test_what_the_activity_says_of_single_calls(connection: Connection) -> None:
    top = EventLog.within(connection).head()
    found = successful_calls(connection, [EVE, ADA["arn"]], "IAM:getuser", parse_instant(at(100)), top)
    assert list(found) == [ADA["arn"]]
    assert found[ADA["arn"]]["occurred_at"] == at(90) and found[ADA["arn"]]["evidence"].startswith(f"{ACCOUNT}/")
    assert successful_calls(connection, [ADA["arn"]], "iam:GetUser", parse_instant(at(80)), top) == {}
    assert successful_calls(connection, [ADA["arn"]], "iam:CreateGroup", parse_instant(at(500)), top) == {}
    used = dict(used_actions(connection, ACCOUNT, [ADA["arn"], EVE])[ADA["arn"]])
    assert used["iam:GetUser"] == parse_instant(at(90)) and "iam:CreateGroup" not in used


@pytest.fixture
def past(database: Database) -> Iterator[Past]:
    columns = ColumnStore(database.connect)
    yield Past(columns)
    columns.close()


def test_the_directory_of_an_instant(connection: Connection, past: Past) -> None:
    top = EventLog.within(connection).head()

    def policies(when: str, known_at: int = top) -> list[str] | None:
        directory = past.directory(parse_instant(when), known_at, ACCOUNT)
        eve = directory.named(ACCOUNT, "user", "eve")
        return None if eve is None else list(eve.attached_policies)

    assert [policies(at(second)) for second in (0, 60, 119, 120, 179, 180)] == [[], [ADMIN], [ADMIN], [], [], None]
    attached = audit_page(connection, Filters(action="iam:AttachUserPolicy")).entries[0]["position"]
    assert policies(at(90), attached - 1) == []
    assert policies(at(500), attached) == [ADMIN], "what came later was not known then"


def test_a_directory_of_the_past_is_kept(connection: Connection, past: Past) -> None:
    top = EventLog.within(connection).head()
    first = past.directory(parse_instant(at(60)), top, ACCOUNT)
    assert past.directory(parse_instant(at(60)), top, ACCOUNT) is first
    assert (first.as_of, first.position) == (parse_instant(at(60)), top)
    assert past.directory(parse_instant(at(60)), top) is not first
    for second in range(61, 80):
        past.directory(parse_instant(at(second)), top, ACCOUNT)
    assert past.directory(parse_instant(at(60)), top, ACCOUNT) is not first, "few are kept"


def test_what_was_read_of_entities_is_forgotten_and_read_again(connection: Connection, past: Past) -> None:
    top = EventLog.within(connection).head()
    history = past.history(top)
    [segment] = [layer.segment for layer in history.stack]
    key = (ACCOUNT, "user", "AIDAEVE")
    before = list(history.intervals_of(key))
    assert before and segment.intervals.entries
    past.forget()
    assert not segment.intervals.entries
    assert list(history.intervals_of(key)) == before


def test_what_is_not_known(connection: Connection, past: Past) -> None:
    top = EventLog.within(connection).head()
    [account] = account_coverage(connection, top)
    assert (account["account"], account["first_record"], account["last_record"]) == (ACCOUNT, at(0), at(180))
    assert (account["records"], account["gaps_in_all"]) == (6, 0)
    assert {name: each["lag"] for name, each in projection_lag(connection).items()} == {"history": 0, "audit": 0}
    [missing] = missing_documents(parse_instant(at(60)), top, KnownCoverage(past.history))
    assert "Admin" in missing
    uncovered = uncovered_principals(connection, parse_instant(at(60)), top)
    assert f"{ACCOUNT}:user/ada" in uncovered
    assert f"{ACCOUNT}:user/eve" not in uncovered


def test_the_event_behind_a_fact_tells_who_did_it_and_from_where(connection: Connection) -> None:
    (attached,) = audit_page(connection, Filters(action="iam:Attach")).entries
    position = attached["position"]
    found = TrailHappenings(connection).read([0, position, 1_000_000])
    assert list(found) == [position]
    there = found[position]
    assert (there.actor, there.action, there.type) == (ADA["arn"], "iam:AttachUserPolicy", "iam.PolicyAttached")
    assert (there.access_key, there.source_ip, there.is_hidden) == ("AKIAADA", "198.51.100.7", False)
    assert there.occurred_at == parse_instant(at(60))
    connection.execute("DELETE FROM event_details")
    assert TrailHappenings(connection).read([position])[position].is_hidden
    assert TrailHappenings(connection).read([]) == {}


def test_events_are_what_the_view_says_of_them(story: Database) -> None:
    """Of every event of the demonstration, before and after some details had to be forgotten."""
    written = {
        "action": "coalesce(data->>'action', '')", "between": "data->'between'",
        "request_id": "coalesce(data->>'request_id', '')",
    }  # fmt: skip
    names = ", ".join(written.get(name, name) for name in TrailEvent._fields)
    with story.connect() as connection:
        for _ in range(2):
            told = {row[0]: TrailEvent(*row) for row in connection.execute(f"SELECT {names} FROM audit").fetchall()}
            assert dict(TrailHappenings(connection).events(told)) == told
            connection.execute("DELETE FROM event_details WHERE position % 2 = 0")


def test_events_that_are_expected_come_while_others_are_asked_for(story: Database) -> None:
    with story.connect() as connection:
        told = {row[0] for row in connection.execute("SELECT position FROM audit").fetchall()}
        at_once = dict(TrailHappenings(connection).events(told))
        happenings = TrailHappenings(connection)
        some = sorted(told)[:5]
        happenings.expect(some)
        assert connection.execute("SELECT 1").fetchone() == (1,)
        happenings.expect(sorted(told)[5:8])
        assert dict(happenings.events(some)) == {position: at_once[position] for position in sorted(told)[:8]}
        happenings.expect([])
        happenings.expect(told)
        happenings.close()
        assert connection.info.transaction_status.name == "IDLE"
        assert dict(happenings.events(told)) == at_once
