"""What is forgotten, what is held, and what goes for its age: the proofs hold, and each is an event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.database.database import Database
from erstwhile.api.imports import store
from erstwhile.api.keeping import holds, retention
from erstwhile.api.keeping.forget import Forgotten, forget
from erstwhile.api.keeping.holds import Held
from erstwhile.api.keeping.own_settings import MalformedWords
from erstwhile.domain.events import Actor
from erstwhile.domain.ledger.tampering import Kind
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.activity import ERASED
from erstwhile.projections.evidence_blocks import inflate
from erstwhile.projections.filters import Filters
from erstwhile.projections.ledger.verifying import verify
from erstwhile.projections.trail import audit_page
from tests.support.demonstration import BOT, DEMO
from tests.support.program import erstwhile
from tests.support.signed_log import KEYS, sign

OPERATOR = Provenance(Actor(id="ada", type="CommandLine"), action="erstwhile:Test")


@pytest.fixture
def connection(story: Database) -> Iterator[psycopg.Connection[Any]]:
    with story.owner() as connection:
        connection.execute("SELECT ensure_decision_partition('2020-01-01')")
        connection.execute("SELECT ensure_decision_partition(current_date)")
        yield connection


def decided(connection: psycopg.Connection[Any], day: str, subject: str) -> None:
    connection.execute(
        "INSERT INTO decision (day, decided_at, asked_by, subject, action, resource, effect, question, answer, masked, "
        "revision, latency_us) VALUES (%s, %s::date, 't', %s, 's3:GetObject', '*', 'allow', %s, '{}', false, 1, 1)",
        (day, day, subject, orjson.dumps({"subject": {"id": subject}}).decode()),
    )


def whole_database(connection: psycopg.Connection[Any]) -> str:
    """All that stands in tables, and the records in the evidence."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition AND relname !~ 'yoyo|evidence_block'"
    ).fetchall()
    found = [str(connection.execute(f'SELECT t::text FROM "{name}" t').fetchall()) for (name,) in names]
    for (packed,) in connection.execute("SELECT packed FROM evidence_block").fetchall():
        found.append(b"\n".join(inflate(bytes(packed))).decode())
    return "\n".join(found)


def address_of_most(connection: psycopg.Connection[Any]) -> str:
    [(address,)] = connection.execute(
        "SELECT d.details::jsonb->>'source_ip' FROM event_details d WHERE d.details::jsonb->>'source_ip' <> '' "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).fetchall()
    return str(address)


def test_a_subject_is_forgotten_and_the_proofs_hold(story: Database, connection: psycopg.Connection[Any]) -> None:
    sign(story)
    address = address_of_most(connection)
    decided(connection, "2020-01-01", address)
    before = whole_database(connection)
    rows = connection.execute("SELECT account, record_id FROM activity WHERE source_ip = %s", (address,)).fetchall()
    assert address in before and rows
    counted = forget(connection, address, "", OPERATOR, dry_run=True)
    assert whole_database(connection) == before
    assert counted.events > 0 and counted.calls == len(rows) and counted.decisions == 1
    with pytest.raises(MalformedWords, match="--reason"):
        forget(connection, address, " ", OPERATOR)

    found = forget(connection, address, "asked on 3 March, ticket 17", OPERATOR)
    assert (found.events, found.calls, found.decisions) == (counted.events, counted.calls, counted.decisions)
    assert address not in whole_database(connection)
    with story.connect() as service:
        verdict = verify(service, KEYS)
        assert verdict.tampering is None and verdict.signed > 0
        assert all(store.read_evidence(service, account, record_id) is None for account, record_id in rows)
    others = connection.execute(
        "SELECT b.packed, a.line FROM activity a JOIN evidence_block b USING (block_id) WHERE a.principal <> 'erased'"
    ).fetchall()
    assert others and all(inflate(bytes(row[0]))[row[1]] for row in others)
    with story.connect() as reading:
        trail = trail_of(reading)
    assert [each["details_forgotten"] for each in trail].count(True) == found.events
    [said] = [each for each in trail if each["position"] == found.position]
    assert said["actor"]["id"] == "ada" and "ticket 17" in str(said["body"]) and address not in str(said)
    assert forget(connection, address, "again", OPERATOR) == Forgotten(0, 0, 0)
    # What was altered is no details that were erased.
    connection.execute("SET session_replication_role = replica")
    connection.execute(
        "UPDATE event_details SET details = '{}' WHERE position = (SELECT max(position) FROM event_details)"
    )
    connection.execute("SET session_replication_role = DEFAULT")
    with story.connect() as reading:
        tampering = verify(reading, KEYS).tampering
    assert tampering is not None and tampering.kind is Kind.DETAILS_CHANGED


