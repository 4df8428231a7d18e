"""A caller's mistake is the caller's alone: nobody else of its batch suffers, and the attempt is recorded."""

from __future__ import annotations

import random
from concurrent.futures import Future
from typing import Any

import orjson
import psycopg
import pytest

from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.provenance import Provenance, SideStatement
from erstwhile.api.commanding.writer import CommandWriter
from erstwhile.api.database.database import Database
from erstwhile.domain.commands.account import RecordRefusal, RegisterAccount
from erstwhile.domain.commands.handling import HANDLERS
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import CreateUser, DeleteUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import Actor, Details, Event
from erstwhile.domain.events.account import CommandRefused
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.projections.trail import Filters, audit_page
from tests.support import event_log as workers
from tests.support.given import ACCOUNT

STRANGE = ["\ud800", "\udfff\udfff", "\0", "a\0b", "x" * 100_000, "\x1b[2J\u202e", "\\u0000"]


@pytest.fixture
def writer(database: Database) -> CommandWriter:
    writer = workers.writer_of(database.dsn)
    writer.execute(RegisterAccount(account=ACCOUNT))
    return writer


def user(number: int) -> CreateUser:
    return CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDA{number}")


def events(database: Database) -> list[Event]:
    with database.connect() as connection:
        return list(EventLog.within(connection).read_after(0, EventLog.within(connection).head()))


def all_done(writer: CommandWriter, given: list[Future[Committed]]) -> list[Any]:
    found = [future.exception(60) or future.result() for future in given]
    writer.close()
    return found


def test_what_callers_choose_of_themselves(database: Database, writer: CommandWriter) -> None:
    """Agents, sessions, request ids: cleaned, and each call is in the trail, refused ones too."""
    given = []
    for number, strange in enumerate(STRANGE):
        details = Details(source_ip=strange, user_agent=strange, session=strange)
        caller = Provenance(Actor(arn=f"arn:{strange}", id=strange), strange, strange, details)
        given.append(writer.submit(user(2 * number), caller))
        given.append(writer.submit(user(2 * number), caller))
        given.append(writer.submit(user(2 * number + 1)))
        refusal = RecordRefusal(account=ACCOUNT, call=strange, error_code="AccessDenied", message=strange)
        given.append(writer.submit(refusal, caller))
    found = all_done(writer, given)
    told = ["Committed", "EntityAlreadyExists", "Committed", "Committed"]
    assert [type(each).__name__ for each in found] == told * len(STRANGE)
    recorded = [each.body for each in events(database) if isinstance(each.body, CommandRefused)]
    assert len(recorded) == 2 * len(STRANGE)
    with database.connect() as connection:
        assert len(audit_page(connection, Filters(text="u1"), limit=500).entries) >= 1


@pytest.mark.parametrize("strange", STRANGE[:5])
def test_names_that_cannot_be(database: Database, writer: CommandWriter, strange: str) -> None:
    """Whatever a command names: its own caller hears no, and the no is recorded."""
    given = [writer.submit(user(0)), writer.submit(CreateUser(account=ACCOUNT, name=strange, new_id="AIDASTRANGE"))]
    given.append(writer.submit(Tag(account=ACCOUNT, kind="user", name="u0", tags={"k": strange})))
    given.append(writer.submit(DeleteUser(account=ACCOUNT, name=strange)))
    given.append(writer.submit(user(1)))
    first, *strangers, last = all_done(writer, given)
    assert isinstance(first, Committed) and isinstance(last, Committed)
    refused = [each for each in strangers if isinstance(each, Refusal)]
    assert len(refused) >= 2, strangers
    assert sum(isinstance(each.body, CommandRefused) for each in events(database)) == len(refused)


def test_whatever_goes_wrong_goes_wrong_for_one(
    database: Database, writer: CommandWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults of ours, in deciding; what the database does not take; what stands beside a command and fails."""
    decide = HANDLERS[CreateUser]

    def failing(directory: Any, command: CreateUser) -> Any:
        if command.name == "u3":
            raise ZeroDivisionError("of ours")
        if command.name == "u4":
            raise RecursionError("too deep")
        return decide(directory, command)

    monkeypatch.setitem(HANDLERS, CreateUser, failing)  # type: ignore[misc]
    chance = random.Random(5)
    endless = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(9_000))
    no_table: SideStatement = ("INSERT INTO nowhere VALUES (%s)", (1,))
    no_text: SideStatement = ("INSERT INTO api_token (name, sha256, scopes) VALUES (%s, '', '{}')", ("a\0b",))
    too_long: SideStatement = ("INSERT INTO api_token (name, sha256, scopes) VALUES (%s, '', '{}')", (endless,))
    beside = {5: no_table, 6: no_text, 7: too_long}
    given = [writer.submit(user(number), Provenance(), beside.get(number)) for number in range(10)]
    found = all_done(writer, given)
    assert [number for number, each in enumerate(found) if not isinstance(each, Committed)] == [3, 4, 5, 6, 7]
    assert isinstance(found[3], ZeroDivisionError) and isinstance(found[5], psycopg.Error)
    told = events(database)
    assert [each.position for each in told] == list(range(1, len(told) + 1))
    refused = [each.body for each in told if isinstance(each.body, CommandRefused)]
    assert sorted(each.target for each in refused) == ["u3", "u4", "u5", "u6", "u7"]
    assert {each.error_code for each in refused} == {"InternalFailure"}
    assert orjson.dumps([each.message for each in refused]).count(b"nowhere") == 0
