"""A page of the audit trail, or a listing of calls, that is found by the index is the one that is found by a look at
every event: whatever the filter, the order, the cursor and the position, and while events come."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.projections import looked_up_calls
from erstwhile.projections.filters import OUTCOMES, Filters
from erstwhile.projections.finding.calls_found import details
from erstwhile.projections.finding.events_found import of_request
from erstwhile.projections.looked_up_calls import CallsWanted, calls
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import audit_page
from erstwhile.projections.trail_index import index, ordered
from erstwhile.projections.trail_index.index import TrailIndex
from tests.support.databases import Server
from tests.support.examples import examples

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNTS = ("111122223333", "999900001111", "aws")
WORDS = (
    "ada", "Ada", "adamant", "bob", "b", "kate", "\u212aate", "\u0130stan", "istan", "I", "\u0131", "stra\u00dfe",
    "STRASSE", 'a"b', "a\\b", "100%", "under_score", "st*r", "two words", "line\nbreak", "tab\t",
    "\u00c5ngstr\u00f6m", "\U0001f600", "u333", "u3331", "3", "",
    "arn:aws:iam::111122223333:user/path/ada", "arn:aws:iam::111122223333:user/u333",
)  # fmt: skip
SOURCES = (
    "", "198.51.100.7", "198.51.100.77", "203.0.113.9", "10.0.0.1", "2001:db8::1", "2001:DB8:0:0::1", "::ffff:10.0.0.1",
    "cloudtrail.amazonaws.com", "AWS Internal", "not.an.address.7", "ada",
)  # fmt: skip
NETWORKS = (
    "198.51.100.7", "198.51.100.0/24", "198.51.100.0/30", "203.0.0.0/9", "0.0.0.0/0", "10.0.0.0/7", "2001:db8::/33",
    "2001:db8::1", "2000::/3", "::/0", "AWS Internal", "aws internal,10.0.0.1", "cloudtrail.amazonaws.com, 9.9.9.9",
    ",", "::ffff:10.0.0.1", "10.0.0.1,ADA",
)  # fmt: skip
TYPES = (
    "iam.UserCreated", "iam.PolicyAttached", "iam.ChangeFailed", "iam.CommandRefused", "iam.PrincipalSeen",
    "iam.ClaimSetAside", "iam.SignedIn", "iam.RecordsImported", "iam.AccountRegistered",
)  # fmt: skip


def _event(chance: random.Random) -> dict[str, Any]:
    def word() -> str:
        return chance.choice(WORDS)

    body: dict[str, Any] = {"subject": {"kind": chance.choice(("user", "role")), "name": word(), "id": f"AIDA{word()}"}}
    for name in ("arn", "policy_arn", "name", "operation", "error_code"):
        if chance.random() < 0.3:
            body[name] = word()
    if chance.random() < 0.2:
        body = {"result": chance.choice(("Success", "Failure"))}
    data: dict[str, Any] = {"body": body}
    if chance.random() < 0.8:
        data["actor"] = {"arn": word(), "id": word(), "type": "IAMUser", "access_key": f"AKIA{word()}"}
    if chance.random() < 0.7:
        data["action"] = chance.choice(("iam:CreateUser", "iam:AttachUserPolicy", "sts:AssumeRole", word()))
    if chance.random() < 0.3:
        data["source"] = chance.choice(("cloudtrail", "catalogue", "snapshot"))
    if chance.random() < 0.3:
        data["request_id"] = word()
    if chance.random() < 0.3:
        record = chance.choice((f"record-{chance.randrange(9)}", word()))
        data["evidence"] = f"{chance.choice(ACCOUNTS)}/{record}"
    if chance.random() < 0.1:
        data["between"] = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]
    event: dict[str, Any] = {
        "id": None, "type": chance.choice(TYPES), "account": chance.choice(ACCOUNTS), "tags": [], "data": data,
        # Several events have the same instant, and the order of time is not that of positions.
        "occurred_at": (BEGIN + timedelta(hours=chance.randrange(60))).isoformat(), "salt": None, "details": None,
    }  # fmt: skip
    if chance.random() < 0.6:
        said = {"source_ip": chance.choice(SOURCES), "user_agent": word(), "session": word()}
        event |= {"salt": "00", "details": orjson.dumps(said).decode()}
        data["details_sha256"] = "00"
    return event


def _append(connection: Connection, chance: random.Random, count: int) -> None:
    batch = [{"after": 0, "unless": None, "events": [_event(chance) for _ in range(count)]}]
    connection.execute("SELECT append_events(%s::jsonb)", (orjson.dumps(batch).decode(),))


def _part(chance: random.Random) -> str:
    """Of a word, or of two, in some case, with stars."""
    text = chance.choice(
        (chance.choice(WORDS), "iam:CreateUser", "AIDAada", f"user/{chance.choice(WORDS)}", '"arn": "')
    )
    if chance.random() < 0.6 and text:
        begin = chance.randrange(len(text))
        text = text[begin : begin + chance.randrange(1, 9)]
    if chance.random() < 0.2:
        text = f"{text}*{chance.choice(WORDS)[:3]}"
    return chance.choice((text, text.upper(), text.lower(), "zzqx" if chance.random() < 0.3 else text))


def _filters(chance: random.Random, head: int) -> Filters:
    given: dict[str, Any] = {}
    for name in ("actor", "target", "action", "session", "text"):
        if chance.random() < 0.25:
            given[name] = _part(chance)
    if chance.random() < 0.2:
        given["source_ip"] = chance.choice(NETWORKS)
    if chance.random() < 0.2:
        given["account"] = chance.choice((*ACCOUNTS, "123412341234"))
    if chance.random() < 0.2:
        given["outcome"] = chance.choice((*OUTCOMES, "success, failed", ","))
    if chance.random() < 0.2:
        given["since"] = BEGIN + timedelta(hours=chance.randrange(60), minutes=chance.choice((0, 0, 7)))
    if chance.random() < 0.2:
        given["until"] = BEGIN + timedelta(hours=chance.randrange(60), microseconds=chance.choice((0, 0, 1)))
    if chance.random() < 0.2:
        given["known_at"] = chance.randrange(head + 20)
    return Filters(**given, everything=chance.random() < 0.3)


def _calls_wanted(chance: random.Random, head: int) -> CallsWanted:
    def at() -> datetime:
        return BEGIN + timedelta(hours=chance.randrange(60), microseconds=chance.choice((0, 0, 1)))

    words = chance.choice(WORDS)
    given: dict[str, Any] = chance.choice((
        {}, {"access_key": f"AKIA{words}"}, {"event_id": words}, {"event_id": f"record-{chance.randrange(9)}"},
        {"operation": chance.choice(("CreateUser", "AttachUserPolicy", "AssumeRole", "aws", "zzqx", words))},
    ))  # fmt: skip
    for name in ("begin", "end"):
        if chance.random() < 0.3:
            given[name] = chance.choice((at(), datetime.max.replace(tzinfo=UTC))) if name == "end" else at()
    if chance.random() < 0.3:
        given["after"] = (at(), chance.randrange(head + 20))
    return CallsWanted(chance.choice((*ACCOUNTS, "123412341234")), **given)


@pytest.fixture(params=["C", "C.UTF-8"])
def of_locale(request: pytest.FixtureRequest, embedded_server: Server) -> Iterator[Database]:
    """A database that knows the case of ASCII's letters alone, and one that knows that of all."""
    locale = f"TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE '{request.param}'"
    database = embedded_server.empty(locale)
    database.migrate()
    yield database
    embedded_server.drop(database)