def trail_of(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    return audit_page(connection, Filters(everything=True), 10_000).entries


def test_a_record_that_was_erased_does_not_come_back(
    story: Database, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    rows_of_use = (
        "SELECT EXISTS (SELECT FROM call_use WHERE principal = %(bot)s), "
        "EXISTS (SELECT FROM key_last_use WHERE principal = %(bot)s)"
    )
    assert connection.execute(rows_of_use, {"bot": BOT}).fetchone() == (True, True)
    assert forget(connection, BOT, "left", OPERATOR).calls > 0
    assert connection.execute(rows_of_use, {"bot": BOT}).fetchone() == (False, False)
    text = orjson.loads((DEMO / "cloudtrail-1.json").read_bytes())
    (tmp_path / "again.json").write_bytes(orjson.dumps(text) + b"\n")
    assert erstwhile(story, "import", "cloudtrail", str(tmp_path / "again.json")).returncode == 0
    assert connection.execute("SELECT count(*) FROM activity WHERE principal = %s", (BOT,)).fetchone() == (0,)
    assert connection.execute(rows_of_use, {"bot": BOT}).fetchone() == (False, False)
    row = connection.execute(
        "SELECT account || '/' || record_id FROM activity WHERE principal = %s LIMIT 1", (ERASED,)
    ).fetchone()
    assert row is not None
    done = erstwhile(story, "evidence", row[0])
    assert done.returncode == 1 and "was erased" in done.stderr


def test_holds(story: Database, connection: psycopg.Connection[Any]) -> None:
    address = address_of_most(connection)
    [(account, principal, at)] = connection.execute(
        "SELECT account, principal, occurred_at FROM activity WHERE source_ip = %s ORDER BY occurred_at LIMIT 1",
        (address,),
    ).fetchall()
    with story.connect() as service:
        narrowing: list[dict[str, Any]] = [
            {"account": account}, {"principal": principal}, {"since": at}, {"principal": address},
        ]  # fmt: skip
        for words in narrowing:
            holds.add(service, "case-7", "court of Berne", OPERATOR, **words)
            for dry_run in (True, False):
                with pytest.raises(Held, match=r"the hold case-7 keeps .* .court of Berne"):
                    forget(connection, address, "asked", OPERATOR, dry_run)
            with pytest.raises(MalformedWords, match="already"):
                holds.add(service, "case-7", "again", OPERATOR, account=account)
            holds.release(service, "case-7", OPERATOR)
        with pytest.raises(MalformedWords, match="no hold case-7; and no other"):
            holds.release(service, "case-7", OPERATOR)
        holds.add(service, "other", "elsewhere", OPERATOR, account="999999999999")
        holds.add(service, "later", "later", OPERATOR, since=parse_instant("2090-01-01T00:00:00Z"))
        assert [each.name for each in holds.holds(service)] == ["later", "other"]
        for account_id in ("", "7"):
            with pytest.raises(MalformedWords):
                holds.add(service, "bad", "because", OPERATOR, account=account_id)
        with pytest.raises(MalformedWords):
            holds.add(service, "no name", "because", OPERATOR, account=account)
    assert forget(connection, address, "asked", OPERATOR).calls > 0


def counts(connection: psycopg.Connection[Any]) -> tuple[int, ...]:
    [found] = connection.execute(
        "SELECT (SELECT count(*) FROM evidence_block WHERE block_id IN (SELECT block_id FROM activity)), "
        "(SELECT count(*) FROM activity), (SELECT count(*) FROM decision)"
    ).fetchall()
    return tuple(found)


def test_retention(story: Database, connection: psycopg.Connection[Any]) -> None:
    [(today,)] = connection.execute("SELECT current_date::text").fetchall()
    decided(connection, "2020-01-01", "old")
    decided(connection, "2020-01-01", "held")
    decided(connection, today, "new")
    blocks, calls, decisions = counts(connection)
    assert blocks and calls and decisions == 3
    with story.connect() as service:
        # The server's rights do not suffice to delete anything by itself.
        for table in ("activity", "evidence_block", "decision"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(f"DELETE FROM {table}")
        holds.add(service, "one", "why", OPERATOR, principal="held")
        assert [(each.kind, each.deleted) for each in retention.apply(service, OPERATOR)] == [("decisions", 1)]
        assert counts(connection) == (blocks, calls, 2)
        assert [(each.kind, each.days, each.is_default) for each in retention.periods(service)] == [
            ("evidence", None, True), ("activity", None, True), ("decisions", 400, True),
        ]  # fmt: skip
        # What nobody decided is a year at least, whoever asks.
        assert service.execute("SELECT deleted FROM apply_retention('decisions', 1)").fetchone() == (0,)
        for kind, days in (("evidence", 0), ("evidence", 10**6), ("log", 3)):
            with pytest.raises(MalformedWords):
                retention.set_period(service, kind, days, OPERATOR)

        retention.set_period(service, "evidence", 30, OPERATOR)
        holds.add(service, "all", "everything", OPERATOR, since=parse_instant("2000-01-01T00:00:00Z"))
        assert retention.apply(service, OPERATOR) == []
        holds.release(service, "all", OPERATOR)
        [applied] = retention.apply(service, OPERATOR)
        assert (applied.kind, applied.deleted) == ("evidence", blocks)
        assert counts(connection) == (0, calls, 2)
        retention.set_period(service, "activity", 30, OPERATOR)
        retention.set_period(service, "decisions", None, OPERATOR)
        [(account, principal)] = service.execute("SELECT account, principal FROM activity LIMIT 1").fetchall()
        holds.add(service, "a", "why", OPERATOR, principal=principal, account=account)
        [kept] = service.execute(
            "SELECT count(*) FROM activity WHERE %s IN (principal, session, access_key)", (principal,)
        ).fetchall()
        assert [each.kind for each in retention.apply(service, OPERATOR)] == ["activity"]
        assert counts(connection)[1:] == (kept[0], 2)
        gone = retention.gone_before(service)
    assert sorted(gone) == ["activity", "decisions", "evidence"]
    done = erstwhile(story, "status")
    assert done.returncode == 0 and "evidence from before" in done.stdout, done.stderr


RECORD = "02f44daa-6735-5480-8768-3c4b225e8ecd"
"""One of the demonstration's."""


def test_rules_on_the_command_line(story: Database) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = erstwhile(story, *arguments)
        return done.returncode, done.stdout + done.stderr

    assert run("forget", "203.0.113.9")[0] == 2
    assert run("forget", "nobody", "--reason", "x")[1].startswith("nothing erasable")
    assert run("forget", BOT, "--dry-run")[1].endswith("would be erased\n")
    assert run("hold", "add", "x", "--reason", "why", "--account", "111122223333") == (0, "x is held\n")
    _, text = run("hold", "list", "--json")
    assert orjson.loads(text)[0]["account"] == "111122223333"
    assert run("hold", "release", "y")[0] == 1
    assert run("hold", "release", "x") == (0, "x is released\n")
    assert run("retention", "set", "evidence", "90") == (0, "evidence: kept for 90 days\n")
    assert run("retention", "set", "evidence", "x")[0] == 2
    _, text = run("retention", "show", "--json")
    assert orjson.loads(text)[0] == {"kind": "evidence", "days": 90, "is_default": False, "applied": ""}
    assert "blocks of evidence from before" in run("retention", "apply")[1]
    status, text = run("evidence", RECORD)
    assert status == 1 and f"{RECORD} was erased, or it went for its age, as did what is from before 20" in text