@pytest.mark.parametrize("seed", range(examples(8, 1)))
def test_the_index_finds_what_a_look_at_every_event_finds(
    of_locale: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    for name, value in (("LEAST", 1), ("FACTOR", 2), ("MOST", 16), ("KEPT", 2), ("LAG", 32)):
        monkeypatch.setattr(index, name, value)
    monkeypatch.setattr(ordered, "_FIRST", 2)
    # These events are of types that they do not fit: nobody can write a record of them.
    monkeypatch.setattr(looked_up_calls, "record_of", lambda *_: None)
    kept, fresh = TrailIndex(tmp_path), TrailIndex()
    found = pages = seen = 0
    with of_locale.connect() as connection:
        for _ in range(10):
            _append(connection, chance, chance.choice((1, 15, 70, 130)))
            if chance.random() < 0.3:
                kept = TrailIndex(tmp_path)
            if chance.random() < 0.2:
                kept.catch_up(connection)
            [(head,)] = connection.execute("SELECT max(position) FROM event").fetchall()
            for words in (*WORDS, *SOURCES):
                known_at = chance.randrange(1, head + 20)
                for each in (kept, fresh):
                    assert of_request(connection, words, known_at, each) == of_request(
                        connection, words, known_at, None
                    )
                    for member in ("session", "source_ip") if words in SOURCES else ("session",):
                        expected_uses = details(connection, member, words, known_at)
                        assert sorted(details(connection, member, words, known_at, each)) == sorted(expected_uses)
            for _ in range(examples(20, 10)):
                wanted = _calls_wanted(chance, head)
                all_calls = list(calls(connection, wanted))
                assert [list(calls(connection, wanted, each)) for each in (kept, fresh)] == [all_calls] * 2, wanted
                seen += len(all_calls)
            for _ in range(examples(60, 25)):
                filters, oldest_first = _filters(chance, head), chance.random() < 0.3
                limit, cursor = chance.choice((1, 3, 20, 1000)), ""
                for _ in range(3):
                    expected = audit_page(connection, filters, limit, cursor, oldest_first)
                    for each in (kept, fresh):
                        assert audit_page(connection, filters, limit, cursor, oldest_first, each) == expected, filters
                    found, pages, cursor = found + len(expected.entries), pages + 1, expected.next_cursor
                    if not cursor:
                        break
    assert fresh.upto > 0 and kept.upto > 0 and list(tmp_path.rglob("*.index"))
    assert found > pages / 2 and seen > 100
